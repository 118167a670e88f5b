// model_emit.cc: how do scored pairs and records become rows of the output? (see model_emit.h)
#include "services/model_emit.h"

#include <algorithm>
#include <string>

namespace tessera {

namespace {

OutType type_of(RawColumn::Form form) {
  switch (form) {
    case RawColumn::Form::text: return OutType::text;
    case RawColumn::Form::number: return OutType::int64;
    case RawColumn::Form::day: return OutType::date;
  }
  return OutType::text;
}

}  // namespace

RecordColumns::RecordColumns(const ModelSide& side, const std::string& prefix, bool carried)
    : side_(side), inputs_named_(side.inputs.size() > 1) {
  const auto id_form = [](const auto& input) { return input->side.out_forms[0]; };
  ids_as_text_ =
      !std::ranges::all_of(side.inputs, [&](const auto& input) { return id_form(input) == RawColumn::Form::number; });
  if (inputs_named_) columns_.push_back({prefix + "input", OutType::text, false});
  columns_.push_back({prefix + "id", ids_as_text_ ? OutType::text : OutType::int64, false, true});
  if (side.inputs.size() == 1) forms_ = side.inputs[0]->side.out_forms;
  forms_.resize(carried && !inputs_named_ ? forms_.size() : 1);
  if (inputs_named_) return;  // inputs do not carry the same columns
  const Side& only = side.inputs[0]->side;
  for (size_t c = 1; c < forms_.size(); ++c)
    columns_.push_back({only.input->name + "_" + only.carried[c - 1], type_of(forms_[c])});
}

Status RecordColumns::gather(std::span<const uint32_t> rows, Gathered& into) const {
  into.inputs.clear();
  into.texts.clear();
  into.values.resize(std::max<size_t>(1, forms_.size()));
  for (auto& column : into.values) column.clear();
  // Most have ids that are numbers, and nothing else.
  if (side_.inputs.size() == 1 && side_.inputs[0]->store.ids_only()) {
    const std::vector<uint64_t>& payload = side_.inputs[0]->payload;
    constexpr size_t ahead = 32;  // records are in the order of blocks: each is a miss
    std::vector<int64_t>& numbers = into.values[0].numbers;
    numbers.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      __builtin_prefetch(&payload[rows[std::min(i + ahead, rows.size() - 1)]]);
      numbers[i] = static_cast<int64_t>(payload[rows[i]]);
    }
    into.out.assign(1, into.values[0].values(RawColumn::Form::number));
    return {};
  }
  std::vector<CarriedValue> row;
  std::vector<std::byte> buffer;
  for (const uint32_t record : rows) {
    const ModelInput& input = *side_.inputs[side_.input_of(record)];
    TESSERA_TRY(input.store.read(side_.payload(record), row, buffer));
    if (inputs_named_) into.inputs.push_back(input.side.input->name);
    if (ids_as_text_ && input.side.out_forms[0] != RawColumn::Form::text) {
      row[0].text = into.texts.emplace_back(std::to_string(row[0].number));
    }
    into.values[0].add(row[0], ids_as_text_ ? RawColumn::Form::text : RawColumn::Form::number);
    for (size_t c = 1; c < forms_.size(); ++c) into.values[c].add(row[c], forms_[c]);
  }
  into.out.clear();
  if (inputs_named_) into.out.push_back({.texts = into.inputs});
  into.out.push_back(into.values[0].values(ids_as_text_ ? RawColumn::Form::text : RawColumn::Form::number));
  for (size_t c = 1; c < forms_.size(); ++c) into.out.push_back(into.values[c].values(forms_[c]));
  return {};
}

void note_match_keys(ModelRun& run) {
  run.match_keys.clear();
  run.match_key_of.clear();
  for (const PlanRule& rule : run.step.plan.rules) {
    const auto known = std::ranges::find(run.match_keys, rule.text);
    run.match_key_of.push_back(static_cast<uint32_t>(known - run.match_keys.begin()));
    if (known == run.match_keys.end()) run.match_keys.push_back(rule.text);
  }
  if (run.match_keys.empty()) run.match_keys.emplace_back("");
}

PairEmitter::PairEmitter(const ModelRun& run, bool marks)
    : run_(run),
      marks_(marks),
      left_(run.left, "from_", !run.within()),
      right_(run.right_side(), "to_", !run.within()) {
  for (size_t c = 0; c < run.step.plan.comparisons.size(); ++c) {
    const PlanComparison& comparison = run.step.plan.comparisons[c];
    auto& labels = level_labels_.emplace_back(comparison.digits, "null");
    for (size_t l = 0; l < comparison.levels.size(); ++l)
      labels[comparison.levels[l].digit] = run.step.model.comparisons[c].levels[l].label;
  }
}

std::vector<OutColumn> PairEmitter::columns() const {
  std::vector<OutColumn> columns(left_.columns().begin(),
                                 left_.columns().begin() + static_cast<ptrdiff_t>(left_.id_columns()));
  columns.insert(columns.end(), right_.columns().begin(),
                 right_.columns().begin() + static_cast<ptrdiff_t>(right_.id_columns()));
  if (run_.step.has_passes()) columns.push_back({"rank", OutType::int32, run_.step.has_model()});
  if (run_.step.has_model())
    columns.insert(columns.end(), {{"weight", OutType::float64, false},
                                   {"probability", OutType::float64, false},
                                   {.name = "match_key",
                                    .type = OutType::text,
                                    .nullable = run_.step.has_passes(),
                                    .text_dictionary = run_.match_keys}});
  if (run_.filters) columns.push_back({"similarity", OutType::float64, false});
  if (marks_) columns.push_back({"ties", OutType::int32, false});
  if (marks_ && run_.step.step->close) columns.push_back({"close", OutType::int32, false});
  for (const RecordColumns* side : {&left_, &right_})
    columns.insert(columns.end(), side->columns().begin() + static_cast<ptrdiff_t>(side->id_columns()),
                   side->columns().end());
  if (run_.job.output.pattern) columns.push_back({"pattern", OutType::text, false});
  if (run_.job.output.levels)
    for (const PlanComparison& comparison : run_.step.plan.comparisons)
      columns.push_back({"level_" + comparison.name, OutType::text, false});
  return columns;
}

Status PairEmitter::prepare(ScoredPiece& piece, std::span<const uint16_t> rules, const LinkMarks& marks,
                            const TableWriter& writer) const {
  const size_t count = piece.pairs.size();
  if (count == 0) return {};
  std::vector<uint32_t> rows(count);
  RecordColumns::Gathered from, to;
  for (size_t i = 0; i < count; ++i) rows[i] = piece.pairs[i].left;
  TESSERA_TRY(left_.gather(rows, from));
  for (size_t i = 0; i < count; ++i) rows[i] = piece.pairs[i].right;
  TESSERA_TRY(right_.gather(rows, to));

  std::vector<double> probability;
  std::vector<int64_t> rank;
  std::vector<uint8_t> has_rank, has_key;
  std::vector<uint32_t> keys;
  const std::vector<int64_t> ties(marks.ties.begin(), marks.ties.end()), close(marks.close.begin(), marks.close.end());
  if (run_.step.has_passes()) {
    rank.assign(piece.ranks.begin(), piece.ranks.end());
    rank.resize(count, 0);
  }
  if (run_.step.has_model()) {
    probability.resize(count);
    keys.resize(count);
    has_key.resize(count);
    has_rank.resize(rank.size());
    for (size_t i = 0; i < count; ++i) {
      probability[i] = probability_of(piece.weights[i]);
      const bool ranked = !rank.empty() && rank[i] != 0;
      has_key[i] = !ranked && !run_.match_key_of.empty();
      if (has_key[i]) keys[i] = run_.match_key_of[rules.empty() ? piece.rule : rules[i]];
      if (!rank.empty()) has_rank[i] = ranked;
    }
  }
  OutBatch batch{.rows = count};
  const auto add = [&](const std::vector<OutValues>& values, size_t begin, size_t end) {
    for (size_t c = begin; c < end; ++c) batch.columns.push_back(values[c]);
  };
  add(from.out, 0, left_.id_columns());
  add(to.out, 0, right_.id_columns());
  if (run_.step.has_passes()) batch.columns.push_back({.numbers = rank, .present = has_rank});
  if (run_.step.has_model()) {
    batch.columns.push_back({.reals = piece.weights});
    batch.columns.push_back({.reals = probability});
    OutValues& key = batch.columns.emplace_back();
    key.places = keys;
    if (run_.step.has_passes()) key.present = has_key;
  }
  if (run_.filters) batch.columns.push_back({.reals = piece.weights});
  if (marks_) batch.columns.push_back({.numbers = ties});
  if (marks_ && run_.step.step->close) batch.columns.push_back({.numbers = close});
  add(from.out, left_.id_columns(), from.out.size());
  add(to.out, right_.id_columns(), to.out.size());

  // The pattern as one character a comparison: the level from the last, "-" for null.
  const auto& comparisons = run_.step.plan.comparisons;
  std::vector<std::string> patterns;
  std::vector<std::string_view> pattern_views;
  if (run_.job.output.pattern) {
    patterns.resize(count);
    for (size_t i = 0; i < count; ++i) {
      for (const PlanComparison& comparison : comparisons) {
        const unsigned digit = comparison.digit(piece.patterns[i]);
        patterns[i] += digit == 0 ? '-' : "0123456789abcdefghijklmnopqrstuvwxyz"[std::min(digit - 1, 35u)];
      }
      pattern_views.push_back(patterns[i]);
    }
    batch.columns.push_back({.texts = pattern_views});
  }
  std::vector<std::vector<std::string_view>> levels;
  if (run_.job.output.levels) {
    levels.resize(comparisons.size());
    for (size_t c = 0; c < comparisons.size(); ++c) {
      for (size_t i = 0; i < count; ++i) levels[c].push_back(level_labels_[c][comparisons[c].digit(piece.patterns[i])]);
      batch.columns.push_back({.texts = levels[c]});
    }
  }
  piece.chunk = writer.prepare(batch);
  return {};
}

}  // namespace tessera
