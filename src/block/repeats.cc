// repeats.cc: see repeats.h.
#include "block/repeats.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <map>

namespace tessera {

namespace {

// An entry of the table: the upper bits of a key, and the number of the record that had it last.
constexpr uint64_t record_bits = 0xffffff;
constexpr uint64_t some = uint64_t{1} << 63;  // of every key, so that no key equals an empty entry

void make_keys(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots, size_t rows,
               std::vector<uint64_t>& keys) {
  keys.assign(rows, 0);
  for (const uint32_t slot : slots) {
    const uint64_t* words = columns[slot].data();
    for (size_t i = 0; i < rows; ++i) {
      const uint64_t key = (keys[i] ^ words[i]) * 0x9e3779b97f4a7c15;
      keys[i] = key ^ key >> 32;
    }
  }
}

bool all_equal(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots, size_t rows,
               const Repeats& repeats) {
  const uint32_t *like = repeats.like.data(), *first = repeats.first.data();
  uint64_t differ = 0;
  for (const uint32_t slot : slots) {
    const uint64_t* words = columns[slot].data();
    for (size_t i = 0; i < rows; ++i) differ |= words[i] ^ words[first[like[i]]];
  }
  return differ == 0;
}

}  // namespace

void find_repeats(const std::vector<std::vector<uint64_t>>& columns, std::span<const uint32_t> slots, size_t rows,
                  Repeats& out) {
  assert(rows <= record_bits + 1);
  make_keys(columns, slots, rows, out.keys);
  out.like.resize(rows);
  out.first.resize(rows);
  out.copies.assign(rows, 0);
  const size_t size = std::bit_ceil(std::max<size_t>(rows, 2));
  out.seen.assign(size, 0);
  uint64_t records = 0;
  for (size_t i = 0; i < rows; ++i) {
    const uint64_t key = out.keys[i] | some;
    uint64_t& entry = out.seen[key & (size - 1)];
    const bool known = (entry ^ key) <= record_bits;
    const uint64_t record = known ? entry & record_bits : records;
    entry = (key & ~record_bits) | record;
    out.like[i] = static_cast<uint32_t>(record);
    out.first[records] = static_cast<uint32_t>(i);
    ++out.copies[record];
    records += known ? 0 : 1;
  }
  out.first.resize(records);
  out.copies.resize(records);
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
}

}  // namespace tessera
