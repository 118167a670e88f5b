// evaluate_read.cc: how do files of links, truth and clusters become numbers? (see evaluate_read.h)
#include "services/evaluate_read.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>

#include "base/interrupt.h"
#include "base/text.h"
#include "read/read.h"

namespace tessera {

uint32_t IdNumbers::number(uint64_t input, std::string_view id) {
  const uint64_t hash = XXH3_64bits_withSeed(id.data(), id.size(), input) | 1;
  const auto place = [&](const std::vector<Slot>& in, uint64_t of) {
    size_t at = of >> 20 & (in.size() - 1);
    while (in[at].hash != 0 && in[at].hash != of) at = (at + 1) & (in.size() - 1);
    return at;
  };
  size_t at = place(slots_, hash);
  if (slots_[at].hash == hash) return slots_[at].number;
  if ((uint64_t{used_} + 1) * 4 > slots_.size() * 3) {
    std::vector<Slot> larger(slots_.size() * 2);
    for (const Slot& slot : slots_)
      if (slot.hash != 0) larger[place(larger, slot.hash)] = slot;
    slots_.swap(larger);
    at = place(slots_, hash);
  }
  slots_[at] = {hash, used_};
  return used_++;
}

std::string_view value_text(const RawColumn& column, size_t row, std::string& buffer) {
  if (column.null(row)) return {};
  if (column.form == RawColumn::Form::text) return column.text(row);
  buffer.clear();
  fmt::format_to(std::back_inserter(buffer), "{}", column.numbers[row]);
  return buffer;
}

Result<EvaluateTable> EvaluateTable::open(std::string what, const std::vector<std::string>& paths) {
  EvaluateTable table;
  table.what_ = std::move(what);
  table.input_.name = table.what_;
  table.input_.paths = paths;
  table.input_.digest = Digest::none;
  for (const std::string& path : paths)
    if (!std::filesystem::exists(path)) return fail(ErrorCode::usage, fmt::format("there is no file {}", path));
  TESSERA_ASSIGN(const InputShape shape, look_at(table.input_));
  table.columns_ = shape.columns;
  return table;
}

std::string EvaluateTable::find(std::span<const std::string_view> names) const {
  for (const std::string_view name : names)
    if (std::ranges::find(columns_, name) != columns_.end()) return std::string(name);
  return {};
}

Result<std::string> EvaluateTable::need(std::span<const std::string_view> names) const {
  const std::string name = find(names);
  if (!name.empty()) return name;
  std::vector<std::string> asked(names.begin(), names.end());
  return fail(ErrorCode::usage, fmt::format("{} has no column {}\nhelp: its columns are {}", input_.paths[0],
                                            joined(asked, " or "), joined(columns_)));
}

Status EvaluateTable::read(const std::vector<std::string>& columns, const EachRow& each) const {
  Input input = input_;
  input.id = columns.front();
  TESSERA_ASSIGN(const std::unique_ptr<Source> source, open_source(input, columns));
  const ReadScratchPtr scratch = make_read_scratch();
  std::vector<Reject> rejects;
  RawBatch batch;
  while (true) {
    TESSERA_TRY(check_interrupted());
    TESSERA_ASSIGN(const std::unique_ptr<Morsel> morsel, source->next());
    if (!morsel) break;
    use_scratch(*morsel, *scratch);
    while (true) {
      TESSERA_ASSIGN(const bool more, morsel->next(batch, rejects));
      if (!rejects.empty())
        return fail(ErrorCode::data, fmt::format("{} has a row that cannot be read: {}", input.paths[morsel->file()],
                                                 reason_text(rejects.front().reason)));
      if (!more) break;
      for (size_t row = 0; row < batch.rows; ++row) TESSERA_TRY(each(batch, row));
    }
  }
  return {};
}

}  // namespace tessera
