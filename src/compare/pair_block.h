// pair_block.h: how are some hundred pairs compared together? Private to the room.
//
// A block gathers the packed rows of both sides, and asks condition after condition of the pairs that are still open.
#pragma once

#include <array>

#include "compare/measures.h"
#include "compare/pair_comparer.h"
#include "kernels/opening.h"

namespace tessera {

inline constexpr size_t block_pairs_model = 512;  // gathered words of two words a row: 32 KiB

class PairComparer::Scratch {
 public:
  // One word of the rows of all pairs of a block, and what it says of them.
  struct Gathered {
    std::array<uint64_t, block_pairs_model> left, right, known, agree;
  };
  std::vector<Gathered> gathered;  // by word of a row
  std::vector<OpeningLevels::Equality> equalities;
  std::vector<uint16_t> open;                   // pairs that no level has taken yet
  std::vector<uint8_t> truth;                   // of a level, by place in `open`
  std::vector<std::vector<double>> values;      // by measure, by pair
  std::vector<std::vector<uint32_t>> measured;  // by measure, by pair: the turn in which it was computed
  uint32_t turn = 0;
  std::vector<CodePair> wanted;
  std::vector<uint16_t> wanted_pair;
  std::vector<double> results;
  MeasureScratch measure;
  std::vector<std::vector<uint8_t>> spare_truth;  // by depth of the condition
  std::vector<std::vector<uint16_t>> spare_open, spare_place;
};

class PairBlock {
 public:
  // Both outlive the block.
  PairBlock(const PairComparer& comparer, PairComparer::Scratch& scratch) : comparer_(comparer), scratch_(scratch) {}

  // The first block_pairs_model of the pairs, or all. The rows of some that follow are asked for already.
  void gather(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs);
  // The digit of a comparison, into the pattern of each pair.
  void add_digits(size_t comparison, Pattern* patterns);
  // 1 where the condition holds, else 0.
  void test(const PlanCondition& condition, uint8_t* out);

 private:
  // A column of the gathered rows of one side.
  struct Codes {
    const uint64_t* words;
    CodeLayout::Place place;
    Code operator[](size_t i) const { return static_cast<Code>(words[i] >> place.shift & place.most); }
  };
  [[nodiscard]] Codes left(ColumnId column) const;
  [[nodiscard]] Codes right(ColumnId column) const;
  template <size_t words>
  void gather_words(const CodeRows& left, const CodeRows& right, std::span<const RecordPair> pairs);
  using Bits = std::array<uint64_t, block_pairs_model> PairComparer::Scratch::Gathered::*;
  [[nodiscard]] FreeBit free_bit(Bits words, ColumnId column) const;
  void open_with(const PairComparer::Opening& opening, Pattern* patterns);
  void climb(const PairComparer::Ladder& ladder, Pattern* patterns);
  // out[k]: the truth of a node for pair open[k].
  void evaluate(const PlanCondition& condition, uint32_t at, std::span<const uint16_t> open, uint8_t* out,
                size_t depth);
  enum Truth : uint8_t { no = 0, yes = 1, unknown = 2 };
  void one_side(const PlanCondition::Node& node, const Codes& codes, std::span<const uint16_t> open, uint8_t* out);
  void combine(const PlanCondition& condition, const PlanCondition::Node& node, std::span<const uint16_t> open,
               uint8_t* out, size_t depth, Truth decided);
  void equal(const PlanMeasure& m, std::span<const uint16_t> open, uint8_t* out);
  void measured(const PlanCondition::Node& node, std::span<const uint16_t> open, uint8_t* out);
  void compute(uint32_t index, const PlanMeasure& m, std::span<const uint16_t> open);
  void measure_wanted(uint32_t index, const PlanMeasure& m);
  void distances(const PlanMeasure& m, std::vector<double>& values);

  const PairComparer& comparer_;
  PairComparer::Scratch& scratch_;
  size_t count_ = 0;
};

}  // namespace tessera
