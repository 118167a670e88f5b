// index.cc: how is the index of an anchor built and probed?
//
// Built without a lock and without a copy of the keys: rows are counted by part of
// the table, a prefix sum gives each part its place, rows are scattered there, and one
// thread fills each part. Hashes are computed again from the packed records rather
// than kept: 6 bytes a row of scratch instead of 16.
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

uint16_t tag_of(uint64_t hash) {
  const auto tag = static_cast<uint16_t>(hash);
  return tag ? tag : uint16_t{1};
}

uint64_t scaled(uint64_t hash, uint64_t count) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(Wide{hash} * count >> 64);
}

// The flag by which a full line says that a key was sent on to the next one: keys that share it are few.
uint32_t sent_on(uint64_t hash) { return uint32_t{1} << (hash >> 16 & 31); }

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
size_t KeyIndex::build_bytes_for(uint64_t rows) {
  return rows * (sizeof(uint32_t) + sizeof(uint16_t)) + (size_t{4} << 20);
}

KeyIndex::KeyIndex(const PackedRecords& records, std::span<const WordRef> anchor) {
  const PackedLayout& layout = records.layout();
  constexpr size_t ahead = 32;
  build(records.size(), {.of_range =
                             [&](size_t begin, size_t end, uint64_t* out) {
                               for (size_t i = begin; i < end; ++i)
                                 *out++ = anchor_hash(anchor, layout, records.row(i));
                             },
                         .of_rows =
                             [&](std::span<const uint32_t> rows, uint64_t* out) {
                               for (size_t i = 0; i < rows.size(); ++i) {
                                 if (i + ahead < rows.size()) __builtin_prefetch(records.row(rows[i + ahead]));
                                 out[i] = anchor_hash(anchor, layout, records.row(rows[i]));
                               }
                             }});
}

KeyIndex::KeyIndex(std::span<const uint64_t> hashes) {
  build(hashes.size(), {.of_range = [&](size_t begin, size_t end,
                                        uint64_t* out) { std::copy_n(hashes.data() + begin, end - begin, out); },
                        .of_rows =
                            [&](std::span<const uint32_t> rows, uint64_t* out) {
                              for (size_t i = 0; i < rows.size(); ++i) out[i] = hashes[rows[i]];
                            }});
}

void KeyIndex::build(size_t rows, const Hashes& hashes) {
  static_assert(sizeof(Line) == 64);
  assert(rows <= rows_max);
  // A page that runs full (no chance with distinct keys) makes the table larger.
  for (uint64_t pages = pages_for(rows);; pages += pages / 4 + 1)
    if (fill(rows, hashes, pages)) return;
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

constexpr uint64_t parts_max = 2048;
constexpr uint16_t no_part = 0xffff;  // of a row without a key
static_assert(parts_max < no_part);

template <class OfRange>
Parts scatter(size_t rows, const OfRange& of_range, uint64_t parts) {
  constexpr size_t chunk_rows = size_t{1} << 18;
  const size_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  const auto part_of = std::make_unique_for_overwrite<uint16_t[]>(rows);
  std::vector<std::vector<uint32_t>> counts(chunks, std::vector<uint32_t>(parts, 0));
  tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    constexpr size_t block = 1024;
    uint64_t hashes[block];
    const size_t end = std::min(rows, (chunk + 1) * chunk_rows);
    for (size_t at = chunk * chunk_rows; at < end; at += block) {
      const size_t stop = std::min(end, at + block);
      of_range(at, stop, hashes);
      for (size_t i = at; i < stop; ++i) {
        const uint64_t part = scaled(hashes[i - at], parts);
        part_of[i] = hashes[i - at] ? static_cast<uint16_t>(part) : no_part;
        counts[chunk][part] += hashes[i - at] != 0;
      }
    }
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
    const size_t end = std::min(rows, (chunk + 1) * chunk_rows);
    for (size_t i = chunk * chunk_rows; i < end; ++i)
      if (part_of[i] != no_part) out.rows[place[chunk][part_of[i]]++] = static_cast<uint32_t>(i);
  });
  return out;
}

// Rows of a part, ascending by hash and then by row. A line takes few of them, and lines ascend with hashes: so rows
// are counted to their lines, and only those of a line are sorted.
template <class OfRows>
std::vector<Keyed> sorted_rows(std::span<const uint32_t> rows, const OfRows& of_rows, uint64_t line_count,
                               uint64_t first_line, size_t part_lines) {
  std::vector<uint64_t> hashes(rows.size());
  of_rows(rows, hashes.data());
  std::vector<uint32_t> place(part_lines + 1);
  for (const uint64_t hash : hashes) ++place[scaled(hash, line_count) - first_line + 1];
  for (size_t line = 0; line < part_lines; ++line) place[line + 1] += place[line];
  std::vector<Keyed> sorted(rows.size());
  for (size_t i = 0; i < rows.size(); ++i)
    sorted[place[scaled(hashes[i], line_count) - first_line]++] = {hashes[i], rows[i]};
  // From here on place[line] is where the line ends.
  for (size_t line = 0, begin = 0; line < part_lines; begin = place[line++])
    std::sort(sorted.begin() + static_cast<ptrdiff_t>(begin), sorted.begin() + place[line],
              [](const Keyed& a, const Keyed& b) { return a.hash != b.hash ? a.hash < b.hash : a.row < b.row; });
  return sorted;
}

}  // namespace

bool KeyIndex::fill(size_t rows, const Hashes& hashes, uint64_t pages) {
  // Parts are whole pages and follow the hash order, so a part's lines are its own.
  const uint64_t parts = std::clamp<uint64_t>(pages / 16, 1, parts_max);
  const uint64_t pages_of_part = (pages + parts - 1) / parts;
  line_count_ = parts * pages_of_part * page_lines;
  lines_ = Arena(line_count_ * sizeof(Line));
  Line* lines = reinterpret_cast<Line*>(lines_.data());
  const Parts scattered = scatter(rows, hashes.of_range, parts);

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
      line.flags |= sent_on(hash);
    }
    return false;
  };
  tbb::parallel_for(uint64_t{0}, parts, [&](uint64_t part) {
    const std::span part_rows(scattered.rows.data() + scattered.start[part],
                              scattered.start[part + 1] - scattered.start[part]);
    const std::vector<Keyed> keyed = sorted_rows(part_rows, hashes.of_rows, line_count_,
                                                 part * pages_of_part * page_lines, pages_of_part * page_lines);
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

// A line is asked for `ahead` probes before it is looked at. What nearly all lines say, that the key is not there or in
// one slot, is decided in a loop that expects it; the few others are looked at closely.
void KeyIndex::probe(std::span<const uint64_t> hashes, std::vector<Candidate>& out) const {
  if (line_count_ == 0) return;
  constexpr size_t ahead = 32;  // more lines than the processor can wait for at once
  const Line* lines = reinterpret_cast<const Line*>(lines_.data());
  uint32_t home[ahead];  // of the next probes, in a ring
  const auto ask = [&](size_t i) {
    home[i % ahead] = static_cast<uint32_t>(scaled(hashes[i], line_count_));
    __builtin_prefetch(lines + home[i % ahead]);
  };
  for (size_t i = 0; i < std::min(ahead, hashes.size()); ++i) ask(i);
  size_t used = out.size();
  out.resize(used + hashes.size());  // one candidate a probe, and more where keys have more
  std::vector<Candidate> several;
  for (size_t i = 0; i < hashes.size(); ++i) {
    const uint32_t at = home[i % ahead];
    const Line& line = lines[at];
    const uint16_t tag = tag_of(hashes[i]);
    const uint32_t found = hashes[i] ? line.matches(tag) : 0;
    if (i + ahead < hashes.size()) ask(i + ahead);
    const uint32_t value = line.value[std::countr_zero(found | 1u << (line_slots - 1))];
    const bool special = (found & (found - 1)) != 0 || (found != 0 && (value & in_postings) != 0) ||
                         (line.flags & sent_on(hashes[i])) != 0;
    if (!special) [[likely]] {
      out[used] = {static_cast<uint32_t>(i), value};
      used += found != 0;
      continue;
    }
    if (hashes[i] == 0) continue;
    several.clear();
    look(lines, at, found, hashes[i], static_cast<uint32_t>(i), several);
    if (several.size() > 1) out.resize(out.size() + several.size() - 1);
    std::ranges::copy(several, out.begin() + static_cast<ptrdiff_t>(used));
    used += several.size();
  }
  out.resize(used);
}

// All matches of a key from its home line on, through the lines that it may have been sent on to.
void KeyIndex::look(const Line* lines, uint64_t home, uint32_t found, uint64_t hash, uint32_t probe,
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
    if (!(line->flags & sent_on(hash)) || ++step == page_lines) return;
    home = next_line(home);
    line = lines + home;
    found = line->matches(tag_of(hash));
  }
}

}  // namespace tessera
