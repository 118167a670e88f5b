// blocks.h: which pairs of records meet by blocking rules, each once?
//
// Records that share a key of a rule are a block. Blocks are worked on in units of about equal size; a large one is
// cut over several.
//
//   rule 0  surname, dob     {r0, r1}               (r0,r1)
//   rule 1  postcode         {r0, r1, r4}           (r0,r4) (r1,r4)           r0 and r1 have met
//
// A pair belongs to the first rule that brings it. Every record knows the number of its block in every rule, in one or
// two cache lines; two records have met if an earlier number is equal. So no set of pairs is kept, memory grows with
// the records, and units can be worked on in any order.
//
// A block with too many pairs is narrowed: the most telling further column is added to its key. The pairs that this
// loses are counted. They are not pairs of the rule any more: a later rule may still bring them.
//
// Not here: a rule's further condition (PlanRule::also), which the caller tests with compare/; which rules are good
// (choose.h).
#pragma once

#include <memory>
#include <optional>

#include "block/joined_keys.h"

namespace tessera {

class SharedBlocks;

struct BlockOptions {
  uint64_t block_pairs_max = 0;  // pairs of one key beyond which it is narrowed; 0: any number
  uint32_t block_rows_max =
      0;  // in place of it, for BlockIndex without a left table: rows of the right that share a key
  std::vector<ColumnId> narrow;  // columns to narrow by: same on both sides, not lists
  bool between_only = false;     // within: only pairs of different ValueTable::source
  bool apart = false;            // only all_pairs() will be asked for
  size_t unit_pairs = size_t{1} << 16;
  SharedBlocks* shared = nullptr;  // outlives the call
};

// A rule's right records by key and, where there is a left side, the blocks that both make.
struct JoinedRule {
  SortedKeys right;
  JoinedKeys joined;
};

// Memory that is used for one rule after another.
struct BlockBuffers {
  RuleKeys right, left;
  Arena scratch;
};

// Several sets of rules of one job may hold the same rule: for training, for scoring. Their keys are sorted once.
// Requires: all sets are made of the same tables, which stay where they are, with the same `between_only`, one at a time.
class SharedBlocks {
 public:
  // From now on the blocks of these rules are kept for the next that asks for them; of others no longer.
  void want(std::span<const PlanRule> rules);
  void clear() { *this = {}; }

 private:
  friend class BlockIndex;
  struct Shared {
    std::vector<PlanRule::Equality> equal;
    std::shared_ptr<JoinedRule> made;  // no block is narrowed
  };
  // Of a rule that is wanted: what has been made, or where to keep it.
  [[nodiscard]] std::shared_ptr<JoinedRule>* place(const PlanRule& rule);
  std::vector<Shared> rules_;
  BlockBuffers buffers_;
};

// What a rule will make, before any pair is made. A number that does not fit says 2^64 - 1.
struct RuleForecast {
  uint64_t pairs = 0;             // that share a key
  bool exact = true;              // false: a pair that shares several items of an exploded list is counted for each
  uint64_t keys = 0;              // that make pairs
  std::vector<uint64_t> largest;  // pairs of the five largest blocks, descending
  uint64_t candidates = 0;        // looked at to find the pairs: more, where sides or sources overlap
  uint64_t narrowed_keys = 0;     // that had too many pairs
  uint64_t largest_narrowed = 0;  // what the largest of them would have made (block_rows_max: rows)
  uint64_t left_out = 0;          // pairs lost by it; another rule may bring them
};

// The right side, or one input within itself, sorted by every rule. Fixed once made; read by any number of threads.
class BlockIndex {
 public:
  // The right side of a link. With `left`, blocks are narrowed by what they make with it; without it the left side
  // comes in parts, and they are narrowed by block_rows_max: the same pairs however it is cut.
  // Requires: at most 64 rules have a condition `also`; fewer than 2^32 - 1 keys in a rule.
  BlockIndex(std::span<const PlanRule> rules, const ValueTable& right, const ItemsOf& items,
             const BlockOptions& options, const ValueTable* left = nullptr);
  struct Within {};
  // One input: pairs have left row < right row, the left row has the rule's left key. `both` outlives the index.
  // Requires: with between_only every row has a source.
  BlockIndex(Within within, std::span<const PlanRule> rules, const ValueTable& both, const ItemsOf& items,
             const BlockOptions& options);
  [[nodiscard]] size_t bytes() const;

 private:
  friend class Blocks;
  struct Rule {
    PlanRule rule;
    bool symmetric = false;    // within, and a record has one key whether it is left or right
    bool conditional = false;  // has a condition `also`
    bool exploded = false;
    uint32_t slot = 0;  // exploded: in Numbers::lists; else in Numbers::rows
    Narrowing narrowing;
    std::shared_ptr<JoinedRule> made;     // not changed once others may have it
    std::optional<uint64_t> pairs_whole;  // what it made before it was narrowed
    uint64_t narrowed_keys = 0, largest_narrowed = 0;
  };
  void make(std::span<const PlanRule> rules, const ValueTable& right, const ValueTable* left);
  void sort(Rule& rule, const ValueTable& right, const ValueTable* left, BlockBuffers& buffers);
  void narrow(Rule& rule, const ValueTable& right, const ValueTable* left, BlockBuffers& buffers);
  void prepare(const Rule& rule, JoinedKeys& joined) const;

  BlockOptions options_;
  ItemsOf items_;
  const ValueTable* within_ = nullptr;
  std::vector<Rule> rules_;
  bool joined_ = false;      // with the left side
  bool asymmetric_ = false;  // within, and the left side has keys of its own in some rule
  BlockNumbers numbers_;     // of the right records
};

class Blocks {
 public:
  // Two sides, both in memory.
  Blocks(std::span<const PlanRule> rules, const ValueTable& left, const ValueTable& right, const ItemsOf& items,
         const BlockOptions& options);
  // One input; it outlives the blocks.
  Blocks(std::span<const PlanRule> rules, const ValueTable& both, const ItemsOf& items, const BlockOptions& options);
  // A left side that comes in parts: meet() takes the next, and uses memory again.
  // Requires: the index was made without a left side.
  explicit Blocks(std::shared_ptr<const BlockIndex> right);
  Blocks(Blocks&&) = default;  // a copy would look at the blocks of the other
  Blocks& operator=(Blocks&&) = default;
  void meet(const ValueTable& left);

  [[nodiscard]] const std::vector<RuleForecast>& forecast() const { return forecast_; }  // by rule
  // Work that can be done in any order and at once. Requires: the forecast's candidates fit in 64 bits.
  [[nodiscard]] size_t units() const { return first_unit_.back(); }
  [[nodiscard]] uint16_t rule(size_t unit) const;
  // Appends the pairs of the unit that no earlier rule brings, always in the same order. All units together hold each
  // pair once. Thread-safe. Requires: not BlockOptions::apart.
  // An earlier rule with a condition `also` does not decide: that is for the caller to test. With `open`, each pair
  // has a mask of those earlier rules whose keys agree: bit i is conditional()[i].
  void pairs(size_t unit, std::vector<RecordPair>& out, std::vector<uint64_t>* open = nullptr) const;
  // All pairs of the rule, each once, as if there were no other rule.
  void all_pairs(size_t unit, std::vector<RecordPair>& out) const;
  // The rules that have a condition, ascending.
  [[nodiscard]] const std::vector<uint16_t>& conditional() const { return conditional_; }
  [[nodiscard]] size_t bytes() const;

 private:
  void join(const ValueTable* left);
  void drop_met(size_t rule, size_t first, std::vector<RecordPair>& out, std::vector<uint64_t>* open) const;
  [[nodiscard]] bool agree(size_t rule, RecordPair pair) const;
  [[nodiscard]] const BlockNumbers& left_numbers() const { return own_left_ ? left_ : index_->numbers_; }

  std::shared_ptr<const BlockIndex> index_;
  std::vector<const JoinedKeys*> joined_;  // by rule: of the index, or
  std::vector<JoinedKeys> own_;            // of a left side that comes in parts
  std::vector<RuleForecast> forecast_;
  std::vector<size_t> first_unit_;  // of each rule, and all
  std::vector<uint16_t> conditional_;
  bool own_left_ = false;  // the left side has numbers of its own
  BlockNumbers left_;
  RuleKeys keys_;  // memory used again, as is
  Arena scratch_;
};

}  // namespace tessera
