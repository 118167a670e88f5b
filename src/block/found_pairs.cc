// found_pairs.cc: see found_pairs.h.
#include "block/found_pairs.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace tessera {

namespace {

constexpr int range_bits_min = 12;
constexpr size_t ranges_max = 512;  // more would be too many places to write to at once

struct OrderWork {
  std::vector<uint64_t> before;  // by left record of a range: pairs before it; later, upto its end
  std::vector<uint64_t> dealt;   // right record << 16 | rule
};

}  // namespace

FoundPairs::FoundPairs(size_t rows)
    : range_bits_(std::max(range_bits_min, static_cast<int>(std::bit_width(rows / ranges_max)))),
      ranges_((rows >> range_bits_) + 1) {}

class PairOrder {
 public:
  PairOrder(std::span<FoundPairs> found, std::vector<RecordPair>& pairs, std::vector<uint16_t>& rules)
      : found_(found), pairs_(pairs), rules_(rules) {}

  void run() {
    if (found_.empty()) return;
    const size_t ranges = found_[0].ranges_.size();
    std::vector<uint64_t> starts(ranges + 1, 0);
    for (const FoundPairs& some : found_)
      for (size_t r = 0; r < ranges; ++r)
        for (const auto& piece : some.ranges_[r]) starts[r + 1] += piece.size();
    for (size_t r = 0; r < ranges; ++r) starts[r + 1] += starts[r];
    pairs_.resize(starts[ranges]);
    rules_.resize(starts[ranges]);
    tbb::enumerable_thread_specific<OrderWork> works;
    tbb::parallel_for(size_t{0}, ranges,
                      [&](size_t r) { order(r, starts[r], starts[r + 1] - starts[r], works.local()); });
  }

 private:
  template <class Body>
  void for_each(size_t range, const Body& body) {
    const size_t base = range << found_[0].range_bits_;
    for (const FoundPairs& some : found_)
      for (const auto& piece : some.ranges_[range])
        for (const FoundPairs::Found& pair : piece) body(pair.left - base, pair);
  }

  void order(size_t range, uint64_t start, size_t count, OrderWork& work) {
    const int bits = found_[0].range_bits_;
    work.before.assign(size_t{1} << bits, 0);
    work.dealt.resize(count);
    for_each(range, [&](size_t left, const FoundPairs::Found&) { ++work.before[left]; });
    uint64_t sum = 0;
    for (uint64_t& before : work.before) sum += std::exchange(before, sum);
    for_each(range, [&](size_t left, const FoundPairs::Found& pair) {
      work.dealt[work.before[left]++] = uint64_t{pair.right} << 16 | pair.rule;
    });
    for (FoundPairs& some : found_) some.ranges_[range] = {};
    // Each place has run to the end of its record, where the next one begins.
    size_t at = 0;
    for (size_t left = 0; at < count; ++left) {
      const size_t upto = work.before[left];
      if (upto - at > 1)
        std::sort(work.dealt.begin() + static_cast<ptrdiff_t>(at), work.dealt.begin() + static_cast<ptrdiff_t>(upto));
      for (; at < upto; ++at) {
        pairs_[start + at] = {static_cast<uint32_t>(range << bits | left), static_cast<uint32_t>(work.dealt[at] >> 16)};
        rules_[start + at] = static_cast<uint16_t>(work.dealt[at]);
      }
    }
  }

  std::span<FoundPairs> found_;
  std::vector<RecordPair>& pairs_;
  std::vector<uint16_t>& rules_;
};

void put_in_order(std::span<FoundPairs> found, std::vector<RecordPair>& pairs, std::vector<uint16_t>& rules) {
  PairOrder(found, pairs, rules).run();
}

}  // namespace tessera
