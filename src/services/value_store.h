// value_store.h: how do words of records become columns of codes?
//
//   words of given_name   [w7, w3, w7]     domain 0: 1 "ANNA" 2 "ANA"     codes [1, 2, 1]
//   soundex(given_name)   of each domain value, once: A500                codes [1, 1, 1] of domain 3
//
// The store holds the domains of a plan. Tables are made one after another; values that a later table brings get
// later codes. A table of a chunk is temporary: once forgotten, the domains are as they were.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "record/code_map.h"
#include "record/expression.h"
#include "record/model_plan.h"
#include "record/text_log.h"
#include "record/word_codes.h"
#include "services/word_runs.h"
#include "tessera/error.h"

namespace tessera {

// Words of base columns as they were read, and the texts behind the long ones.
struct WordTable {
  size_t rows = 0;
  std::vector<WordColumn> words;                   // by base column of the plan, in order; empty: all null
  std::deque<std::vector<WordRuns>> held;          // what they look at, by piece, by word of its input
  std::vector<std::vector<const TextLog*>> texts;  // by base column; they may have more than the words
  std::vector<uint16_t> source;

  // Rows without a value, which lie here: each is the first place of one word. Requires: count > 0, as of any WordRun.
  [[nodiscard]] WordRun nulls(size_t count) { return {no_word, no_places.emplace_back(count, 0)}; }
  static constexpr uint64_t no_word[1] = {0};
  std::deque<std::vector<uint32_t>> no_places;
};

class ValueStore {
 public:
  // The plan outlives the store. Fails: as Expression::compile.
  static Result<ValueStore> make(const ModelPlan& plan);

  // Codes of all columns of the plan. Parallel; codes follow the first appearance. Frees words as it goes.
  Result<ValueTable> add(WordTable& words);

  // Between these, add() makes tables whose new values are forgotten at the end.
  void begin_chunk();
  void end_chunk();

  [[nodiscard]] std::span<const ValueDomain> domains() const { return domains_; }
  [[nodiscard]] const std::vector<ColumnId>& base_columns() const { return base_; }
  [[nodiscard]] size_t bytes() const;

 private:
  // The values of a domain by key, those of a chunk apart.
  struct Keys {
    CodeMap kept, chunk;
    size_t learnt = 1;  // of a domain of fields: codes below it are in a map
  };
  void learn(uint32_t domain);
  Code code_of(uint32_t domain, uint64_t key, const auto& add);
  void add_base(uint32_t domain, const WordTable& words, ValueTable& table);
  NewWords code_chunk(uint32_t domain, std::span<const WordColumn> columns, std::span<const std::span<Code>> codes);
  Status derive(ColumnId column, ValueTable& table);
  Code intern(const PlanColumn& column, const Scalar& value);

  const ModelPlan* plan_ = nullptr;
  std::vector<ColumnId> base_;
  std::vector<std::optional<Expression>> expressions_;  // by column; none for base columns
  std::vector<ValueDomain> domains_;
  std::vector<bool> of_fields_;          // by domain: it holds values of fields, or texts made of one
  std::vector<Keys> keys_;               // by domain
  std::vector<std::vector<Code>> made_;  // by column of one base column: its code for each code of the base
  std::vector<size_t> sizes_;            // of the domains when the chunk began
  bool chunk_ = false;
};

}  // namespace tessera
