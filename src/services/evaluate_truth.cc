// evaluate_truth.cc: what is known of the records that were linked? (see evaluate_truth.h)
#include "services/evaluate_truth.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_sort.h>
#include <xxhash.h>

#include "base/text.h"

namespace tessera {

uint64_t input_hash(std::string_view name) { return XXH3_64bits(name.data(), name.size()); }

Result<std::string_view> Truth::id_of(const EvaluateTable& table, const RawColumn& column, size_t row,
                                      std::string& buffer) {
  const std::string_view id = value_text(column, row, buffer);
  if (id.data() != nullptr && !id.empty()) return id;
  return fail(ErrorCode::data, fmt::format("the {} have a row without an id", table.what()));
}

Status Truth::read() {
  TESSERA_ASSIGN(const EvaluateTable table, EvaluateTable::open("truth", options_.truth));
  const std::string left = table.find(left_ids), right = table.find(right_ids);
  if (!left.empty() && !right.empty()) {
    TESSERA_TRY(read_true_pairs(table, left, right));
  } else {
    TESSERA_TRY(read_entities(table));
  }
  ids = numbers.size();
  if (ids == 0) return fail(ErrorCode::data, fmt::format("{} has no rows", options_.truth[0]));
  return {};
}

Status Truth::read_true_pairs(const EvaluateTable& table, const std::string& left, const std::string& right) {
  named = !table.find(left_inputs).empty() && !table.find(right_inputs).empty();
  std::vector<std::string> columns{left, right};
  if (named) columns.insert(columns.end(), {table.find(left_inputs), table.find(right_inputs)});
  TESSERA_TRY(table.read(columns, [&](const RawBatch& batch, size_t row) -> Status {
    TESSERA_ASSIGN(const uint32_t a, number_of(table, batch, row, 0, named ? 2 : 0));
    TESSERA_ASSIGN(const uint32_t b, number_of(table, batch, row, 1, named ? 3 : 0));
    if (a != b) pairs.push_back(pair_of(a, b));
    return {};
  }));
  if (named && !options_.from.empty() && !options_.to.empty()) {
    side_[0] = input_hash(options_.from);
    side_[1] = input_hash(options_.to);
    sides_known = true;
  }
  tbb::parallel_sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  within = across = pairs.size();
  return {};
}

Result<uint32_t> Truth::number_of(const EvaluateTable& table, const RawBatch& batch, size_t row, size_t side,
                                  size_t input_column) {
  uint64_t input = side_[side];
  if (input_column != 0) input = input_hash(value_text(batch.columns[input_column], row, buffer_));
  if (input_column == 0 && options_.between && !named) input = side + 1;
  TESSERA_ASSIGN(const std::string_view id, id_of(table, batch.columns[side], row, buffer_));
  return numbers.number(input, id);
}

Status Truth::read_entities(const EvaluateTable& table) {
  of_entities = true;
  TESSERA_ASSIGN(const std::string entity_column, table.need(entity_columns));
  // The truths of made-up data call the id as their table does: it is the first column.
  std::string id = table.find(id_columns);
  if (id.empty() && table.columns().front() != entity_column) id = table.columns().front();
  if (id.empty()) {
    TESSERA_ASSIGN(id, table.need(id_columns));
  }
  const std::string input = table.find(input_columns);
  // First the names of the inputs: one alone says nothing.
  std::vector<std::string> names;
  if (!input.empty()) {
    TESSERA_TRY(table.read({input}, [&](const RawBatch& batch, size_t row) -> Status {
      const std::string_view name = value_text(batch.columns[0], row, buffer_);
      if (names.size() <= 256 && std::ranges::find(names, name) == names.end()) names.emplace_back(name);
      return {};
    }));
  }
  named = names.size() > 1;
  TESSERA_TRY(choose_sides(names));
  std::vector<std::string> columns{id, entity_column};
  if (named) columns.push_back(input);
  IdNumbers entity_numbers;
  uint64_t twice = 0;
  TESSERA_TRY(table.read(columns, [&](const RawBatch& batch, size_t row) -> Status {
    const uint64_t of = named ? input_hash(value_text(batch.columns[2], row, buffer_)) : 0;
    TESSERA_ASSIGN(const std::string_view text, id_of(table, batch.columns[0], row, buffer_));
    const uint32_t record = numbers.number(of, text);
    const std::string_view name = value_text(batch.columns[1], row, buffer_);
    if (name.data() == nullptr || name.empty())
      return fail(ErrorCode::data, "the truth has a record without an entity");
    const uint32_t number = entity_numbers.number(0, name);
    if (record < entity.size()) {
      twice += entity[record] != number;
      return {};
    }
    entity.push_back(number);
    record_input_.push_back(of);
    return {};
  }));
  if (twice > 0)
    return fail(ErrorCode::data, fmt::format("the truth gives {} records a second entity", grouped_count(twice)));
  count_true_pairs(entity_numbers.size());
  return {};
}

// Which names the sides of links have, if the links themselves do not say.
Status Truth::choose_sides(const std::vector<std::string>& names) {
  if (!named) {
    if (options_.between || !options_.from.empty() || !options_.to.empty())
      return fail(ErrorCode::usage,
                  "the truth names no inputs: links between two need a column file or input in it that has both");
    return {};
  }
  for (const std::string& asked : {options_.from, options_.to}) {
    if (!asked.empty() && std::ranges::find(names, asked) == names.end())
      return fail(ErrorCode::usage,
                  fmt::format("the truth has no input \"{}\"\nhelp: its inputs are {}", asked, joined(names)));
  }
  const bool given = !options_.from.empty() && !options_.to.empty();
  if (names.size() > 2 && !given) return {};  // the links must say
  side_[0] = input_hash(options_.from.empty() ? names[0] : options_.from);
  side_[1] = input_hash(options_.to.empty() ? names[1] : options_.to);
  sides_known = true;
  return {};
}

// Pairs of records of one entity; between two inputs only those across.
void Truth::count_true_pairs(uint32_t entity_count) {
  std::vector<std::pair<uint64_t, uint64_t>> sizes(entity_count);  // of the two sides; within: all on the first
  std::vector<uint64_t> whole(entity_count);
  for (size_t r = 0; r < entity.size(); ++r) {
    ++whole[entity[r]];
    sizes[entity[r]].first += record_input_[r] == side_[0];
    sizes[entity[r]].second += record_input_[r] == side_[1];
  }
  for (size_t e = 0; e < entity_count; ++e) {
    within += whole[e] * (whole[e] - 1) / 2;
    across += sizes[e].first * sizes[e].second;
  }
}

}  // namespace tessera
