// repeats.cc: see repeats.h.
#include "block/repeats.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <map>

namespace tessera {

namespace {

constexpr uint64_t multiplier = 0x9e3779b97f4a7c15;
constexpr uint64_t some = uint64_t{1} << 63;  // of every key, so that no key equals an empty entry
constexpr size_t block_rows = 512;            // whose keys are made together, and used while they are in the cache

using Columns = std::vector<std::vector<uint64_t>>;
using Slots = std::span<const uint32_t>;

// A hash of the words: their sum, each times an odd number of its own.
class HashedKeys {
 public:
  HashedKeys(const Columns& columns, Slots slots) {
    uint64_t factor = multiplier;
    for (const uint32_t slot : slots) {
      terms_.push_back({columns[slot].data(), factor});
      factor = factor * multiplier | 1;
    }
    if (terms_.size() % 2 != 0) terms_.push_back({columns[slots[0]].data(), 0});
  }
  void operator()(size_t first, size_t rows, uint64_t* keys) const {
    std::fill_n(keys, rows, uint64_t{0});
    for (size_t k = 0; k < terms_.size(); k += 2) {
      const auto [a, of_a] = terms_[k];
      const auto [b, of_b] = terms_[k + 1];
      for (size_t i = 0; i < rows; ++i) keys[i] += a[first + i] * of_a + b[first + i] * of_b;
    }
    for (size_t i = 0; i < rows; ++i) keys[i] ^= keys[i] >> 32;
  }

 private:
  struct Term {
    const uint64_t* words;
    uint64_t factor;
  };
  std::vector<Term> terms_;
};

// The words themselves side by side, stirred without loss, where 63 bits are enough: rows with one key are alike, and
// nothing is left to check. How many bits a slot takes is guessed from the first rows.
class WholeKeys {
 public:
  WholeKeys(const Columns& columns, Slots slots, size_t rows) : columns_(columns), slots_(slots) {
    for (const uint32_t slot : slots) {
      uint64_t any = 0;
      for (size_t i = 0; i < std::min(block_rows, rows); ++i) any |= columns[slot][i];
      bits_.push_back(static_cast<unsigned>(std::bit_width(any)));
      used_ += bits_.back();
    }
    fit_ = used_ < 64;
  }
  void operator()(size_t first, size_t rows, uint64_t* keys) {
    std::fill_n(keys, rows, uint64_t{0});
    uint64_t beyond = 0;
    for (size_t k = 0; k < slots_.size(); ++k) {
      const uint64_t* words = columns_[slots_[k]].data() + first;
      const unsigned bits = bits_[k];
      for (size_t i = 0; i < rows; ++i) {
        keys[i] = keys[i] << bits | words[i];
        beyond |= words[i] >> bits;
      }
    }
    for (size_t i = 0; i < rows; ++i) {
      const uint64_t key = keys[i] * multiplier & ~some;
      keys[i] = key ^ key >> 32;
    }
    fit_ = fit_ && beyond == 0;
  }
  // Whether all rows so far had words of that many bits.
  [[nodiscard]] bool fit() const { return fit_; }

 private:
  const Columns& columns_;
  Slots slots_;
  std::vector<unsigned> bits_;  // by slot
  unsigned used_ = 0;
  bool fit_ = false;
};

// An entry of the table: the upper bits of a key, and the number of the record that had it last, in as many bits as the
// place in the table says of the key.
template <class MakeKeys>
void look_up(size_t rows, MakeKeys& make_keys, Repeats& out) {
  out.like.resize(rows);
  out.first.resize(rows);
  out.keys.resize(block_rows);
  uint64_t* const keys = out.keys.data();
  const size_t size = std::bit_ceil(std::max<size_t>(rows, 2));
  const uint64_t low = size - 1;
  out.seen.assign(size, 0);
  uint64_t* const seen = out.seen.data();
  uint64_t records = 0;
  for (size_t begin = 0; begin < rows; begin += block_rows) {
    const size_t end = std::min(rows, begin + block_rows);
    make_keys(begin, end - begin, keys);
    for (size_t i = begin; i < end; ++i) {
      const uint64_t key = keys[i - begin] | some;
      uint64_t& entry = seen[key & low];
      const bool known = (entry ^ key) <= low;
      const uint64_t record = known ? entry & low : records;
      entry = (key & ~low) | record;
      out.like[i] = static_cast<uint32_t>(record);
      out.first[records] = static_cast<uint32_t>(i);
      records += known ? 0 : 1;
    }
  }
  out.first.resize(records);
  // Counted apart: a count that was set to 0 a moment ago is slow to read.
  out.copies.assign(records, 0);
  for (size_t i = 0; i < rows; ++i) ++out.copies[out.like[i]];
}

void gather_words(const Columns& columns, Slots slots, Repeats& out) {
  out.words.resize(columns.size());
  for (const uint32_t slot : slots) {
    out.words[slot].resize(out.records());
    uint64_t* const to = out.words[slot].data();
    const uint64_t* const from = columns[slot].data();
    for (size_t i = 0; i < out.records(); ++i) to[i] = from[out.first[i]];
  }
}

bool all_equal(const Columns& columns, Slots slots, size_t rows, const Repeats& repeats) {
  const uint32_t* const like = repeats.like.data();
  uint64_t differ = 0;
  for (const uint32_t slot : slots) {
    const uint64_t *const words = columns[slot].data(), *const known = repeats.words[slot].data();
    for (size_t i = 0; i < rows; ++i) differ |= words[i] ^ known[like[i]];
  }
  return differ == 0;
}

}  // namespace

void find_repeats(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots, size_t rows,
                  Repeats& out) {
  assert(rows <= size_t{1} << 24);
  if (WholeKeys whole(columns, slots, rows); whole.fit()) {
    look_up(rows, whole, out);
    if (whole.fit()) return gather_words(columns, slots, out);
  }
  const HashedKeys hashed(columns, slots);
  look_up(rows, hashed, out);
  gather_words(columns, slots, out);
  if (!all_equal(columns, slots, rows, out)) [[unlikely]]
    find_repeats_slowly(columns, slots, rows, out);
}

void find_repeats_slowly(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots,
                         size_t rows, Repeats& out) {
  std::map<std::vector<uint64_t>, uint32_t> records;
  out.like.clear();
  out.first.clear();
  out.copies.clear();
  for (size_t i = 0; i < rows; ++i) {
    std::vector<uint64_t> words;
    for (const uint32_t slot : slots) words.push_back(columns[slot][i]);
    const auto [at, added] = records.emplace(std::move(words), static_cast<uint32_t>(out.first.size()));
    if (added) {
      out.first.push_back(static_cast<uint32_t>(i));
      out.copies.push_back(0);
    }
    out.like.push_back(at->second);
    ++out.copies[at->second];
  }
  gather_words(columns, slots, out);
}

}  // namespace tessera
