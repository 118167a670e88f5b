// scored.h: pairs for tests of resolution.
#pragma once

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <vector>

#include "record/model_plan.h"

namespace tessera::test {

inline ScoredPair scored(uint32_t left, uint32_t right, float weight) { return {left, right, weight, 0}; }

// Weights in quarters, so that many are equal.
inline std::vector<ScoredPair> arbitrary_scored(uint32_t lefts, uint32_t rights, size_t most) {
  return *rc::gen::resize(static_cast<int>(most),
                          rc::gen::container<std::vector<ScoredPair>>(rc::gen::map(
                              rc::gen::tuple(rc::gen::inRange<uint32_t>(0, lefts),
                                             rc::gen::inRange<uint32_t>(0, rights), rc::gen::inRange(-12, 40)),
                              [](const auto& t) {
                                return scored(std::get<0>(t), std::get<1>(t), static_cast<float>(std::get<2>(t)) / 4);
                              })));
}

// Numbers of a fixed seed.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }
  std::mt19937& engine() { return engine_; }

 private:
  std::mt19937 engine_;
};

// Calls f with each of one and four threads at most.
template <class F>
void with_threads(F&& f) {
  for (const size_t threads : {size_t{1}, size_t{4}}) {
    const tbb::global_control bound(tbb::global_control::max_allowed_parallelism, threads);
    f(threads);
  }
}

}  // namespace tessera::test
