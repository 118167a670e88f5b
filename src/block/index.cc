// index.cc: how is the index of an anchor built and probed?
//
// Built without a lock and without a copy of the keys: rows are counted by part of
// the table, a prefix sum gives each part its place, rows are scattered there, and one
// thread fills each part. Hashes are computed again from the packed records rather
// than kept: 4 bytes a row of scratch instead of 16.
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "block/block.h"

namespace tessera {

namespace {

constexpr size_t line_slots = 10;
constexpr size_t page_lines = 64;       // a full line continues within its page of 4 KiB
constexpr size_t page_target = 64 * 6;  // entries aimed at, of 640: 1 line in 23 overflows, a page never
constexpr uint32_t in_postings = 0x80000000;
constexpr uint32_t line_overflowed = 1;

uint16_t tag_of(uint64_t hash) {
  const auto tag = static_cast<uint16_t>(hash);
  return tag ? tag : uint16_t{1};
}

uint64_t scaled(uint64_t hash, uint64_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(Wide{hash} * count >> 64);
}

// A full line continues in the next one of its page.
uint64_t next_line(uint64_t line) { return line / page_lines * page_lines + (line + 1) % page_lines; }

uint64_t pages_for(uint64_t rows) { return std::max<uint64_t>(1, (rows + page_target - 1) / page_target); }

}  // namespace

struct KeyIndex::Line {
  uint16_t tag[line_slots];
  uint32_t value[line_slots];
  uint32_t flags;

  // Bit i: slot i has this tag. Empty slots have tag 0, which no key has.
  [[nodiscard]] uint32_t matches(uint16_t wanted) const {
#if defined(__x86_64__)
    const __m128i all = _mm_set1_epi16(static_cast<short>(wanted));
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(tag));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(tag + 2));
    const auto first = static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_packs_epi16(_mm_cmpeq_epi16(low, all), _mm_cmpeq_epi16(high, all))));
    return (first & 0xff) | (first >> 14 & 3) << 8;
#else
    uint32_t found = 0;
    for (size_t i = 0; i < line_slots; ++i) found |= uint32_t{tag[i] == wanted} << i;
    return found;
#endif
  }
};

size_t KeyIndex::bytes_for(uint64_t rows) { return pages_for(rows) * page_lines * 64 + rows / 2; }
size_t KeyIndex::build_bytes_for(uint64_t rows) { return rows * sizeof(uint32_t) + (size_t{4} << 20); }

KeyIndex::KeyIndex(const PackedRecords& records, std::span<const WordRef> anchor) {
  build(records.size(), [&](size_t begin, size_t end, uint64_t* out) {
    for (size_t i = begin; i < end; ++i) *out++ = anchor_hash(anchor, records.layout(), records.row(i));
  });
}

KeyIndex::KeyIndex(std::span<const uint64_t> hashes) {
  build(hashes.size(),
        [&](size_t begin, size_t end, uint64_t* out) { std::copy_n(hashes.data() + begin, end - begin, out); });
}

void KeyIndex::build(size_t rows, const HashOf& hash_of) {
  static_assert(sizeof(Line) == 64);
  assert(rows <= rows_max);
  // A page that runs full (no chance with distinct keys) makes the table larger.
  for (uint64_t pages = pages_for(rows);; pages += pages / 4 + 1)
    if (fill(rows, hash_of, pages)) return;
}

namespace {

struct Keyed {
  uint64_t hash;
  uint32_t row;
};

// Rows scattered by part of the table: part p has rows[start[p] .. start[p + 1]), ascending.
struct Parts {
  std::vector<uint32_t> rows;
  std::vector<size_t> start;
};

template <class HashOf>
Parts scatter(size_t rows, const HashOf& hash_of, uint64_t parts) {
  constexpr size_t chunk_rows = size_t{1} << 18;
  const size_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  constexpr size_t block = 1024;
  auto for_each_hash = [&](size_t chunk, auto&& use) {
    uint64_t hashes[block];
    const size_t end = std::min(rows, (chunk + 1) * chunk_rows);
    for (size_t at = chunk * chunk_rows; at < end; at += block) {
      const size_t stop = std::min(end, at + block);
      hash_of(at, stop, hashes);
      for (size_t i = at; i < stop; ++i)
        if (hashes[i - at]) use(scaled(hashes[i - at], parts), static_cast<uint32_t>(i));
    }
  };
  std::vector<std::vector<uint32_t>> counts(chunks, std::vector<uint32_t>(parts, 0));
  tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    for_each_hash(chunk, [&](uint64_t part, uint32_t) { ++counts[chunk][part]; });
  });
  Parts out;
  out.start.resize(parts + 1);
  size_t total = 0;
  std::vector<std::vector<size_t>> place(chunks, std::vector<size_t>(parts));
  for (size_t part = 0; part < parts; ++part) {
    out.start[part] = total;
    for (size_t chunk = 0; chunk < chunks; ++chunk) {
      place[chunk][part] = total;
      total += counts[chunk][part];
    }
  }
  out.start[parts] = total;
  out.rows.resize(total);
  tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    for_each_hash(chunk, [&](uint64_t part, uint32_t row) { out.rows[place[chunk][part]++] = row; });
  });
  return out;
}

}  // namespace

bool KeyIndex::fill(size_t rows, const HashOf& hash_of, uint64_t pages) {
  // Parts are whole pages and follow the hash order, so a part's lines are its own.
  const uint64_t parts = std::clamp<uint64_t>(pages / 16, 1, 2048);
  const uint64_t pages_of_part = (pages + parts - 1) / parts;
  line_count_ = parts * pages_of_part * page_lines;
  lines_ = Arena(line_count_ * sizeof(Line));
  Line* lines = reinterpret_cast<Line*>(lines_.data());
  const Parts scattered = scatter(rows, hash_of, parts);

  std::vector<std::vector<uint32_t>> postings(parts);
  std::vector<uint64_t> entries(parts, 0);
  std::vector<uint32_t> largest(parts, 0);
  std::atomic<bool> full = false;
  auto insert = [&](uint64_t hash, uint32_t value) {
    const uint64_t home = scaled(hash, line_count_);
    const uint64_t page = home / page_lines * page_lines;
    for (uint64_t step = 0; step < page_lines; ++step) {
      Line& line = lines[page + (home + step) % page_lines];
      for (size_t s = 0; s < line_slots; ++s) {
        if (line.tag[s]) continue;
        line.tag[s] = tag_of(hash);
        line.value[s] = value;
        return true;
      }
      line.flags |= line_overflowed;
    }
    return false;
  };
  tbb::parallel_for(uint64_t{0}, parts, [&](uint64_t part) {
    std::vector<Keyed> keyed;
    keyed.reserve(scattered.start[part + 1] - scattered.start[part]);
    for (size_t i = scattered.start[part]; i < scattered.start[part + 1]; ++i) {
      const uint32_t row = scattered.rows[i];
      uint64_t hash = 0;
      hash_of(row, row + size_t{1}, &hash);
      keyed.push_back({hash, row});
    }
    std::ranges::sort(
        keyed, [](const Keyed& a, const Keyed& b) { return a.hash != b.hash ? a.hash < b.hash : a.row < b.row; });
    for (size_t begin = 0, end = 0; begin < keyed.size(); begin = end) {
      while (end < keyed.size() && keyed[end].hash == keyed[begin].hash) ++end;
      const auto count = static_cast<uint32_t>(end - begin);
      uint32_t value = keyed[begin].row;
      if (count > 1) {
        value = in_postings | static_cast<uint32_t>(postings[part].size());  // made absolute below
        postings[part].push_back(count);
        for (size_t i = begin; i < end; ++i) postings[part].push_back(keyed[i].row);
      }
      if (!insert(keyed[begin].hash, value)) full = true;
      ++entries[part];
      largest[part] = std::max(largest[part], count);
    }
  });
  if (full) return false;
  assert(line_count_ <= UINT32_MAX);

  std::vector<size_t> start(parts + 1, 0);
  for (size_t part = 0; part < parts; ++part) start[part + 1] = start[part] + postings[part].size();
  assert(start[parts] < in_postings);
  postings_.resize(start[parts]);
  tbb::parallel_for(uint64_t{0}, parts, [&](uint64_t part) {
    std::ranges::copy(postings[part], postings_.begin() + static_cast<ptrdiff_t>(start[part]));
    Line* line = lines + part * pages_of_part * page_lines;
    for (Line* end = line + pages_of_part * page_lines; line < end; ++line)
      for (size_t s = 0; s < line_slots; ++s)
        if (line->tag[s] && line->value[s] & in_postings) line->value[s] += static_cast<uint32_t>(start[part]);
  });
  entries_ = std::accumulate(entries.begin(), entries.end(), uint64_t{0});
  largest_ = *std::ranges::max_element(largest);
  return true;
}

// In blocks: the lines of the next block are under way while this one's are looked at, and
// a first loop without branches finds the few probes that need a closer look.
void KeyIndex::probe(std::span<const uint64_t> hashes, std::vector<Candidate>& out) const {
  if (line_count_ == 0) return;
  constexpr size_t block = 32;  // more lines than the processor can wait for at once
  uint32_t home[2][block];
  const Line* lines = reinterpret_cast<const Line*>(lines_.data());
  const auto ask = [&](size_t at, uint32_t* into) {
    const size_t count = std::min(block, hashes.size() - at);
    for (size_t i = 0; i < count; ++i) {
      into[i] = static_cast<uint32_t>(scaled(hashes[at + i], line_count_));
      __builtin_prefetch(lines + into[i]);
    }
  };
  if (!hashes.empty()) ask(0, home[0]);
  out.reserve(out.size() + hashes.size());
  for (size_t at = 0, side = 0; at < hashes.size(); at += block, side ^= 1) {
    if (at + block < hashes.size()) ask(at + block, home[side ^ 1]);
    const size_t count = std::min(block, hashes.size() - at);
    uint32_t hits[block], masks[block];
    size_t hit_count = 0;
    for (size_t i = 0; i < count; ++i) {
      const Line& line = lines[home[side][i]];
      const uint32_t found = line.matches(tag_of(hashes[at + i]));
      hits[hit_count] = static_cast<uint32_t>(i);
      masks[hit_count] = found;
      hit_count += hashes[at + i] != 0 && (found | (line.flags & line_overflowed)) != 0;
    }
    for (size_t k = 0; k < hit_count; ++k) {  // where a line overflowed, the next one is on its way
      const uint64_t line = home[side][hits[k]];
      if (lines[line].flags & line_overflowed) __builtin_prefetch(lines + next_line(line));
    }
    for (size_t k = 0; k < hit_count; ++k) {
      const auto probe = static_cast<uint32_t>(at + hits[k]);
      const Line& line = lines[home[side][hits[k]]];
      const uint32_t value = line.value[std::countr_zero(masks[k] | 1u << (line_slots - 1))];
      const bool plain = std::has_single_bit(masks[k]) && !(value & in_postings) && !(line.flags & line_overflowed);
      if (plain) [[likely]]
        out.push_back({probe, value});
      else
        look(lines, home[side][hits[k]], masks[k], tag_of(hashes[probe]), probe, out);
    }
  }
}

// All matches of a key from its home line on, through the lines that it may have overflowed to.
void KeyIndex::look(const Line* lines, uint64_t home, uint32_t found, uint16_t tag, uint32_t probe,
                    std::vector<Candidate>& out) const {
  const Line* line = lines + home;
  for (uint64_t step = 0;;) {
    for (; found; found &= found - 1) {
      const uint32_t value = line->value[std::countr_zero(found)];
      if (!(value & in_postings)) {
        out.push_back({probe, value});
      } else {
        const uint32_t* list = postings_.data() + (value & ~in_postings);
        for (uint32_t k = 0; k < list[0]; ++k) out.push_back({probe, list[k + 1]});
      }
    }
    if (!(line->flags & line_overflowed) || ++step == page_lines) return;
    home = next_line(home);
    line = lines + home;
    found = line->matches(tag);
  }
}

}  // namespace tessera
