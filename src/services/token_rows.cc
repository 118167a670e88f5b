#include "services/token_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "kernels/date.h"
#include "services/filter_rows.h"

namespace tessera {
namespace {

const FieldSpec* field_called(const Input& input, const std::string& name) {
  const auto found = std::ranges::find(input.fields, name, &FieldSpec::name);
  return found == input.fields.end() ? nullptr : &*found;
}

// Where a row of the words came from.
uint32_t raw_row_of(const WordBatch& words, size_t i) {
  return words.raw_row.empty() ? static_cast<uint32_t>(i) : words.raw_row[i];
}

std::string_view hex_view(const Token& token, char* at) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (size_t i = 0; i < token_bytes; ++i) {
    at[2 * i] = digits[std::to_integer<size_t>(token[i] >> 4)];
    at[2 * i + 1] = digits[std::to_integer<size_t>(token[i] & std::byte{15})];
  }
  return {at, 2 * token_bytes};
}

// One view for each of `rows` tokens; where `present` is 0, null. `token(i)`: the token of a row.
void hex_views(size_t rows, std::span<const uint8_t> present, std::string& characters,
               std::vector<std::string_view>& out, const auto& token) {
  characters.resize(2 * token_bytes * rows);
  out.resize(rows);
  for (size_t i = 0; i < rows; ++i)
    out[i] = !present.empty() && present[i] == 0 ? std::string_view{}
                                                 : hex_view(token(i), characters.data() + 2 * token_bytes * i);
}

void append_raw(const RawColumn& raw, size_t row, std::string& out) {
  if (raw.form == RawColumn::Form::text) {
    out += raw.text(row);
    return;
  }
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, raw.numbers[row]).ptr);
}

// Of these nearly every row has another; of others a dictionary is short.
bool is_distinct(const TokenSpec& token, Kind kind) {
  return kind == Kind::nhs_number || (kind == Kind::postcode && token.part == Part::whole) ||
         ((kind == Kind::code || kind == Kind::text || kind == Kind::token) && token.part == Part::whole);
}

}  // namespace

size_t TokenRows::want(WordSpec spec) {
  const auto found = std::ranges::find(words_, spec);
  if (found != words_.end()) return static_cast<size_t>(found - words_.begin());
  words_.push_back(std::move(spec));
  return words_.size() - 1;
}

Result<size_t> TokenRows::key_of(const std::string& space, std::vector<std::string>& spaces, const Pseudonyms& how,
                                 const SecretKey& key) {
  const auto found = std::ranges::find(spaces, space);
  if (found != spaces.end()) return static_cast<size_t>(found - spaces.begin());
  TESSERA_ASSIGN(TokenKey derived, TokenKey::derive(key, how.domain, space));
  keys_.push_back(std::move(derived));
  spaces.push_back(space);
  return spaces.size() - 1;
}

Result<TokenRows> TokenRows::make(const Job& job, const Input& input, const TokenPlan& plan, const SecretKey* key) {
  const Pseudonyms& how = *job.pseudonyms;
  TokenRows out;
  out.binary_ = how.form == Pseudonyms::Form::binary ||
                (how.form == Pseudonyms::Form::automatic && job.output.format == FileFormat::parquet);
  out.keep_ids_ = how.keep_ids;
  Description& said = out.description_;
  said = {.domain = how.domain,
          .key_id = key != nullptr ? key->key_id() : "",
          .check = key != nullptr ? key->check() : "",
          .binary = out.binary_,
          .keeps_ids = how.keep_ids};
  for (const FieldSpec& field : input.fields) said.fields.push_back({field.name, field.kind});

  std::vector<std::string> spaces, taken{"id"};
  const auto take = [&](const std::string& name) -> Status {
    if (std::ranges::find(taken, name) != taken.end())
      return fail(
          ErrorCode::usage,
          fmt::format("two columns of {} would be called \"{}\"\nhelp: give the field another name", input.name, name));
    taken.push_back(name);
    return {};
  };
  const auto say = [&](const TokenSpec& token, Kind kind) {
    said.tokens.push_back({.name = token.name,
                           .field = token.field,
                           .space = token.space,
                           .kind = kind,
                           .part = token.part,
                           .swapped = token.swapped,
                           .ranks = token.ranks,
                           .moved = token.moved});
  };
  for (const TokenSpec& token : plan.tokens) {
    const FieldSpec* field = field_called(input, token.field);
    if (field == nullptr || token.moved) continue;
    TESSERA_TRY(take(token.name));
    TESSERA_ASSIGN(const size_t space, out.key_of(token.space, spaces, how, *key));
    out.tokens_.push_back({token, field->kind, out.want({token.field, token.part, {}}),
                           out.want({token.field, Part::whole, {}}), space,
                           field->kind == Kind::date ? DateTokens::make(token, *field, out.keys_[space]) : nullptr});
    say(token, field->kind);
  }
  // A difference is hashed with tokens of the same row: an input that lacks one of these has no such token.
  for (const TokenSpec& token : plan.tokens) {
    const FieldSpec* field = field_called(input, token.field);
    if (field == nullptr || !token.moved) continue;
    MovedPlace place{.spec = token, .kind = field->kind, .beside = {}};
    for (const std::string& name : token.moved->beside)
      if (const auto other = std::ranges::find(out.tokens_, name, [](const auto& each) { return each.spec.name; });
          other != out.tokens_.end())
        place.beside.push_back(static_cast<size_t>(other - out.tokens_.begin()));
    if (place.beside.size() != token.moved->beside.size()) continue;
    TESSERA_TRY(take(token.name));
    TESSERA_ASSIGN(place.key, out.key_of(token.space, spaces, how, *key));
    place.word = out.want({token.field, Part::whole, {}});
    out.moved_.push_back(std::move(place));
    say(token, field->kind);
  }
  if (out.tokens_.empty() && !job.encode)
    return fail(ErrorCode::usage,
                fmt::format("input \"{}\" has none of the fields that the passes compare", input.name));
  for (const FlagSpec& flag : plan.flags) {
    if (field_called(input, flag.unless.field) == nullptr) continue;
    TESSERA_TRY(take(flag.name));
    const std::string list = flag.unless.what == Unless::What::on_list ? flag.unless.list : "";
    out.flags_.push_back({flag, out.want({flag.unless.field, Part::whole, list})});
    said.flags.emplace_back(flag.name, flag.unless.field);
  }
  for (const std::string& name : how.clear) {
    const FieldSpec* field = field_called(input, name);
    if (field == nullptr) continue;
    TESSERA_TRY(take(name));
    out.clear_.push_back(
        {{.name = name, .field = name, .space = {}, .ranks = {}}, field->kind, out.want({name, Part::whole, {}})});
    said.clear.push_back({name, field->kind});
  }
  for (const OutputColumn& group : how.groups) {
    if (group.input != input.name) continue;
    TESSERA_TRY(take(group.column));
    said.groups.push_back(group.column);
    TESSERA_ASSIGN(TokenKey derived, TokenKey::derive(*key, how.domain, "group." + group.column));
    out.keys_.push_back(std::move(derived));
  }
  if (job.encode) TESSERA_TRY(take(filter_column));
  if (key == nullptr) return out;
  TESSERA_ASSIGN(TokenKey ids, TokenKey::derive(*key, how.domain, "id." + input.name));
  out.keys_.push_back(std::move(ids));
  return out;
}

std::vector<OutColumn> TokenRows::columns() const {
  const auto type_of = [](RawColumn::Form form) {
    return form == RawColumn::Form::text  ? OutType::text
           : form == RawColumn::Form::day ? OutType::date
                                          : OutType::int64;
  };
  std::vector<OutColumn> out{{"id", keep_ids_ ? type_of(id_form_) : OutType::text, false, true}};
  for (const TokenPlace& token : tokens_) {
    out.push_back(
        {token.spec.name, binary_ ? OutType::token : OutType::text, true, is_distinct(token.spec, token.kind)});
    if (binary_ && token.dates != nullptr) out.back().dictionary = token.dates->tokens();
  }
  for (const MovedPlace& token : moved_)
    out.push_back({token.spec.name, binary_ ? OutType::token : OutType::text, true, true});
  for (const FlagPlace& flag : flags_) out.push_back({flag.spec.name, OutType::boolean, false});
  for (const ClearPlace& clear : clear_)
    out.push_back({clear.whole.name, clear.kind == Kind::date      ? OutType::date
                                     : clear.kind == Kind::integer ? OutType::int64
                                                                   : OutType::text});
  for (const std::string& group : description_.groups) out.push_back({group, OutType::text, true, true});
  if (description_.filter) out.push_back({filter_column, OutType::text, false, true});
  return out;
}

std::string TokenRows::description() const { return description_json(description_); }

TokenRows::Buffers TokenRows::buffers() const {
  Buffers out;
  for (const TokenPlace& token : tokens_)
    out.columns.emplace_back(token.spec, token.kind, keys_[token.key], token.dates.get());
  for (const MovedPlace& token : moved_) out.moved.emplace_back(token.spec, token.kind, keys_[token.key]);
  const size_t columns =
      1 + tokens_.size() + moved_.size() + flags_.size() + clear_.size() + description_.groups.size();
  out.texts.resize(columns);
  out.numbers.resize(columns);
  out.present.resize(columns);
  out.characters.resize(columns);
  return out;
}

size_t TokenRows::texts_kept(const Standardiser& standardiser, const Standardiser::Scratch& scratch) const {
  size_t count = 0;
  std::string last;
  for (const WordSpec& word : words_) {
    if (word.field != last) count += standardiser.texts(scratch, word.field).size();
    last = word.field;
  }
  return count;
}

void TokenRows::make_ids(const RawColumn& id, const WordBatch& words, Buffers& buffers, OutBatch& out) const {
  const size_t rows = words.rows;
  if (!keep_ids_) return make_raw(id, words, keys_.back(), 0, buffers, out);
  if (id.form == RawColumn::Form::text) {
    buffers.texts[0].resize(rows);
    for (size_t i = 0; i < rows; ++i) buffers.texts[0][i] = id.text(raw_row_of(words, i));
    out.columns.push_back({.texts = buffers.texts[0]});
  } else {
    buffers.numbers[0].resize(rows);
    for (size_t i = 0; i < rows; ++i) buffers.numbers[0][i] = id.numbers[raw_row_of(words, i)];
    out.columns.push_back({.numbers = buffers.numbers[0]});
  }
}

void TokenRows::make_raw(const RawColumn& raw, const WordBatch& words, const TokenKey& key, size_t column,
                         Buffers& buffers, OutBatch& out) const {
  const size_t rows = words.rows;
  std::string text;
  std::vector<size_t> ends(rows);
  std::vector<uint8_t>& present = buffers.present[column];
  present.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    const size_t row = raw_row_of(words, i);
    present[i] = !raw.null(row);
    if (present[i] != 0) append_raw(raw, row, text);
    ends[i] = text.size();
  }
  std::vector<std::string_view>& values = buffers.texts[column];
  values.resize(rows);
  for (size_t i = 0, begin = 0; i < rows; begin = ends[i++])
    values[i] = std::string_view(text).substr(begin, ends[i] - begin);
  buffers.ids.resize(rows);
  key.tokens(values, buffers.ids.data());
  hex_views(rows, present, buffers.characters[column], buffers.texts[column],
            [&](size_t i) -> const Token& { return buffers.ids[i]; });
  out.columns.push_back({.texts = buffers.texts[column]});
}

void TokenRows::make_clear(const ClearPlace& clear, const WordBatch& words, const LongTexts& texts, size_t column,
                           Buffers& buffers, OutBatch& out) const {
  const std::vector<uint64_t>& word = words.words[clear.word];
  auto& present = buffers.present[column];
  auto& numbers = buffers.numbers[column];
  if (clear.kind == Kind::date || clear.kind == Kind::integer) {
    numbers.assign(words.rows, 0);
    present.resize(words.rows);
    for (size_t i = 0; i < words.rows; ++i) {
      present[i] = clear.kind == Kind::date ? full_date(word[i]) : word[i] != 0;
      if (present[i] != 0)
        numbers[i] = clear.kind == Kind::date ? day_number(word[i]) : static_cast<int64_t>(word[i] - integer_bias);
    }
    out.columns.push_back({.numbers = numbers, .present = present});
    return;
  }
  std::string& characters = buffers.characters[column];
  characters.clear();
  std::vector<size_t> ends(words.rows);
  for (size_t i = 0; i < words.rows; ++i) {
    if (word[i] != 0) append_canonical(clear.whole, clear.kind, word[i], word[i], texts, characters);
    ends[i] = characters.size();
  }
  auto& views = buffers.texts[column];
  views.resize(words.rows);
  for (size_t i = 0, begin = 0; i < words.rows; begin = ends[i++])
    views[i] = word[i] == 0 ? std::string_view{} : std::string_view(characters).substr(begin, ends[i] - begin);
  out.columns.push_back({.texts = views});
}

OutBatch TokenRows::make(const RawColumn& id, std::span<const RawColumn> groups, const WordBatch& words,
                         const Standardiser& standardiser, const Standardiser::Scratch& scratch,
                         Buffers& buffers) const {
  OutBatch out{.rows = words.rows};
  make_ids(id, words, buffers, out);
  size_t column = 1;
  const auto words_of = [&](size_t at) { return std::span(words.words[at]).first(words.rows); };
  for (size_t t = 0; t < tokens_.size(); ++t, ++column) {
    const TokenPlace& token = tokens_[t];
    TokenColumn& made = buffers.columns[t];
    made.make(words_of(token.word), words_of(token.whole), standardiser.texts(scratch, token.spec.field));
    if (binary_) {
      out.columns.push_back({.present = made.present(), .tokens = made.tokens(), .places = made.places()});
      continue;
    }
    hex_views(words.rows, made.present(), buffers.characters[column], buffers.texts[column],
              [&](size_t i) -> const Token& { return made.token(i); });
    out.columns.push_back({.texts = buffers.texts[column]});
  }
  std::vector<const TokenColumn*> beside;
  for (size_t m = 0; m < moved_.size(); ++m, ++column) {
    beside.clear();
    for (const size_t at : moved_[m].beside) beside.push_back(&buffers.columns[at]);
    MovedColumn& made = buffers.moved[m];
    made.make(words_of(moved_[m].word), beside);
    if (binary_) {
      out.columns.push_back({.present = made.present(), .tokens = made.tokens()});
      continue;
    }
    hex_views(words.rows, made.present(), buffers.characters[column], buffers.texts[column],
              [&](size_t i) -> const Token& { return made.token(i); });
    out.columns.push_back({.texts = buffers.texts[column]});
  }
  for (const FlagPlace& flag : flags_) {
    auto& numbers = buffers.numbers[column++];
    numbers.resize(words.rows);
    const std::vector<uint64_t>& word = words.words[flag.word];
    for (size_t i = 0; i < words.rows; ++i) numbers[i] = flag_holds(flag.spec.unless, word[i]);
    out.columns.push_back({.numbers = numbers});
  }
  for (const ClearPlace& clear : clear_) {
    make_clear(clear, words, standardiser.texts(scratch, clear.whole.field), column, buffers, out);
    ++column;
  }
  // Their keys lie before that of the ids.
  const size_t first_key = keys_.size() - 1 - groups.size();
  for (size_t g = 0; g < groups.size(); ++g, ++column)
    make_raw(groups[g], words, keys_[first_key + g], column, buffers, out);
  return out;
}

std::string describe_tokens(const Job& job, const TokenPlan& plan) {
  const auto kind_of = [&](const std::string& name) {
    for (const Input& input : job.inputs)
      if (const FieldSpec* field = field_called(input, name)) return field->kind;
    return Kind::text;
  };
  struct Line {
    std::string name, space, ranks, reveals;
  };
  std::vector<Line> lines{{"token", "namespace", "serves ranks", "reveals"}};
  for (const TokenSpec& token : plan.tokens) {
    std::vector<std::string> ranks;
    for (const int rank : token.ranks) ranks.push_back(std::to_string(rank));
    lines.push_back({token.name, token.moved ? "of the pass" : token.space, joined(ranks, " "),
                     reveals(token, kind_of(token.field))});
  }
  const Pseudonyms& how = *job.pseudonyms;
  for (const FlagSpec& flag : plan.flags) lines.push_back({flag.name, "flag", "", "which records it holds for"});
  for (const std::string& name : how.clear) lines.push_back({name, "clear", "", "its values"});
  for (const OutputColumn& group : how.groups)
    lines.push_back({group.column, "group." + group.column, "", "which rows of " + group.input + " are of one"});
  lines.push_back({"id", how.keep_ids ? "clear" : "id.INPUT", "",
                   how.keep_ids ? "its values" : "nothing but which rows are of one id"});

  std::string text = fmt::format("\ntokens of domain {}, for {}\n\n", how.domain,
                                 how.passes_name.empty() ? "the passes of the job" : how.passes_name);
  const auto width = [&](std::string Line::* column) {
    size_t most = 0;
    for (const Line& line : lines) most = std::max(most, (line.*column).size());
    return most;
  };
  const size_t name = width(&Line::name), space = width(&Line::space), rank = width(&Line::ranks);
  for (const Line& line : lines)
    text += fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", line.name, name, line.space, space, line.ranks, rank,
                        line.reveals);
  return text;
}

}  // namespace tessera
