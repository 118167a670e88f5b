// evaluate.h: how good are links and clusters, beside a truth that is known?
//
//   links    1-2 .99   1-3 .60   4-5 .20        truth   {1 2} {3 6} {4 5}
//   right    1-2 and 4-5 of 3: precision .67    of 3 true pairs 2 are found: recall .67
//
// Records are known by their ids, as text. With a truth of entities only links of two records that it names are judged;
// in a truth of pairs every pair that it does not name is wrong. Within one input a pair has no direction. Between two
// inputs equal ids are different records: the truth has a column `file` or `input`, or --between says so.
//
// An id is kept as a number and 64 bits of hash: 24 bytes for a link, 8 for a true pair, some 24 for an id. Two ids are
// taken for one with a chance of n^2 / 2^65. No id and no value but those of --by reach a report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tessera/error.h"

namespace tessera {

struct EvaluateOptions {
  std::vector<std::string>
      links;  // files: from_id and to_id (or id_l, id_r); weight, probability, rank if they have them
  std::vector<std::string> truth;     // files: two columns of ids, or id and entity (and file or input)
  std::vector<std::string> clusters;  // files: id and cluster_id (and input)
  std::string by;                     // a column of links whose values are told apart; empty: none
  bool between = false;               // pairs: the ids of the two sides are of two inputs
  std::string from, to;               // names in the truth's column `file` or `input` of the two sides of links
};

struct Rates {
  uint64_t links = 0, right = 0, truth = 0;
  [[nodiscard]] double precision() const { return links ? static_cast<double>(right) / static_cast<double>(links) : 0; }
  [[nodiscard]] double recall() const { return truth ? static_cast<double>(right) / static_cast<double>(truth) : 0; }
  [[nodiscard]] double f1() const {
    return links + truth ? 2 * static_cast<double>(right) / static_cast<double>(links + truth) : 0;
  }
};

// Links at or above a weight (or probability).
struct ThresholdRow {
  double at_least = 0;
  Rates rates;
};

// Links whose probability is in [low, high): how many a model expects to be right, and how many are.
struct CalibrationBand {
  double low = 0, high = 0;
  uint64_t links = 0, right = 0;
  double predicted = 0;  // mean probability
};

struct RankRow {
  int64_t rank = 0;
  Rates rates;  // recall: at this rank or a better one
  uint64_t right_so_far = 0;
};

struct GroupRow {
  std::string value;
  uint64_t links = 0, right = 0;
};

struct ClusterScores {
  uint64_t records = 0, clusters = 0, entities = 0;  // records that the truth names
  uint64_t unknown = 0;                              // records of the clusters that it does not name: left out
  Rates pairs;                                       // of records in one cluster
  double b_cubed_precision = 0, b_cubed_recall = 0;  // mean over records
  [[nodiscard]] double b_cubed_f1() const {
    const double sum = b_cubed_precision + b_cubed_recall;
    return sum > 0 ? 2 * b_cubed_precision * b_cubed_recall / sum : 0;
  }
};

struct Evaluation {
  bool has_links = false;
  Rates all;                    // at the threshold of the file: every link
  uint64_t repeated = 0;        // links given again: counted once, at their best
  uint64_t self_links = 0;      // of a record with itself: left out
  uint64_t unjudged = 0;        // links with a record that the truth does not name: left out (entities)
  uint64_t unknown_ids = 0;     // records of links that the truth does not name
  bool by_probability = false;  // thresholds are probabilities, for there are no weights
  std::optional<ThresholdRow> best;
  std::vector<ThresholdRow> thresholds;
  std::vector<CalibrationBand> calibration;
  double calibration_error = 0;  // mean over links of |predicted - observed| of their band
  std::vector<RankRow> ranks;
  std::vector<GroupRow> groups;  // fewer than 10 links: together
  std::optional<ClusterScores> clusters;
};

// Fails: usage (2) for a column that is not there or options that do not fit; data (3) for files that cannot be used,
// an empty truth, or one that knows no record of the links or clusters.
[[nodiscard]] Result<Evaluation> evaluate(const EvaluateOptions& options);

}  // namespace tessera
