// word_codes.cc: which code does each of many words get? (see word_codes.h)
#include "record/word_codes.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "base/memory.h"

namespace tessera {

namespace {

constexpr size_t bin_words = 4096;  // aimed at: 48 KiB of words and places, a table of as much
constexpr int bin_bits_max = 11;    // more bins than the TLB holds cost more than they save
constexpr size_t rows_a_piece = 1 << 16;

uint64_t spread(uint64_t word) { return (word ^ word >> 32) * 0x9e37'79b9'7f4a'7c15; }

struct Entry {
  uint64_t word;
  uint32_t place;
};

// A stretch of a column, or of the known words.
struct Piece {
  std::span<const uint64_t> words;
  uint32_t first_place = 0;
};

std::vector<Piece> pieces_of(std::span<const uint64_t> known, std::span<const std::span<const uint64_t>> columns) {
  std::vector<Piece> pieces;
  size_t place = 0;
  const auto cut = [&](std::span<const uint64_t> words) {
    for (size_t at = 0; at < words.size(); at += rows_a_piece)
      pieces.push_back(
          {words.subspan(at, std::min(rows_a_piece, words.size() - at)), static_cast<uint32_t>(place + at)});
    place += words.size();
    assert(place < UINT32_MAX);
  };
  cut(known);
  for (const auto& column : columns) cut(column);
  return pieces;
}

// Which places are first appearances, and how many are before a place.
class Firsts {
 public:
  explicit Firsts(size_t places) : marks_(places, 0), bits_(places / 64 + 1, 0), before_(places / 64 + 2, 0) {}
  void mark(uint32_t place) { marks_[place] = 1; }  // any thread; a byte each, so that no two write to one
  void count() {
    tbb::parallel_for(size_t{0}, bits_.size() / 1024 + 1, [&](size_t part) {
      for (size_t w = part * 1024; w < std::min(bits_.size(), (part + 1) * 1024); ++w) {
        uint64_t bits = 0;
        for (size_t i = 0; i < std::min<size_t>(64, marks_.size() - w * 64); ++i)
          bits |= uint64_t{marks_[w * 64 + i]} << i;
        bits_[w] = bits;
      }
    });
    for (size_t w = 0; w < bits_.size(); ++w)
      before_[w + 1] = before_[w] + static_cast<uint32_t>(std::popcount(bits_[w]));
  }
  [[nodiscard]] uint32_t total() const { return before_[bits_.size()]; }
  [[nodiscard]] bool is_first(uint32_t place) const { return bits_[place / 64] >> place % 64 & 1; }
  [[nodiscard]] uint32_t before(uint32_t place) const {
    const uint64_t below = bits_[place / 64] & ((uint64_t{1} << place % 64) - 1);
    return before_[place / 64] + static_cast<uint32_t>(std::popcount(below));
  }

 private:
  std::vector<uint8_t> marks_;
  std::vector<uint64_t> bits_;
  std::vector<uint32_t> before_;  // by 64 places
};

// Where in the bin each word was first, as its entry's place of that: entries of a bin ascend by place.
void find_firsts(std::span<const Entry> bin, std::vector<uint32_t>& table, uint32_t* first_of, Firsts& firsts) {
  const int bits = std::max(4, static_cast<int>(std::bit_width(bin.size() * 2 - 1)));
  const size_t mask = (size_t{1} << bits) - 1;
  table.assign(mask + 1, 0);
  for (size_t i = 0; i < bin.size(); ++i) {
    size_t slot = spread(bin[i].word) >> 20 & mask;  // the uppermost bits chose the bin
    while (table[slot] != 0 && bin[table[slot] - 1].word != bin[i].word) slot = (slot + 1) & mask;
    if (table[slot] == 0) {
      table[slot] = static_cast<uint32_t>(i + 1);
      firsts.mark(bin[i].place);
    }
    first_of[bin[i].place] = bin[table[slot] - 1].place;
  }
}

}  // namespace

NewWords code_words(std::span<const uint64_t> known, std::span<const std::span<const uint64_t>> columns,
                    std::span<const std::span<Code>> codes) {
  const std::vector<Piece> pieces = pieces_of(known, columns);
  size_t places = known.size();
  for (const auto& column : columns) places += column.size();
  const int bits = std::clamp(static_cast<int>(std::bit_width(places / bin_words)), 1, bin_bits_max);
  const size_t bins = size_t{1} << bits;
  const auto bin_of = [&](uint64_t word) { return static_cast<size_t>(spread(word) >> (64 - bits)); };

  // Count, prefix sum, fill: every piece has its place in every bin.
  std::vector<uint32_t> at(pieces.size() * bins, 0);
  tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
    for (const uint64_t word : pieces[p].words)
      if (word != 0) ++at[p * bins + bin_of(word)];
  });
  std::vector<uint32_t> starts(bins + 1, 0);
  uint32_t sum = 0;
  for (size_t bin = 0; bin < bins; ++bin) {
    starts[bin] = sum;
    for (size_t p = 0; p < pieces.size(); ++p) sum += std::exchange(at[p * bins + bin], sum);
  }
  starts[bins] = sum;
  const Arena memory(std::max<size_t>(sum, 1) * sizeof(Entry)),
      first_memory(std::max<size_t>(places, 1) * sizeof(uint32_t));
  auto* const entries = reinterpret_cast<Entry*>(memory.data());
  auto* const first_of = reinterpret_cast<uint32_t*>(first_memory.data());
  tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
    for (size_t i = 0; i < pieces[p].words.size(); ++i)
      if (const uint64_t word = pieces[p].words[i]; word != 0)
        entries[at[p * bins + bin_of(word)]++] = {word, pieces[p].first_place + static_cast<uint32_t>(i)};
  });

  Firsts firsts(places);
  tbb::enumerable_thread_specific<std::vector<uint32_t>> tables;
  tbb::parallel_for(size_t{0}, bins, [&](size_t bin) {
    if (starts[bin] == starts[bin + 1]) return;
    find_firsts({entries + starts[bin], starts[bin + 1] - starts[bin]}, tables.local(), first_of, firsts);
  });
  firsts.count();

  // The known words are first at their own places: the code of place p is one more than the firsts before it.
  const auto known_count = static_cast<uint32_t>(known.size());
  NewWords out;
  out.words.resize(firsts.total() - known_count);
  out.places.resize(out.words.size());
  size_t column_place = known.size();
  for (size_t c = 0; c < columns.size(); column_place += columns[c++].size()) {
    tbb::parallel_for(size_t{0}, (columns[c].size() + rows_a_piece - 1) / rows_a_piece, [&](size_t part) {
      const size_t end = std::min(columns[c].size(), (part + 1) * rows_a_piece);
      for (size_t row = part * rows_a_piece; row < end; ++row) {
        const uint64_t word = columns[c][row];
        if (word == 0) {
          codes[c][row] = 0;
          continue;
        }
        const auto place = static_cast<uint32_t>(column_place + row);
        const uint32_t before = firsts.before(first_of[place]);
        codes[c][row] = before + 1;
        if (!firsts.is_first(place)) continue;
        out.words[before - known_count] = word;
        out.places[before - known_count] = static_cast<uint32_t>(place - known.size());
      }
    });
  }
  return out;
}

}  // namespace tessera
