// sorted_keys.h: which records of one side share a key?
//
//   keys       1 "k1"    2 "k2"          ascending
//   rows       4 9       0 4 7           ascending within a key
//   directory  by the upper bits of a key: where its neighbours begin
//
// One scatter by the upper bits, then small sorts in the cache, all in parallel and without comparing what is equal:
// a key that a million records have costs no more than a million keys.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.h"
#include "block/rule_keys.h"

namespace tessera {

class SortedKeys {
 public:
  static constexpr uint32_t none = ~uint32_t{0};

  SortedKeys() = default;
  // `singles`: also keys of one record. `directory`: find() is wanted.
  // Requires: fewer than 2^32 - 1 keys of records. Parallel; the same for any number of threads. Uses memory again, that
  // of `scratch` for any number of rules: 16 bytes a key.
  void assign(const RuleKeys& keys, bool singles, bool directory, Arena& scratch);

  [[nodiscard]] size_t size() const { return keys_.size(); }  // distinct keys
  [[nodiscard]] uint64_t key(size_t group) const { return keys_[group]; }
  [[nodiscard]] uint32_t count(size_t group) const { return starts_[group + 1] - starts_[group]; }
  [[nodiscard]] std::span<const uint32_t> rows(size_t group) const {
    return {rows_.data() + starts_[group], count(group)};
  }
  [[nodiscard]] uint32_t find(uint64_t key) const;  // its group, or none
  [[nodiscard]] size_t bytes() const;

 private:
  void index();
  std::vector<uint64_t> keys_;
  std::vector<uint32_t> starts_;  // and one more
  std::vector<uint32_t> rows_;
  std::vector<uint32_t> directory_;
  int shift_ = 0;
};

}  // namespace tessera
