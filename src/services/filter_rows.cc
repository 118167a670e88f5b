#include "services/filter_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "kernels/date.h"

namespace tessera {

Result<FilterRows> FilterRows::make(const Encode& how, const FilterSchema& schema, std::span<const std::byte> secret,
                                    Input& input, std::vector<WordSpec>& words) {
  TESSERA_ASSIGN(FilterEncoder encoder, FilterEncoder::make(schema, secret, how.harden));
  FilterRows out(std::move(encoder));
  for (size_t i = 0; i < schema.features.size(); ++i) {
    const FilterFeature& feature = schema.features[i];
    if (feature.ignored) continue;
    FeaturePlace place{.feature = i, .whole = {}};
    const auto mapped =
        std::ranges::find(how.features, feature.identifier, &std::pair<std::string, std::string>::first);
    if (mapped == how.features.end()) {
      place.column = true;
      place.place = out.columns_.size();
      // A field of that name may be there for the tokens.
      const auto same = std::ranges::find(input.fields, feature.identifier, &FieldSpec::name);
      place.field = static_cast<int32_t>(same - input.fields.begin());
      if (same == input.fields.end()) {
        FieldSpec field;
        field.name = feature.identifier;
        field.columns = {feature.identifier};
        input.fields.push_back(std::move(field));
      }
      out.columns_.push_back(feature.identifier);
    } else {
      const auto field = std::ranges::find(input.fields, mapped->second, &FieldSpec::name);
      if (field == input.fields.end())  // the job was checked without its files
        return fail(ErrorCode::usage, fmt::format("input \"{}\" has no field \"{}\"", input.name, mapped->second));
      const WordSpec word{field->name, Part::whole, {}};
      const auto there = std::ranges::find(words, word);
      place.place = static_cast<size_t>(there - words.begin());
      if (there == words.end()) words.push_back(word);
      place.field = static_cast<int32_t>(field - input.fields.begin());
      place.whole = {.name = field->name, .field = field->name, .space = {}, .ranks = {}};
      place.kind = field->kind;
    }
    out.places_.push_back(std::move(place));
  }
  return out;
}

Result<FilterRows::Buffers> FilterRows::buffers() const {
  TESSERA_ASSIGN(auto scratch, encoder_.scratch());
  return Buffers{.scratch = std::move(scratch), .filters = {}, .characters = {}, .text = {}, .value = {}, .views = {}};
}

// False: the value does not fit.
bool FilterRows::add(const FeaturePlace& place, std::span<const RawColumn> raw_columns, uint32_t raw_row,
                     const WordBatch& words, size_t row, const LongTexts& texts, Buffers& buffers) const {
  const FeatureReader& reader = encoder_.feature(place.feature);
  std::string& text = buffers.text;
  text.clear();
  if (place.column) {
    const RawColumn& column = raw_columns[place.place];
    const FilterFeature& feature = encoder_.schema().features[place.feature];
    if (column.form == RawColumn::Form::text || column.null(raw_row)) {
      const std::string_view value = column.null(raw_row) ? std::string_view("") : column.text(raw_row);
      if (!reader.read(value, text)) return false;
    } else if (column.form == RawColumn::Form::number) {
      if (!reader.read(std::to_string(column.numbers[raw_row]), text)) return false;
    } else {
      const uint64_t day = word_of_day(column.numbers[raw_row]);
      const std::string date = fmt::format("{:04}-{:02}-{:02}", year_of(day), month_of(day), day_of(day));
      const bool is_date = feature.format == FilterFeature::Format::date;
      if (day == 0 || !(is_date ? reader.take(date, text) : reader.read(date, text))) return false;
    }
  } else {
    const uint64_t word = words.words[place.place][row];
    if (word == 0) return true;
    buffers.value.clear();
    append_canonical(place.whole, place.kind, word, word, texts, buffers.value);
    if (!reader.take(buffers.value, text)) return false;
  }
  return encoder_.add(place.feature, text, *buffers.scratch);
}

void FilterRows::encode(const RawBatch& raw, std::span<const RawColumn> raw_columns, WordBatch& words,
                        const Standardiser& standardiser, const Standardiser::Scratch& texts,
                        std::vector<Reject>& rejects, Buffers& buffers) const {
  std::vector<const LongTexts*> long_texts;
  for (const FeaturePlace& place : places_)
    long_texts.push_back(place.column ? nullptr : &standardiser.texts(texts, place.whole.field));
  static const LongTexts none;
  const size_t bytes = encoder_.bytes();
  buffers.filters.resize(bytes * words.rows);
  std::vector<uint32_t> kept;
  kept.reserve(words.rows);
  for (size_t i = 0; i < words.rows; ++i) {
    const uint32_t raw_row = words.raw_row.empty() ? static_cast<uint32_t>(i) : words.raw_row[i];
    encoder_.begin(*buffers.scratch);
    int32_t misfit = -1;
    for (size_t p = 0; p < places_.size() && misfit < 0; ++p) {
      const LongTexts& of_field = long_texts[p] != nullptr ? *long_texts[p] : none;
      if (!add(places_[p], raw_columns, raw_row, words, i, of_field, buffers)) misfit = places_[p].field;
    }
    if (misfit >= 0) {
      rejects.push_back({.row = raw.place(raw_row), .field = misfit, .reason = RejectReason::schema_misfit});
      continue;
    }
    encoder_.finish(*buffers.scratch, buffers.filters.data() + bytes * kept.size());
    for (auto& column : words.words) column[kept.size()] = column[i];
    kept.push_back(raw_row);
  }
  words.rows = kept.size();
  words.raw_row = std::move(kept);

  const size_t characters = base64_characters(bytes);
  buffers.characters.resize(characters * words.rows + 1);
  buffers.views.resize(words.rows);
  for (size_t i = 0; i < words.rows; ++i) {
    char* at = buffers.characters.data() + characters * i;
    write_base64(std::span(buffers.filters).subspan(bytes * i, bytes), at);
    buffers.views[i] = {at, characters};
  }
}

namespace {

std::string comparison_text(const FilterFeature& feature) {
  switch (feature.comparison) {
    case FilterFeature::Comparison::exact: return "the whole value";
    case FilterFeature::Comparison::ngram:
      return fmt::format("{}-grams{}", feature.n, feature.positional ? " with their place" : "");
    case FilterFeature::Comparison::numeric:
      return fmt::format("{} neighbours within {}", 2 * feature.resolution + 1, feature.distance);
  }
  return {};
}

}  // namespace

std::string describe_filters(const Encode& how, const FilterSchema& schema) {
  std::string text = fmt::format("\nfilters of {} bits by {}, under {}\n\n  {:<24} {:<24} {:<28} {:<20} {}\n",
                                 (schema.bits >> how.harden.folds) * (how.harden.balance ? 2 : 1), schema.path,
                                 how.key_file.empty() ? "a secret file" : "domain " + how.domain, "feature", "takes",
                                 "tokens", "bits set", "hash");
  for (const FilterFeature& feature : schema.features) {
    if (feature.ignored) continue;
    const auto mapped =
        std::ranges::find(how.features, feature.identifier, &std::pair<std::string, std::string>::first);
    text += fmt::format("  {:<24} {:<24} {:<28} {:<20} {}\n", feature.identifier,
                        mapped == how.features.end() ? "the column as it stands" : "field " + mapped->second,
                        comparison_text(feature),
                        fmt::format("{} a {}", feature.inserts, feature.per_feature ? "value" : "token"),
                        feature.hash == FilterFeature::Hash::blake ? "blakeHash" : "doubleHash");
  }
  if (schema.folds + how.harden.folds > 0) text += fmt::format("  folded {} times\n", schema.folds + how.harden.folds);
  if (how.harden.balance) text += "  balanced: half of the bits of every filter are set\n";
  if (schema.features_used() < filter_features_least)
    text +=
        fmt::format("  warning: with fewer than {} features, values can be guessed from the bits that go together\n",
                    filter_features_least);
  return text;
}

}  // namespace tessera
