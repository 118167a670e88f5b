// model_labels.cc: which pairs are known to be one person? (see model_labels.h)
#define XXH_INLINE_ALL
#include "services/model_labels.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>

namespace tessera {

namespace {

uint64_t key_of(std::string_view id) { return XXH3_64bits(id.data(), id.size()) | 1; }

std::string_view written(const RawColumn& column, size_t row, std::array<char, 24>& buffer) {
  if (column.null(row)) return {};
  if (column.form == RawColumn::Form::text) return column.text(row);
  return {buffer.data(),
          static_cast<size_t>(std::to_chars(buffer.data(), buffer.data() + buffer.size(), column.numbers[row]).ptr -
                              buffer.data())};
}

// The two columns of ids of a table of pairs.
std::vector<std::string> id_columns(const std::vector<std::string>& columns) {
  const auto has = [&](const char* name) { return std::ranges::find(columns, name) != columns.end(); };
  for (const auto& [left, right] : {std::pair{"from_id", "to_id"}, std::pair{"id_l", "id_r"}})
    if (has(left) && has(right)) return {left, right};
  return columns.size() < 2 ? std::vector<std::string>{} : std::vector{columns[0], columns[1]};
}

Status count_table(ModelRun& run, PatternCounts& counts) {
  const std::string& path = run.step.model.estimate.labels;
  Input input{.name = "labels", .paths = {path}};
  TESSERA_ASSIGN(const InputShape shape, look_at(input));
  const std::vector<std::string> columns = id_columns(shape.columns);
  if (columns.empty()) return fail(ErrorCode::data, path + ": labels need two columns of ids");
  input.id = columns[0];
  const IdRows left(run.left), right(run.right_side());
  TESSERA_TRY(left.status());
  TESSERA_TRY(right.status());
  std::vector<RecordPair> pairs;
  uint64_t unknown = 0, alone = 0;
  TESSERA_ASSIGN(const auto source, open_source(input, columns, run.walk.read));
  const ReadScratchPtr scratch = make_read_scratch();
  for (;;) {
    TESSERA_ASSIGN(const std::unique_ptr<Morsel> morsel, source->next());
    if (!morsel) break;
    use_scratch(*morsel, *scratch);
    RawBatch raw;
    std::vector<Reject> rejects;
    std::array<char, 24> a, b;
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel->next(raw, rejects));
      if (!more) break;
      for (size_t row = 0; row < raw.rows; ++row) {
        const size_t from = left.find(written(raw.columns[0], row, a));
        const size_t to = right.find(written(raw.columns[1], row, b));
        if (from == SIZE_MAX || to == SIZE_MAX) {
          ++unknown;
          continue;
        }
        if (run.within() && from == to) {
          ++alone;
          continue;
        }
        RecordPair pair{static_cast<uint32_t>(from), static_cast<uint32_t>(to)};
        if (run.within() && pair.left > pair.right) std::swap(pair.left, pair.right);
        pairs.push_back(pair);
      }
    }
  }
  if (pairs.empty())
    return fail(
        ErrorCode::data,
        fmt::format("{}: none of its {} pairs has ids of {}\nhelp: are the columns of ids {} and {}, and in the "
                    "order of the job's sides?",
                    path, unknown + alone, run.within() ? "two records" : "both inputs", columns[0], columns[1]));
  if (unknown > 0)
    run.report.warnings.push_back(
        fmt::format("{} of the labelled pairs name ids that the inputs lack; the others count", unknown));
  if (alone > 0)
    run.report.warnings.push_back(
        fmt::format("{} of the labelled pairs are of a record with itself, and do not count", alone));
  constexpr size_t piece = size_t{1} << 14;
  TESSERA_ASSIGN(counts, count_patterns(run.sides(), (pairs.size() + piece - 1) / piece, [&](size_t number, auto& out) {
                   const size_t begin = number * piece, end = std::min(pairs.size(), begin + piece);
                   out.assign(pairs.begin() + static_cast<ptrdiff_t>(begin),
                              pairs.begin() + static_cast<ptrdiff_t>(end));
                 }));
  return {};
}

}  // namespace

IdRows::IdRows(const ModelSide& side) {
  std::vector<CarriedValue> values;
  std::vector<std::byte> buffer;
  std::array<char, 24> digits;
  for (size_t row = 0; row < side.rows() && status_; ++row) {
    const ModelInput& input = *side.inputs[side.input_of(row)];
    status_ = input.store.read(side.payload(row), values, buffer);
    if (!status_ || !values[0].present) continue;
    std::string_view id = values[0].text;
    if (input.side.out_forms[0] != RawColumn::Form::text)
      id = {digits.data(),
            static_cast<size_t>(std::to_chars(digits.data(), digits.data() + digits.size(), values[0].number).ptr -
                                digits.data())};
    rows_.find_or_add(key_of(id), static_cast<Code>(row + 1));
  }
}

size_t IdRows::find(std::string_view id) const {
  const Code row = rows_.find(key_of(id));
  return row == 0 ? SIZE_MAX : row - 1;
}

Status count_labelled(ModelRun& run, PatternCounts& counts) {
  const EstimateOptions& how = run.step.model.estimate;
  if (!how.labels.empty()) return count_table(run, counts);
  if (how.entity.empty()) return {};
  const SideExpression field{.what = SideExpression::What::field, .text = how.entity};
  const auto column = std::ranges::find(run.step.plan.columns, field, &PlanColumn::expression);
  const auto id = static_cast<ColumnId>(column - run.step.plan.columns.begin());
  PlanRule rule{.equal = {{.left = id, .right = id}}, .text = how.entity};
  rule.also.nodes.emplace_back();
  const std::vector<PlanRule> rules{rule};
  TESSERA_ASSIGN(const Blocks blocks, blocks_of(run, rules, {.apart = true}));
  TESSERA_ASSIGN(counts, count_patterns(run.sides(), blocks.units(),
                                        [&](size_t unit, auto& pairs) { blocks.all_pairs(unit, pairs); }));
  return {};
}

}  // namespace tessera
