// standardise.cc: what does a raw value mean? (see standardise.h)
#include "standardise/standardise.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "record/text_parts.h"
#include "standardise/columns.h"
#include "standardise/list_file.h"
#include "standardise/rules.h"
#include "standardise/word_set.h"

namespace tessera {

namespace {

// Where a word that was asked for comes from.
struct Wanted {
  enum class From : uint8_t { computed, derived, list } from = From::computed;
  size_t slot = 0;      // in WordBatch::words
  size_t computed = 0;  // computed: index in FieldPlan::parts
  Part part = Part::whole;
  const WordSet* list = nullptr;
};

struct FieldPlan {
  FieldRules rules;
  int32_t field = 0;        // index in Input::fields
  size_t first_column = 0;  // in RawBatch::columns
  size_t column_count = 0;
  bool from_parts = false;  // day, month, year
  bool has_day = false, has_month = false, has_year = false;
  std::vector<Part> parts;  // computed from the value; the first is whole
  std::vector<Wanted> outputs;
};

std::vector<std::string> columns_of(const FieldSpec& field) {
  std::vector<std::string> names = field.columns;
  if (names.empty())
    for (const std::string* name : {&field.day, &field.month, &field.year})
      if (!name->empty()) names.push_back(*name);
  return names;
}

// The part of every row's word, in the loop that its kind allows.
void derive_column(Kind kind, Part part, const uint64_t* whole, size_t rows, uint64_t* out) {
  for (size_t i = 0; i < rows; ++i) out[i] = derive_word(kind, part, whole[i]);
}

}  // namespace

struct Standardiser::State {
  Input input;
  std::vector<WordSpec> words;
  std::vector<std::string> columns;
  std::vector<FieldPlan> fields;
  std::map<std::pair<std::string, std::string>, WordSet> lists;  // (field, list)

  Status plan_field(size_t index);
  Status plan_word(size_t slot, FieldPlan& field);
  Status fill_lists(const std::vector<ListFile>& files);
  [[nodiscard]] const FieldPlan* find(const std::string& name) const {
    const auto found = std::ranges::find(fields, name, [](const FieldPlan& f) { return f.rules.field().name; });
    return found == fields.end() ? nullptr : &*found;
  }
};

class Standardiser::Scratch {
 public:
  std::vector<FieldScratch> fields;  // as State::fields
  std::vector<LongTexts> texts;      // the same; empty: not kept
  std::vector<TextLog> logs;         // the same
  bool places = false;               // of dictionaries, not words

  // What has been seen comes anew.
  void forget() {
    for (FieldScratch& field : fields) {
      field.memo = Memo{};
      field.dictionary_id = 0;
    }
  }
  std::vector<BadRow> bad;
};

Status Standardiser::State::plan_field(size_t index) {
  const FieldSpec& spec = input.fields[index];
  const bool wanted = std::ranges::find(words, spec.name, &WordSpec::field) != words.end();
  if (!wanted && !spec.required) return {};
  TESSERA_ASSIGN(FieldRules rules, FieldRules::make(input, spec));
  FieldPlan plan{
      .rules = std::move(rules), .field = static_cast<int32_t>(index), .parts = {Part::whole}, .outputs = {}};
  const std::vector<std::string> names = columns_of(spec);
  if (names.empty()) return fail(ErrorCode::usage, "field " + spec.name + ": it has no column");
  plan.first_column = columns.size();
  plan.column_count = names.size();
  plan.from_parts = spec.columns.empty();
  plan.has_day = !spec.day.empty();
  plan.has_month = !spec.month.empty();
  plan.has_year = !spec.year.empty();
  columns.insert(columns.end(), names.begin(), names.end());
  for (size_t slot = 0; slot < words.size(); ++slot)
    if (words[slot].field == spec.name) TESSERA_TRY(plan_word(slot, plan));
  fields.push_back(std::move(plan));
  return {};
}

Status Standardiser::State::plan_word(size_t slot, FieldPlan& plan) {
  const WordSpec& word = words[slot];
  const FieldSpec& spec = plan.rules.field();
  if (!word.list.empty()) {
    const WordSet& list = lists[{word.field, word.list}];  // a map's nodes stay where they are
    plan.outputs.push_back({Wanted::From::list, slot, 0, Part::whole, &list});
    return {};
  }
  if (!has_part(spec.kind, word.part))
    return fail(ErrorCode::usage, "field " + spec.name + ": its kind has no such part");
  if (word.part != Part::whole && !needs_text(spec, word.part)) {
    plan.outputs.push_back({Wanted::From::derived, slot, 0, word.part, nullptr});
    return {};
  }
  auto at = std::ranges::find(plan.parts, word.part);
  if (at == plan.parts.end()) at = plan.parts.insert(at, word.part);
  plan.outputs.push_back(
      {Wanted::From::computed, slot, static_cast<size_t>(at - plan.parts.begin()), word.part, nullptr});
  return {};
}

Status Standardiser::State::fill_lists(const std::vector<ListFile>& files) {
  TextBuffers buffers;
  for (auto& [key, set] : lists) {
    const auto& [field, name] = key;
    const auto file = std::ranges::find(files, name, &ListFile::name);
    if (file == files.end()) return fail(ErrorCode::usage, "field " + field + ": there is no list \"" + name + "\"");
    TESSERA_ASSIGN(const std::vector<std::string> values, read_list(*file));
    const FieldRules& rules = find(field)->rules;
    for (const std::string& value : values)
      if (!rules.missing().match(value)) set.add(rules.whole(value, buffers).word);
    if (set.size() == 0)
      return fail(ErrorCode::data, "list " + name + ": " + file->path + ": no value can be used for field " + field);
  }
  return {};
}

Result<Standardiser> Standardiser::make(const Input& input, const std::vector<ListFile>& lists,
                                        const std::vector<WordSpec>& words) {
  auto state = std::make_unique<State>();
  state->input = input;
  state->words = words;
  for (const WordSpec& word : words)
    if (std::ranges::find(input.fields, word.field, &FieldSpec::name) == input.fields.end())
      return fail(ErrorCode::usage, "input " + input.name + ": there is no field " + word.field);
  for (size_t i = 0; i < input.fields.size(); ++i) TESSERA_TRY(state->plan_field(i));
  TESSERA_TRY(state->fill_lists(lists));
  return Standardiser(std::move(state));
}

const std::vector<std::string>& Standardiser::columns() const { return state_->columns; }

std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> Standardiser::scratch() const {
  auto scratch = std::make_unique<Scratch>();
  scratch->fields.resize(state_->fields.size());
  return {scratch.release(), [](Scratch* owned) { delete owned; }};
}

namespace {

void read_field(const FieldPlan& plan, const RawBatch& raw, const FieldTask& task, FieldScratch& scratch) {
  const std::span columns(raw.columns.data() + plan.first_column, plan.column_count);
  if (plan.from_parts) {
    const RawColumn* next = columns.data();
    const RawColumn* day = plan.has_day ? next++ : nullptr;
    const RawColumn* month = plan.has_month ? next++ : nullptr;
    const RawColumn* year = plan.has_year ? next++ : nullptr;
    standardise_date_parts(day, month, year, task, scratch);
  } else if (columns.size() == 1) {
    standardise_column(columns[0], task, scratch);
  } else {
    standardise_joined(columns, task, scratch);
  }
}

// Whether the word of a field is one that a dictionary says whole.
bool comes_placed(const FieldPlan& plan, const RawBatch& raw) {
  return !plan.from_parts && plan.column_count == 1 && plan.parts.size() == 1 && plan.outputs.size() == 1 &&
         plan.outputs[0].from == Wanted::From::computed && !raw.columns[plan.first_column].indices.empty();
}

// All the words of one field.
void make_words(const FieldPlan& plan, const RawBatch& raw, WordBatch& out, FieldScratch& scratch,
                std::vector<BadRow>& bad) {
  // Each part goes to the first slot that asks for it, or to a spare column.
  std::vector<uint64_t*> to(plan.parts.size(), nullptr);
  for (const Wanted& output : plan.outputs)
    if (output.from == Wanted::From::computed && to[output.computed] == nullptr)
      to[output.computed] = out.words[output.slot].data();
  scratch.spare.resize(plan.parts.size());
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] != nullptr) continue;
    scratch.spare[i].resize(raw.rows);
    to[i] = scratch.spare[i].data();
  }
  const bool required = plan.rules.field().required;
  const FieldTask task{plan.rules, plan.parts, to, raw.rows, plan.field, required ? &bad : nullptr};
  if (!out.placed.empty() && comes_placed(plan, raw))
    return place_column(raw.columns[plan.first_column], task, scratch, out.placed[plan.outputs[0].slot]);
  read_field(plan, raw, task, scratch);

  const uint64_t* const whole = to[0];
  for (const Wanted& output : plan.outputs) {
    uint64_t* const column = out.words[output.slot].data();
    if (output.from == Wanted::From::derived)
      derive_column(plan.rules.field().kind, output.part, whole, raw.rows, column);
    else if (output.from == Wanted::From::list)
      for (size_t row = 0; row < raw.rows; ++row) column[row] = output.list->contains(whole[row]) ? 1 : 0;
    else if (to[output.computed] != column)
      std::copy_n(to[output.computed], raw.rows, column);
  }
}

// Leaves out the rows with a bad required field; one reject a row, for its first bad field.
void leave_out(const RawBatch& raw, std::vector<BadRow>& bad, WordBatch& out, std::vector<Reject>& rejects) {
  std::ranges::sort(bad, {}, [](const BadRow& b) { return std::pair(b.row, b.field); });
  const auto repeated = std::ranges::unique(bad, {}, &BadRow::row);
  bad.erase(repeated.begin(), repeated.end());
  for (const BadRow& b : bad)
    rejects.push_back(
        {raw.place(b.row), b.field, b.missing ? RejectReason::required_missing : RejectReason::required_invalid});
  auto next = bad.begin();
  for (uint32_t row = 0; row < raw.rows; ++row) {
    if (next != bad.end() && next->row == row)
      ++next;
    else
      out.raw_row.push_back(row);
  }
  out.keep(out.raw_row);
}

}  // namespace

void Standardiser::run(const RawBatch& raw, WordBatch& out, std::vector<Reject>& rejects, Scratch& scratch) const {
  assert(raw.columns.size() >= state_->columns.size());
  out.rows = raw.rows;
  out.raw_row.clear();
  out.placed.resize(scratch.places ? state_->words.size() : 0);
  for (PlacedWords& column : out.placed) column.words.reset();
  out.words.resize(state_->words.size());
  for (auto& column : out.words) column.resize(raw.rows);
  scratch.bad.clear();
  for (size_t i = 0; i < state_->fields.size(); ++i)
    make_words(state_->fields[i], raw, out, scratch.fields[i], scratch.bad);
  if (!scratch.bad.empty()) leave_out(raw, scratch.bad, out, rejects);
}

Status Standardiser::check_tokens(const Scratch& scratch) const {
  for (size_t i = 0; i < state_->fields.size(); ++i) {
    const auto& invalid = scratch.fields[i].tally.invalid;
    const FieldSpec& field = state_->fields[i].rules.field();
    const char* what = field.binary ? "16 bytes" : "32 hex digits in lower case";
    if (invalid[static_cast<size_t>(Invalid::not_a_token)] > 0)
      return fail(ErrorCode::data, "input " + state_->input.name + ": column \"" + field.name +
                                       "\" has values that are no tokens, which are " + what);
    if (invalid[static_cast<size_t>(Invalid::not_a_flag)] > 0)
      return fail(ErrorCode::data, "input " + state_->input.name + ": column \"" + field.name +
                                       "\" has values that are neither true nor false");
  }
  return {};
}

void Standardiser::keep_texts(Scratch& scratch) {
  scratch.texts.resize(scratch.fields.size());
  for (size_t i = 0; i < scratch.fields.size(); ++i) scratch.fields[i].buffers.long_texts = &scratch.texts[i];
}

void Standardiser::log_texts(Scratch& scratch) {
  scratch.logs.resize(scratch.fields.size());
  for (size_t i = 0; i < scratch.fields.size(); ++i) scratch.fields[i].buffers.text_log = &scratch.logs[i];
}

void Standardiser::take_places(Scratch& scratch) { scratch.places = true; }

const TextLog& Standardiser::log(const Scratch& scratch, const std::string& field) const {
  return scratch.logs.at(field_place(field));
}

std::vector<TextLog> Standardiser::take_logs(Scratch& scratch) {
  std::vector<TextLog> taken = std::move(scratch.logs);
  scratch.forget();
  log_texts(scratch);
  return taken;
}

size_t Standardiser::field_place(const std::string& field) const {
  const FieldPlan* plan = state_->find(field);
  assert(plan != nullptr && "a field of which no word was wanted");
  return static_cast<size_t>(plan - state_->fields.data());
}

const LongTexts& Standardiser::texts(const Scratch& scratch, const std::string& field) const {
  return scratch.texts.at(field_place(field));
}

void Standardiser::drop_texts(Scratch& scratch) {
  scratch.texts.clear();
  scratch.forget();
  keep_texts(scratch);
}

void Standardiser::add_profile(const Scratch& scratch, std::vector<FieldProfile>& profile) const {
  for (size_t i = 0; i < state_->fields.size(); ++i) {
    const std::string& name = state_->fields[i].rules.field().name;
    const Tally& tally = scratch.fields[i].tally;
    auto at = std::ranges::find(profile, name, &FieldProfile::field);
    if (at == profile.end()) {
      profile.emplace_back();
      at = std::prev(profile.end());
      at->field = name;
    }
    at->valid += tally.valid;
    at->null += tally.null;
    for (size_t why = 0; why < tally.invalid.size(); ++why)
      if (tally.invalid[why] != 0) at->invalid[invalid_text(static_cast<Invalid>(why))] += tally.invalid[why];
  }
}

uint64_t Standardiser::word_of(const WordSpec& word, std::string_view text) const {
  const FieldPlan* plan = state_->find(word.field);
  assert(plan != nullptr && "a field of which no word was wanted");
  text = swar::trim(text);
  if (text.empty() || plan->rules.missing().match(text)) return 0;
  TextBuffers buffers;
  if (!word.list.empty())
    return state_->lists.at({word.field, word.list}).contains(plan->rules.whole(text, buffers).word) ? 1 : 0;
  const Kind kind = plan->rules.field().kind;
  if (word.part != Part::whole && !needs_text(plan->rules.field(), word.part))
    return derive_word(kind, word.part, plan->rules.whole(text, buffers).word);
  const Part parts[] = {Part::whole, word.part};
  uint64_t words[2] = {};
  plan->rules.words(text, std::span(parts, word.part == Part::whole ? 1 : 2), buffers, words);
  return words[word.part == Part::whole ? 0 : 1];
}

Standardiser::Standardiser(std::unique_ptr<State> state) : state_(std::move(state)) {}
Standardiser::Standardiser(Standardiser&&) noexcept = default;
Standardiser& Standardiser::operator=(Standardiser&&) noexcept = default;
Standardiser::~Standardiser() = default;

}  // namespace tessera
