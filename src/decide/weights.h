// weights.h: what is a pair worth, by its pattern?
//
//   weight = log2(lambda / (1 - lambda)) + sum of log2(m / u) of its levels + dependences + term frequencies
//
// With a third class, of related pairs (model.h), a match is weighed against both others:
//
//   weight = W - log2(1 + 2^R),   R = log2(share related / share of others) + sum of log2(q / u) + dependences
//                                     + term frequencies, each where a home shares the comparison
//
// The pattern's part is looked up: neighbouring comparisons share a table over their bits, of up to 2^11 sums each,
// so a pattern costs two or three additions. Term frequencies need the values' shares and are added by pair.
//
// Not here: estimating m, u and lambda (estimate.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "record/model_plan.h"
#include "tessera/error.h"
#include "tessera/model.h"

namespace tessera {

// Splink's m and u of levels that have none (by comparison, by digit): m is .95 at the top and shares the rest evenly;
// weights are +10 at the top and go evenly from -5 to +3 below it; u = m / 2^weight.
std::vector<std::vector<double>> splink_default_m(const ModelPlan& plan);
std::vector<std::vector<double>> splink_default_u(const ModelPlan& plan);

// 2^weight / (1 + 2^weight), without overflow on either side.
double probability_of(double weight);
// log2(p / (1 - p)); plus or minus infinity at 1 and 0.
double weight_of(double probability);

class WeightTable {
 public:
  // Levels without m or u have Splink's; m and u are at least 1e-300. Lambda: the model's, else 1e-4.
  // Fails: usage (2) for a probability outside 0..1, or a dependence of comparisons or levels that are not there.
  static Result<WeightTable> build(const Model& model, const ModelPlan& plan);

  // Prior, levels and dependences; without term frequencies, and against others only: see against_related().
  [[nodiscard]] double weight(Pattern pattern) const { return sum_of(prior_, chunks_, edges_, pattern); }

  [[nodiscard]] bool has_related() const { return has_related_; }
  // R, without term frequencies.
  [[nodiscard]] double related_weight(Pattern pattern) const {
    return sum_of(related_prior_, related_chunks_, related_edges_, pattern);
  }
  // Whether a home shares the comparison, so that its term frequency counts for R too.
  [[nodiscard]] bool is_shared(size_t comparison) const { return shared_[comparison]; }
  // W - log2(1 + 2^R).
  static double against_related(double weight, double related);

  [[nodiscard]] double prior() const { return prior_; }
  [[nodiscard]] double m(size_t comparison, unsigned digit) const { return m_[comparison][digit]; }
  [[nodiscard]] double u(size_t comparison, unsigned digit) const { return u_[comparison][digit]; }
  // log2(m / u); 0 of digit 0.
  [[nodiscard]] double level_weight(size_t comparison, unsigned digit) const {
    return level_weights_[comparison][digit];
  }
  // What the dependences add to a pattern; a part of weight().
  [[nodiscard]] double dependence_weight(Pattern pattern) const;

  // The comparisons of which some level has a term frequency, ascending.
  [[nodiscard]] const std::vector<uint32_t>& frequency_comparisons() const { return frequency_comparisons_; }
  // Whether this level has one; its index in PlanComparison::frequencies, or -1.
  [[nodiscard]] int frequency_of(size_t comparison, unsigned digit) const {
    return frequencies_[comparison][digit].index;
  }

  // What the shares of both values add. A share of 0 or NaN is not known: then the other counts, and with neither 0.
  //   equal values, and all levels of models from elsewhere:
  //     weight * (log2 u_exact - log2 max(left, right, minimum_u))
  //   levels of close values whose close_mean is known, where Model::close_frequency:
  //     weight * (log2 close_mean - log2 max(left, right, minimum_u)), but never so much that the level would
  //     weigh more than equality of a value as frequent as the more frequent of the two
  [[nodiscard]] double adjustment(size_t comparison, unsigned digit, double left, double right) const;
  // The same from the binary logarithms of the shares: minus infinity is not known.
  [[nodiscard]] double adjustment_of_logs(size_t comparison, unsigned digit, double left, double right) const {
    const Frequency& frequency = frequencies_[comparison][digit];
    const double share = std::max(left, right);
    if (frequency.index < 0 || share == -std::numeric_limits<double>::infinity()) return 0;
    const double base = frequency.capped ? std::min(frequency.log_base, frequency.exact_over) : frequency.log_base;
    return frequency.weight * (base - std::max(share, frequency.log_minimum));
  }

 private:
  struct Chunk {
    unsigned shift = 0;
    Pattern mask = 0;
    std::vector<double> sums;
  };
  struct Edge {
    unsigned first_shift = 0, second_shift = 0;
    Pattern first_mask = 0, second_mask = 0;
    size_t digits = 0;          // of the second
    std::vector<double> extra;  // for any digits that the bits can hold
  };
  struct Frequency {
    int index = -1;
    double weight = 1, minimum = 0;
    double log_minimum = -std::numeric_limits<double>::infinity();
    double log_base = 0;  // log2 of what the share is measured against
    bool capped = false;
    double exact_over = 0;  // log2 u_exact + weight of the exact level - weight of this one
  };
  static double sum_of(double prior, const std::vector<Chunk>& chunks, const std::vector<Edge>& edges,
                       Pattern pattern) {
    double sum = prior;
    for (const Chunk& chunk : chunks) sum += chunk.sums[pattern >> chunk.shift & chunk.mask];
    for (const Edge& edge : edges)
      sum += edge.extra[(pattern >> edge.first_shift & edge.first_mask) * edge.digits +
                        (pattern >> edge.second_shift & edge.second_mask)];
    return sum;
  }
  static std::vector<Chunk> chunks_of(const ModelPlan& plan, const std::vector<std::vector<double>>& weights);
  Status add_related(const Model& model, const ModelPlan& plan);

  // Fixed after build.
  double prior_ = 0;
  std::vector<std::vector<double>> m_, u_, level_weights_;
  std::vector<std::vector<Frequency>> frequencies_;
  std::vector<uint32_t> frequency_comparisons_;
  std::vector<Chunk> chunks_;
  std::vector<Edge> edges_;
  bool has_related_ = false;
  double related_prior_ = 0;
  std::vector<bool> shared_;  // by comparison
  std::vector<Chunk> related_chunks_;
  std::vector<Edge> related_edges_;
};

}  // namespace tessera
