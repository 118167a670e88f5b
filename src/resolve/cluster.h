// cluster.h: which records are one person, once their pairs have weights?
//
//   weights  a-b 9   b-c 8   c-d 7   d-e 9, all others never met; threshold 2
//
//   connected   {a b c d e}       whatever hangs together
//   best_link   {a b c} {d e}     each record follows its best link only: c follows b
//   average     {a b c} {d e}     {a b}-c: (8 - 2) / 2 = 3 will do; {a b c}-{d e}: (7 - 5 * 2) / 6 will not
//   complete    {a b} {c} {d e}   every pair must be a link: a-c is none
//
// Each method works inside the connected pieces of the links (pairs at or above the threshold), many pieces at a time.
// average and complete start with every record alone and merge the two clusters that are most alike, as long as that is
// at or above the threshold: how alike two clusters are is the mean, or the least, of the weights of ALL pairs
// between them. A pair that was never met or not kept counts as `absent`.
//
// Constraints hold for every method: two records of one source, or with two different codes in a column of `differ`,
// are never in one cluster. connected and best_link then take links from the best weight down and refuse those that
// would join what must stay apart.
//
// Equal weights are taken by the smaller record number, then by the other. Sums are of whole steps of 2^-24, so their
// order does not matter; weights beyond 120 either way count as 120.
//
// Not here: which pairs meet and what they are worth (decide/).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "record/model_plan.h"
#include "tessera/job.h"

namespace tessera {

struct ClusterOptions {
  Clusters::Method method = Clusters::Method::automatic;  // automatic: average
  float threshold = 0;                                    // weight from which a pair is a link
  // average, complete: weight of a pair that is not among the pairs. At least 1 below the threshold is taken.
  float absent = -2;
  uint64_t size_max = 10'000;                 // a piece of more records is done as `connected`, and counted
  std::span<const uint16_t> source;           // by record; empty: any number of records of a source
  std::vector<std::span<const Code>> differ;  // columns by record; code 0 may stand with any
};

struct ClusterCounts {
  uint64_t links = 0;           // pairs at or above the threshold, as given
  uint64_t clusters = 0;        // of two records or more
  uint64_t clustered = 0;       // records in them
  uint64_t largest = 0;         // records of the largest; 1 if there is none, 0 without records
  uint64_t cut = 0;             // links whose records ended in two clusters; a link given twice counts once
  uint64_t refused = 0;         // of those: the two clusters must stay apart
  uint64_t self_pairs = 0;      // a record with itself: not used
  uint64_t pieces = 0;          // connected pieces of two records or more
  uint64_t pieces_beyond = 0;   // of those: beyond size_max
  uint64_t records_beyond = 0;  // in those
};

struct ClusterResult {
  std::vector<uint32_t> cluster;  // by record: the smallest record of its cluster
  ClusterCounts counts;
};

// Requires: records of pairs < records; spans of `options` as long as records; fewer than 2^32 - 1 records and pairs.
// A pair given twice counts once, at its best weight. Pairs below the threshold tell average and complete what they
// know. The same for any number of threads and any order of pairs. Memory: 12 bytes a pair, 24 a record.
[[nodiscard]] ClusterResult cluster_records(size_t records, std::span<const ScoredPair> pairs,
                                            const ClusterOptions& options);

}  // namespace tessera
