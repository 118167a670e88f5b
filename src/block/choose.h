// choose.h: which blocking rules meet most true pairs within a budget of pairs?
//
//   candidate             pairs        a sample of likely true pairs, and the candidates that meet each
//   0 surname, dob        1 million    pair a   0 . 2
//   1 postcode            3 million    pair b   . 1 2
//   2 given, year        40 million    pair c   . . 2
//
// Maximum coverage under a budget: always the rule that meets the most weight not yet met for its pairs (Khuller, Moss
// and Naor 1999; with the best single rule as the other choice, at least 1/2 (1 - 1/e) of the optimum).
// What no rule meets is estimated from what few rules meet, as the size of a population is from recaptures.
//
// Before any fit there is no sample: prior_sample() makes one from how often a field usually agrees.
//
// Not here: writing candidates (decide/), the probability of a pair (decide/).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "block/rule_keys.h"

namespace tessera {

// Pairs, likely true, and the candidates that meet each.
class MetSample {
 public:
  explicit MetSample(size_t candidates) : words_((candidates + 63) / 64), candidates_(candidates) {}
  // Weight: the probability that the pair is true. All of `met` are candidates.
  void add(std::span<const uint32_t> met, double weight);
  [[nodiscard]] size_t size() const { return weights_.size(); }
  [[nodiscard]] size_t candidates() const { return candidates_; }
  [[nodiscard]] double weight(size_t pair) const { return weights_[pair]; }
  [[nodiscard]] bool meets(size_t pair, size_t candidate) const {
    return (masks_[pair * words_ + candidate / 64] >> candidate % 64 & 1) != 0;
  }

 private:
  size_t words_, candidates_;
  std::vector<uint64_t> masks_;
  std::vector<double> weights_;
};

// Candidates in the order chosen: their pairs together (as if none met twice) are at most `budget`. Rules that add less
// than `least_gain` of the sample's weight are left out, as are rules that later ones made needless.
// `pairs` is by candidate. Ties: fewer pairs, then the first.
[[nodiscard]] std::vector<size_t> choose_rules(std::span<const uint64_t> pairs, const MetSample& sample,
                                               uint64_t budget, double least_gain = 1e-4);

// The same, but a pair that is met stays worth having again, at a share of what it was worth before: a sample never
// shows all ways in which records differ, and what several rules meet is met by one of them when it differs anew.
struct RepeatedChoice {
  uint64_t budget = 0;     // of pairs
  double again = 0.1;      // of the worth before
  double least_gain = 0;   // weight below which a rule is not worth having
  double least_yield = 0;  // the same, by pair of the rule
  size_t rules_max = 60;
};
// In the order chosen: the largest gain by cost, where the cost is the rule's pairs and a hundredth of the budget.
[[nodiscard]] std::vector<size_t> choose_repeatedly(std::span<const uint64_t> pairs, const MetSample& sample,
                                                    const RepeatedChoice& options);

// How many true pairs the rules miss: a lower bound, without truth.
//
//   f1, f2   weight of pairs that exactly one, exactly two of the t rules meet
//   unseen   (t - 1) / t * f1^2 / (2 f2), Chao (1987);   (t - 1) / t * f1 (f1 - 1) / 2 where f2 is 0
//
// It is near where rules err independently, and exact for two. Rules that share a field fail and hold together, which
// is no recapture: with `fields` (by candidate, a bit for each field) a pair counts as often as rules of which no two
// have a field in common meet it, and t is the most there can be. People who are written badly in all fields are seen
// by none: the bound is then too low. With t of 1 nothing can be said, and unseen is 0.
// Requires: `sample` was found by these very rules, or is a fair sample of what they find.
struct MetEstimate {
  double met = 0;              // weight of pairs that the rules meet
  double unseen = 0;           // at least
  double once = 0, twice = 0;  // f1, f2
  unsigned occasions = 0;      // t
  [[nodiscard]] double share() const { return met > 0 ? met / (met + unseen) : 0; }  // at most
};
[[nodiscard]] MetEstimate estimate_met(const MetSample& sample, std::span<const size_t> chosen,
                                       std::span<const uint64_t> fields = {});

// How often two records of one person agree in a column; a column made from another (`from`) agrees where that does,
// and else with its own rate.
struct AgreementRate {
  double rate = 0;
  int from = -1;  // index of an earlier one
};
// What rules over such columns would meet if the columns erred independently. rules[i]: indexes of rates. Seeded.
[[nodiscard]] MetSample prior_sample(std::span<const AgreementRate> rates, std::span<const std::vector<uint32_t>> rules,
                                     uint64_t seed = 1, size_t draws = 1 << 14);

// Pairs that a rule would make, for choosing: exact where `one_in` is 1. Else keys that are frequent in a small sample
// of rows are counted exactly, and of the others one in `one_in` (a power of two). `left` null: within `right`.
[[nodiscard]] uint64_t count_rule_pairs(const PlanRule& rule, const ValueTable* left, const ValueTable& right,
                                        const ItemsOf& items, unsigned one_in = 1);

}  // namespace tessera
