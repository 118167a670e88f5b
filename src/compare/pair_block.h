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
static_assert(grid_records_max <= block_pairs_model && opening_group == mark_group);

class PairComparer::Scratch {
 public:
  // One group more, so that the same pair's words in two arrays are not 4 KiB apart: a load would wait for the store.
  using Words = std::array<uint64_t, block_pairs_model + opening_group>;
  // One word of the rows of all pairs of a block, and what it says of them.
  struct Gathered {
    const uint64_t *left = nullptr, *right = nullptr;  // below, or of the grid
    alignas(64) Words own_left, own_right, known, agree;
  };
  std::vector<Gathered> gathered;  // by word of a row
  // What a grid's records have of something; the right ones twice, so that those of each turn lie together.
  struct OfGrid {
    alignas(64) std::array<uint64_t, grid_records_max + opening_group> left;
    alignas(64) std::array<uint64_t, 2 * grid_records_max + 2 * opening_group> right;
  };
  std::vector<OfGrid> grid_words, grid_marks;  // by word of a row; by measure, of those that have a filter
  Words left_marks{}, right_marks{};
  std::array<uint64_t, block_pairs_model / 64> open_bits, near_bits;  // by pair
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
  // All records of a grid, for the turns that follow.
  void load(const CodeRows& left, const CodeRows& right, const RecordGrid& grid);
  void take_turn(size_t turn);
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
  void find_agreements();
  using Bits = PairComparer::Scratch::Words PairComparer::Scratch::Gathered::*;
  [[nodiscard]] FreeBit free_bit(Bits words, ColumnId column) const;
  void open_with(const PairComparer::Opening& opening, Pattern otherwise, Pattern* patterns);
  void climb(const PairComparer::Ladder& ladder, Pattern otherwise, Pattern* patterns);
  void list(std::span<const uint64_t> bits);
  void list_near(uint32_t measure);
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
  void measure_wanted(uint32_t index, const PlanMeasure& m, const MeasureFilter* filter);
  void distances(const PlanMeasure& m, std::vector<double>& values);

  const PairComparer& comparer_;
  PairComparer::Scratch& scratch_;
  size_t count_ = 0;
  size_t records_ = 0, turn_ = 0;  // of a grid; 0: there is none
};

}  // namespace tessera
