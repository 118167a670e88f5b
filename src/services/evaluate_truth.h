// evaluate_truth.h: what is known of the records that were linked?
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/evaluate.h"
#include "services/evaluate_read.h"

namespace tessera {

// The columns of tables of links, truth and clusters: the first that is there.
using Names = std::vector<std::string_view>;
inline const Names left_ids{"from_id", "id_l", "unique_id_l"}, right_ids{"to_id", "id_r", "unique_id_r"};
inline const Names left_inputs{"from_input", "input_l", "source_dataset_l"};
inline const Names right_inputs{"to_input", "input_r", "source_dataset_r"};
inline const Names weight_columns{"weight", "match_weight"}, probability_columns{"probability", "match_probability"},
    rank_columns{"rank"};
inline const Names id_columns{"id", "unique_id"}, input_columns{"input", "file", "source_dataset"};
inline const Names entity_columns{"entity", "entity_id", "person", "PERSON"}, cluster_columns{"cluster_id", "cluster"};

[[nodiscard]] uint64_t input_hash(std::string_view name);

// Two records, in either order.
inline uint64_t pair_of(uint32_t a, uint32_t b) { return uint64_t{std::min(a, b)} << 32 | std::max(a, b); }

class Truth {
 public:
  explicit Truth(const EvaluateOptions& options) : options_(options) {}
  Status read();

  // The id in column `side` (0 left, 1 right), of the input named in `input_column` (0: none is).
  Result<uint32_t> number_of(const EvaluateTable& table, const RawBatch& batch, size_t row, size_t side,
                             size_t input_column);
  // Fails: data (3) where there is none.
  static Result<std::string_view> id_of(const EvaluateTable& table, const RawColumn& column, size_t row,
                                        std::string& buffer);

  // Fixed after read(), but for numbers, which later tables add to.
  IdNumbers numbers;
  uint32_t ids = 0;                 // numbers below it are of the truth
  bool of_entities = false;         // else of pairs
  bool named = false;               // records are told apart by the name of their input
  bool sides_known = false;         // named: the two sides of links are of known inputs
  std::vector<uint64_t> pairs;      // ascending
  std::vector<uint32_t> entity;     // by record
  uint64_t within = 0, across = 0;  // true pairs in all; between the two sides

 private:
  Status read_true_pairs(const EvaluateTable& table, const std::string& left, const std::string& right);
  Status read_entities(const EvaluateTable& table);
  Status choose_sides(const std::vector<std::string>& names);
  void count_true_pairs(uint32_t entity_count);

  const EvaluateOptions& options_;
  std::string buffer_;
  uint64_t side_[2] = {0, 0};
  std::vector<uint64_t> record_input_;
};

}  // namespace tessera
