// line_scatter.h: how are entries written to many places in turn?
//
//   bin 0   | . . e e |      a line of the cache for each bin, filled by and by ...
//   bin 1   | e e e e |  ->  ... and written as a whole, past the cache
//
// An entry that is written straight to its place first brings the line there from memory, and few lines are still in the
// cache when the next entry of their bin comes. A line that is written as a whole need not be brought.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tessera {

template <class Entry>
class LineScatter {
 public:
  // `places`: by bin, where its next entry goes; they are moved on. Other threads may write to other places.
  // Requires: the address of `entries` is a multiple of the size of one.
  LineScatter(Entry* entries, std::span<uint32_t> places)
      : entries_(entries),
        places_(places),
        begins_(places.begin(), places.end()),
        lines_(std::make_unique_for_overwrite<Line[]>(places.size())),
        skipped_(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(entries) / sizeof(Entry) % of_line)) {
    assert(reinterpret_cast<uintptr_t>(entries) % sizeof(Entry) == 0);
  }
  void put(size_t bin, const Entry& entry) {
    const uint32_t at = places_[bin]++, of = (at + skipped_) % of_line;
    lines_[bin].entries[of] = entry;
    if (of == of_line - 1) write(bin, at + 1);
  }
  // What is left in the lines. To be called once, and last.
  void finish() {
    for (size_t bin = 0; bin < places_.size(); ++bin) copy(bin, places_[bin], (places_[bin] + skipped_) % of_line);
#ifdef __SSE2__
    _mm_sfence();
#endif
  }

 private:
  static constexpr uint32_t of_line = 64 / sizeof(Entry);
  struct alignas(64) Line {
    Entry entries[of_line];
  };
  static_assert(sizeof(Line) == of_line * sizeof(Entry));

  // The last `count` entries before `end`: those of the line of the bin that are ours.
  void copy(size_t bin, uint32_t end, uint32_t count) {
    for (uint32_t i = std::min(count, end - begins_[bin]); i > 0; --i)
      entries_[end - i] = lines_[bin].entries[count - i];
  }
  void write(size_t bin, uint32_t end) {
    if (end - begins_[bin] < of_line) return copy(bin, end, of_line);
#ifdef __SSE2__
    const auto* const from = reinterpret_cast<const __m128i*>(lines_[bin].entries);
    auto* const to = reinterpret_cast<__m128i*>(entries_ + (end - of_line));
    for (size_t i = 0; i < sizeof(Line) / sizeof(__m128i); ++i) _mm_stream_si128(to + i, _mm_load_si128(from + i));
#else
    copy(bin, end, of_line);
#endif
  }

  Entry* entries_;
  std::span<uint32_t> places_;
  std::vector<uint32_t> begins_;  // by bin: where its entries began
  std::unique_ptr<Line[]> lines_;
  uint32_t skipped_;  // entries of the first line that are before ours
};

}  // namespace tessera
