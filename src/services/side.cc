// side.cc: one input of a step, ready to be read.
#include "services/side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace tessera {

std::vector<std::string> Side::columns(bool with_words) const {
  std::vector<std::string> all;
  if (with_words) all = standardiser.columns();
  all.push_back(input->id);
  all.insert(all.end(), carried.begin(), carried.end());
  if (with_words) all.insert(all.end(), groups.begin(), groups.end());
  return all;
}

bool Side::has_required() const { return std::ranges::any_of(input->fields, &FieldSpec::required); }

const Input& input_called(const Job& job, const std::string& name) {
  const auto found = std::ranges::find(job.inputs, name, &Input::name);
  assert(found != job.inputs.end());
  return *found;
}

Result<std::shared_ptr<const TokenKey>> id_key_of(const Bridge::Domain& domain, const Input& input) {
  TESSERA_ASSIGN(const SecretKey key, SecretKey::read(domain.key_file));
  TESSERA_ASSIGN(TokenKey ids,
                 TokenKey::derive(key, domain.domain, "id." + (domain.name.empty() ? input.name : domain.name)));
  return std::make_shared<const TokenKey>(std::move(ids));
}

Result<bool> SideReader::next(Morsel& morsel, RawBatch& raw, std::vector<Reject>& rejects) {
  TESSERA_ASSIGN(const bool more, morsel.next(raw, rejects));
  if (!more || !side_.id_key) return more;
  RawColumn& id = raw.columns[with_words_ ? side_.standardiser.columns().size() : 0];
  digits_.resize(raw.rows * 2 * token_bytes);
  texts_.assign(raw.rows, {});
  for (size_t row = 0; row < raw.rows; ++row) {
    if (id.null(row)) continue;
    const std::string digits =
        hex_of(id.form == RawColumn::Form::text ? side_.id_key->token(id.text(row))
                                                : side_.id_key->token(std::to_string(id.numbers[row])));
    char* to = digits_.data() + row * digits.size();
    std::ranges::copy(digits, to);
    texts_[row] = {to, digits.size()};
  }
  id = {.form = RawColumn::Form::text, .texts = texts_};
  return true;
}

Result<Side> make_side(const Job& job, const Input& input, InputShape shape, std::vector<WordSpec> words) {
  TESSERA_ASSIGN(Standardiser standardiser, Standardiser::make(input, job.lists, words));
  Side side{
      .input = &input, .shape = std::move(shape), .words = std::move(words), .standardiser = std::move(standardiser)};
  for (const WordSpec& word : side.words)
    side.kinds.push_back(std::ranges::find(input.fields, word.field, &FieldSpec::name)->kind);
  for (const OutputColumn& column : job.output.columns)
    if (column.input == input.name) side.carried.push_back(column.column);
  for (const std::string& column : side.columns(false)) {
    const auto found = std::ranges::find(side.shape.columns, column);
    if (found == side.shape.columns.end())
      return fail(ErrorCode::usage, fmt::format("the input \"{}\" has no column \"{}\"", input.name, column));
    side.out_forms.push_back(side.shape.forms[static_cast<size_t>(found - side.shape.columns.begin())]);
  }
  if (!job.bridge || job.link.empty()) return side;  // without a link: bridge_ids.cc
  if (const auto& domain = input.name == job.link[0].from ? job.bridge->from : job.bridge->to) {
    TESSERA_ASSIGN(side.id_key, id_key_of(*domain, input));
    side.out_forms[0] = RawColumn::Form::text;
  }
  return side;
}

void drop_missing_ids(const RawBatch& raw, const RawColumn& id, WordBatch& words, std::vector<Reject>& rejects) {
  if (id.form != RawColumn::Form::text && id.present.empty()) return;
  const auto raw_row = [&](size_t i) { return words.raw_row.empty() ? static_cast<uint32_t>(i) : words.raw_row[i]; };
  size_t first = 0;
  while (first < words.rows && !id.null(raw_row(first))) ++first;
  if (first == words.rows) return;
  std::vector<uint32_t> kept, rows;  // of the batch, of the raw one
  for (size_t i = 0; i < words.rows; ++i) {
    const uint32_t row = raw_row(i);
    if (id.null(row)) {
      rejects.push_back({.row = raw.place(row), .reason = RejectReason::id_missing});
      continue;
    }
    kept.push_back(static_cast<uint32_t>(i));
    rows.push_back(row);
  }
  words.keep(kept);
  words.raw_row = std::move(rows);
}

void words_again(const Side& side, const RawBatch& raw, bool with_words, WordBatch& words, std::vector<Reject>& rejects,
                 Standardiser::Scratch& scratch) {
  if (with_words) {
    side.standardiser.run(raw, words, rejects, scratch);
  } else {
    words = {.rows = raw.rows};
  }
  drop_missing_ids(raw, side.outputs(raw, with_words)[0], words, rejects);
  rejects.clear();
}

std::vector<OutColumn> out_columns(const Side& side, const std::string& id_name) {
  const auto type_of = [](RawColumn::Form form) {
    switch (form) {
      case RawColumn::Form::text: return OutType::text;
      case RawColumn::Form::number: return OutType::int64;
      case RawColumn::Form::day: return OutType::date;
    }
    return OutType::text;
  };
  // Rows without an id are rejected. Ids have too many values for a dictionary.
  std::vector<OutColumn> columns{{id_name, type_of(side.out_forms[0]), false, true}};
  for (size_t i = 0; i < side.carried.size(); ++i)
    columns.push_back({side.input->name + "_" + side.carried[i], type_of(side.out_forms[i + 1])});
  return columns;
}

}  // namespace tessera
