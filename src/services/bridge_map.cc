#include "services/bridge_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "record/words.h"
#include "services/bridge_read.h"

namespace tessera {

bool PseudonymNumbers::words(const RawColumn& column, std::span<const uint32_t> rows,
                             std::vector<uint64_t>& out) const {
  out.resize(rows.size());
  bool all_fit = true;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (column.form != RawColumn::Form::text) {
      out[i] = column.null(rows[i]) ? 0 : word(std::to_string(column.numbers[rows[i]]));
      all_fit &= column.null(rows[i]) || out[i] != 0;
    } else {
      const std::string_view text = column.text(rows[i]);
      out[i] = word(text);
      all_fit &= text.empty() || out[i] != 0;
    }
  }
  return all_fit;
}

size_t PseudonymNumbers::place(uint64_t word) const {
  size_t at = home(word);
  while (slots_[at].word != 0 && slots_[at].word != word) at = (at + 1) & (slots_.size() - 1);
  return at;
}

uint32_t PseudonymNumbers::number(uint64_t word) {
  assert(word != 0);
  if (size_t{used_} * 2 >= slots_.size()) {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.word != 0) slots_[place(slot.word)] = slot;
  }
  Slot& slot = slots_[place(word)];
  if (slot.word == 0) slot = {word, used_++};
  return slot.number;
}

void PseudonymNumbers::find(std::span<const uint64_t> words, std::vector<uint32_t>& numbers) const {
  constexpr size_t ahead = 32;
  numbers.resize(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (i + ahead < words.size()) __builtin_prefetch(&slots_[home(words[i + ahead])]);
    numbers[i] = words[i] == 0 ? none : slots_[place(words[i])].number;
  }
}

namespace {

// A number as it stands in Parquet, or in a text.
Result<double> number_in(const RawColumn& column, size_t row, const std::string& path) {
  if (column.null(row)) return 0.0;
  if (column.form != RawColumn::Form::text) return static_cast<double>(column.numbers[row]);
  const std::string text(column.text(row));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0')
    return fail(ErrorCode::data, fmt::format("{}: a rank, weight or probability is no number", path));
  return value;
}

}  // namespace

Result<BridgeMap> BridgeMap::read(const std::string& path) {
  Input input;
  input.name = "bridge";
  input.paths = {path};
  input.id = "from_pseudonym";
  input.digest = Digest::none;
  TESSERA_ASSIGN(const InputShape shape, look_at(input));
  const auto has = [&](const char* name) { return std::ranges::find(shape.columns, name) != shape.columns.end(); };
  std::vector<std::string> columns{"from_pseudonym", "to_pseudonym"};
  const bool ranked = has("rank"), weighed = has("weight") && has("probability");
  if (!has("from_pseudonym") || !has("to_pseudonym") || (!ranked && !weighed))
    return fail(ErrorCode::data,
                fmt::format("{}: is no bridging file: it lacks from_pseudonym, to_pseudonym, or both of rank "
                            "and probability\nhelp: tessera bridge writes one",
                            path));
  if (ranked) columns.emplace_back("rank");
  if (weighed) columns.insert(columns.end(), {"weight", "probability"});

  BridgeMap out;
  std::vector<uint32_t> from, to;
  std::string buffers[2];
  TESSERA_TRY(each_bridge_batch(input, columns, [&](const RawBatch& raw) -> Status {
    for (size_t row = 0; row < raw.rows; ++row) {
      const std::string_view from_text = text_of_value(raw.columns[0], row, buffers[0]);
      const std::string_view to_text = text_of_value(raw.columns[1], row, buffers[1]);
      if (from_text.empty() || to_text.empty())
        return fail(ErrorCode::data, fmt::format("{}: row {} lacks a pseudonym", path, from.size() + 1));
      if (from.empty()) {
        out.from_.like(from_text);
        out.to_.like(to_text);
      }
      const uint64_t from_word = out.from_.word(from_text), to_word = out.to_.word(to_text);
      if (from_word == 0 || to_word == 0) return not_a_pseudonym(fmt::format("{}: row {}", path, from.size() + 1));
      from.push_back(out.from_.number(from_word));
      const uint32_t known = out.to_.size();
      to.push_back(out.to_.number(to_word));
      if (to.back() == known) {
        out.to_bytes_ += to_text;
        out.to_starts_.push_back(out.to_bytes_.size());
      }
      size_t column = 2;
      if (ranked) {
        TESSERA_ASSIGN(const double rank, number_in(raw.columns[column++], row, path));
        out.ranks_.push_back(static_cast<int64_t>(rank));
      }
      if (weighed) {
        TESSERA_ASSIGN(const double weight, number_in(raw.columns[column], row, path));
        TESSERA_ASSIGN(const double probability, number_in(raw.columns[column + 1], row, path));
        out.weights_.push_back(weight);
        out.probabilities_.push_back(probability);
      }
    }
    return {};
  }));
  if (from.size() >= UINT32_MAX)
    return fail(ErrorCode::resource, fmt::format("{}: has more than 4,294,967,294 pairs", path));
  out.starts_.resize(size_t{out.from_.size()} + 1);
  for (const uint32_t each : from) ++out.starts_[each + 1];
  std::inclusive_scan(out.starts_.begin(), out.starts_.end(), out.starts_.begin());
  out.partners_.resize(from.size());
  std::vector<uint64_t> next = out.starts_;
  for (uint32_t row = 0; row < from.size(); ++row) out.partners_[next[from[row]]++] = {to[row], row};
  return out;
}

std::unexpected<Error> not_a_pseudonym(const std::string& where) {
  return fail(
      ErrorCode::data,
      fmt::format("{}: a pseudonym is no token, and those of the bridging file are: 32 hex digits in lower case "
                  "are wanted\nhelp: name the column that holds them as they were made",
                  where));
}

std::unexpected<Error> not_a_pseudonym(const Input& input, const std::string& column) {
  return not_a_pseudonym(fmt::format("input \"{}\": column {}", input.name, column.empty() ? input.id : column));
}

}  // namespace tessera
