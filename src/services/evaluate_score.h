// evaluate_score.h: what do judged links and clusters come to? Counting only: no files, no ids.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "services/evaluate.h"

namespace tessera {

// Score: what links are ordered by; NaN is below every threshold.
struct ScoredLink {
  float score = 0;
  bool right = false;
};

// The threshold with the best F1 (the highest of several), and a table of about ten round thresholds. Sorts `links`.
void score_thresholds(std::vector<ScoredLink>& links, uint64_t true_pairs, bool probabilities, Evaluation& out);

// Bands of probability. NaN is left out.
void score_calibration(std::span<const ScoredLink> links, Evaluation& out);

// For each record its cluster and its entity, any numbers; no_entity: not named by the truth.
[[nodiscard]] ClusterScores score_clusters(std::span<const uint32_t> cluster, std::span<const uint32_t> entity);

}  // namespace tessera
