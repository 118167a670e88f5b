// sorted_keys.cc: how are ten million keys sorted in a fraction of a second?
//
// Keys are spread evenly, so their upper bits are good bins. Rows are counted by bin, a prefix sum gives every chunk
// of rows its place in every bin, and rows are scattered there in order. A bin fits in the cache: it is counted once
// more by its next bits, and what is left are runs of two or three. Every step keeps the order of rows.
#include "block/sorted_keys.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>

#include "base/line_scatter.h"
#include "base/touch.h"

namespace tessera {

namespace {

struct Entry {
  uint64_t key;
  uint32_t row;
};

constexpr size_t bin_entries = 2048;  // aimed at: 32 KiB
constexpr int bin_bits_max = 11;      // more bins than the TLB holds cost more than they save
constexpr size_t short_run = 24;

bool key_less(const Entry& a, const Entry& b) { return a.key < b.key; }

void insert_all(std::span<Entry> run) {
  for (size_t at = 1; at < run.size(); ++at) {
    if (run[at - 1].key <= run[at].key) continue;
    const Entry entry = run[at];
    size_t to = at;
    for (; to > 0 && entry.key < run[to - 1].key; --to) run[to] = run[to - 1];
    run[to] = entry;
  }
}

void sort_run(Entry* begin, Entry* end) {
  if (static_cast<size_t>(end - begin) <= short_run) return insert_all({begin, end});
  if (!std::is_sorted(begin, end, key_less)) std::stable_sort(begin, end, key_less);
}

struct BinScratch {
  std::unique_ptr<Entry[]> entries;
  size_t size = 0;
  std::vector<uint32_t> starts;
};

// Sorts one bin by key, here or in the scratch; rows of equal keys stay in order. `used`: upper bits that all entries
// share.
std::span<Entry> sort_bin(std::span<Entry> bin, int used, BinScratch& scratch) {
  if (bin.size() <= short_run) {
    if (!bin.empty()) sort_run(bin.data(), bin.data() + bin.size());
    return bin;
  }
  const int bits = std::min({static_cast<int>(std::bit_width(bin.size() / 2)), 16, 64 - used});
  const auto part = [&](uint64_t key) { return static_cast<size_t>(key << used >> (64 - bits)); };
  scratch.starts.assign((size_t{1} << bits) + 1, 0);
  for (const Entry& entry : bin) ++scratch.starts[part(entry.key) + 1];
  uint32_t largest = 0;
  for (size_t i = 1; i < scratch.starts.size(); ++i) {
    largest = std::max(largest, scratch.starts[i]);
    scratch.starts[i] += scratch.starts[i - 1];
  }
  if (scratch.size < bin.size()) {
    scratch.entries = std::make_unique_for_overwrite<Entry[]>(bin.size());
    scratch.size = bin.size();
  }
  Entry* from = scratch.entries.get();
  for (const Entry& entry : bin) from[scratch.starts[part(entry.key)]++] = entry;
  const std::span<Entry> sorted(from, bin.size());
  // Parts of one or two are soon in order, all in one go; a long one first by itself. starts[i] is now where part i ends.
  for (size_t i = 0; largest > short_run && i + 1 < scratch.starts.size(); ++i) {
    Entry* to = sorted.data() + scratch.starts[i];
    if (static_cast<size_t>(to - from) > short_run) sort_run(from, to);
    from = to;
  }
  insert_all(sorted);
  return sorted;
}

struct Kept {
  uint32_t rows = 0, groups = 0;
};

// What is kept of a sorted bin, to `to`: all, or keys of several records. Without a branch: how many rows share a key is
// as good as random.
Kept keep_groups(std::span<const Entry> sorted, bool singles, Entry* to) {
  Kept kept;
  bool as_before = false;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const bool as_next = i + 1 < sorted.size() && sorted[i + 1].key == sorted[i].key;
    const bool keeps = singles | as_before | as_next;
    to[kept.rows] = sorted[i];
    kept.rows += keeps;
    kept.groups += keeps & !as_before;
    as_before = as_next;
  }
  return kept;
}

// Calls group(begin, end) for each run of equal keys.
template <typename Group>
void for_groups(std::span<const Entry> bin, const Group& group) {
  for (size_t begin = 0, end = 0; begin < bin.size(); begin = end) {
    for (end = begin + 1; end < bin.size() && bin[end].key == bin[begin].key;) ++end;
    group(begin, end);
  }
}

}  // namespace

void SortedKeys::assign(const RuleKeys& keys, bool singles, bool directory, Arena& scratch) {
  const size_t rows = keys.rows();
  assert(keys.entries() < none && rows < none);
  const int bits = std::clamp(static_cast<int>(std::bit_width(keys.entries() / bin_entries)), 1, bin_bits_max);
  const size_t bins = size_t{1} << bits;
  const auto bin_of = [&](uint64_t key) { return static_cast<size_t>(key >> (64 - bits)); };

  // Count.
  const size_t chunks = std::clamp<size_t>(rows / (1 << 16), 1, 64);
  const auto first_row = [&](size_t chunk) { return rows * chunk / chunks; };
  std::vector<uint32_t> places(chunks * bins, 0);
  oneapi::tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    uint32_t* counts = places.data() + chunk * bins;
    for (size_t row = first_row(chunk); row < first_row(chunk + 1); ++row)
      for (const uint64_t key : keys.of(row)) ++counts[bin_of(key)];
  });
  // Prefix sum: bin by bin, and chunk by chunk within it.
  std::vector<uint32_t> starts(bins + 1, 0);
  uint32_t sum = 0;
  for (size_t bin = 0; bin < bins; ++bin) {
    starts[bin] = sum;
    for (size_t chunk = 0; chunk < chunks; ++chunk) {
      const uint32_t count = places[chunk * bins + bin];
      places[chunk * bins + bin] = sum;
      sum += count;
    }
  }
  starts[bins] = sum;
  // Fill.
  if (scratch.bytes() < sum * sizeof(Entry)) scratch = Arena(sum * sizeof(Entry));
  auto* const entries = reinterpret_cast<Entry*>(scratch.data());
  oneapi::tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    LineScatter<Entry> scatter(entries, {places.data() + chunk * bins, bins});
    for (size_t row = first_row(chunk); row < first_row(chunk + 1); ++row)
      for (const uint64_t key : keys.of(row)) scatter.put(bin_of(key), {key, static_cast<uint32_t>(row)});
    scatter.finish();
  });

  const auto bin = [&](size_t i) { return std::span<Entry>(entries + starts[i], starts[i + 1] - starts[i]); };
  std::vector<uint32_t> group_starts(bins + 1, 0), row_starts(bins + 1, 0);
  oneapi::tbb::enumerable_thread_specific<BinScratch> scratches;
  oneapi::tbb::parallel_for(size_t{0}, bins, [&](size_t i) {
    // What is kept comes to the front: of most rules few rows share a key.
    const Kept kept = keep_groups(sort_bin(bin(i), bits, scratches.local()), singles, bin(i).data());
    group_starts[i + 1] = kept.groups;
    row_starts[i + 1] = kept.rows;
  });
  for (size_t i = 0; i < bins; ++i) {
    group_starts[i + 1] += group_starts[i];
    row_starts[i + 1] += row_starts[i];
  }
  grow_touched(keys_, group_starts[bins]);
  grow_touched(starts_, size_t{group_starts[bins]} + 1);
  grow_touched(rows_, row_starts[bins]);
  starts_.back() = row_starts[bins];
  oneapi::tbb::parallel_for(size_t{0}, bins, [&](size_t i) {
    size_t group = group_starts[i];
    uint32_t row = row_starts[i];
    const auto sorted = bin(i).first(row_starts[i + 1] - row_starts[i]);
    for_groups(sorted, [&](size_t begin, size_t end) {
      keys_[group] = sorted[begin].key;
      starts_[group++] = row;
      for (size_t at = begin; at < end; ++at) rows_[row++] = sorted[at].row;
    });
  });
  directory_.clear();
  if (directory) index();
}

void SortedKeys::index() {
  const int bits = std::max(1, static_cast<int>(std::bit_width(keys_.size() / 2)));
  shift_ = 64 - bits;
  grow_touched(directory_, (size_t{1} << bits) + 1);
  // Each place is written once: by the first key at or after it.
  constexpr size_t step = 1 << 16;
  oneapi::tbb::parallel_for(size_t{0}, keys_.size() / step + 1, [&](size_t chunk) {
    for (size_t i = chunk * step; i < std::min(keys_.size(), (chunk + 1) * step); ++i) {
      const size_t from = i ? static_cast<size_t>(keys_[i - 1] >> shift_) + 1 : 0;
      for (size_t at = from; at <= keys_[i] >> shift_; ++at) directory_[at] = static_cast<uint32_t>(i);
    }
  });
  const size_t after = keys_.empty() ? 0 : static_cast<size_t>(keys_.back() >> shift_) + 1;
  std::fill(directory_.begin() + static_cast<ptrdiff_t>(after), directory_.end(), static_cast<uint32_t>(keys_.size()));
}

uint32_t SortedKeys::find(uint64_t key) const {
  assert(!directory_.empty());
  const size_t part = key >> shift_;
  for (uint32_t i = directory_[part]; i < directory_[part + 1]; ++i)
    if (keys_[i] == key) return i;
  return none;
}

size_t SortedKeys::bytes() const {
  return keys_.size() * sizeof(uint64_t) + (starts_.size() + rows_.size() + directory_.size()) * sizeof(uint32_t);
}

}  // namespace tessera
