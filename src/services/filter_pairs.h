// filter_pairs.h: how alike are the encoded filters of two records, and which pairs are alike enough?
//
//   bytes of each distinct filter ── a row of 64-bit words for each record ── pairs at or above the limit
//
// Without "block" every filter meets every other that could be like enough by its number of bits; with it, the records
// that agree by one of its rules. Both give pieces of scored pairs, as a model does, whose weight is the similarity.
#pragma once

#include <memory>
#include <vector>

#include "block/block.h"
#include "record/model_plan.h"
#include "tessera/job.h"

namespace tessera {

struct ModelRun;

class FilterPairs {
 public:
  // Requires: filters of one length, as read_model_records() ensures.
  explicit FilterPairs(const ModelRun& run);

  [[nodiscard]] size_t bits() const { return bits_; }
  [[nodiscard]] uint64_t left_filters() const { return left_count_; }
  [[nodiscard]] uint64_t right_filters() const { return right_count_; }
  [[nodiscard]] double similarity(RecordPair pair) const;
  void score(std::span<const RecordPair> pairs, double* out) const;
  // All pairs at or above the limit, by left and then by right; of "top" no more.
  [[nodiscard]] std::vector<RecordPair> search() const;

 private:
  [[nodiscard]] FilterSet left() const { return {left_, words_}; }
  [[nodiscard]] FilterSet right() const { return within_ ? left() : FilterSet{right_, words_}; }

  Similar how_;
  bool within_ = false;
  size_t bits_ = 0, words_ = 0;
  uint64_t left_count_ = 0, right_count_ = 0;  // records with a filter
  std::vector<uint64_t> left_, right_;         // a row for each record; zeros: none
};

}  // namespace tessera
