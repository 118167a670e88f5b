// word_codes.cc: which code does each of many words get? (see word_codes.h)
#include "record/word_codes.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <memory>
#include <utility>

#include "base/line_scatter.h"
#include "base/touch.h"
#include "record/dictionary_codes.h"
#include "record/first_places.h"

namespace tessera {

namespace {

constexpr size_t bin_words = 4096;  // aimed at: 48 KiB of words and places, a table of as much
constexpr int bin_bits_max = 11;    // more bins than the TLB holds cost more than they save
constexpr size_t rows_a_piece = 1 << 16;
constexpr size_t few_words = rows_a_piece / 2;  // of a piece
constexpr size_t trial_rows = 1 << 12;          // where nearly all of these are different, there are many

uint64_t spread(uint64_t word) { return (word ^ word >> 32) * 0x9e37'79b9'7f4a'7c15; }

struct Entry {
  uint64_t word;
  uint32_t place;
};

// Rows of a column that lie together, or known words.
struct Piece {
  WordRun run;
  uint32_t first_place = 0;  // known words come first
  Code* codes = nullptr;     // of known words: none
};

std::vector<Piece> pieces_of(std::span<const uint64_t> known, std::span<const WordColumn> columns,
                             std::span<const std::span<Code>> codes) {
  std::vector<Piece> pieces;
  size_t place = 0;
  const auto cut = [&](const WordRun& run, Code* to) {
    for (size_t at = 0; at < run.size(); at += rows_a_piece)
      pieces.push_back({run.part(at, std::min(rows_a_piece, run.size() - at)), static_cast<uint32_t>(place + at),
                        to ? to + at : nullptr});
    place += run.size();
    assert(place < UINT32_MAX);
  };
  cut({known}, nullptr);
  for (size_t c = 0; c < columns.size(); ++c) {
    Code* to = codes[c].data();
    for (const auto& stretch : columns[c]) {
      cut(stretch, to);
      to += stretch.size();
    }
  }
  return pieces;
}

// Calls f(row, word) for each row of a piece.
template <class F>
void each_word(const Piece& piece, F&& f) {
  const uint64_t* const words = piece.run.words.data();
  const std::span<const uint32_t> places = piece.run.places;
  if (places.empty())
    for (size_t i = 0; i < piece.run.words.size(); ++i) f(i, words[i]);
  else
    for (size_t i = 0; i < places.size(); ++i) f(i, words[places[i]]);
}

// Words and their codes from 1 in the order of appearance, in a table that grows.
class SmallCodes {
 public:
  Code find_or_add(uint64_t word) {
    size_t slot = place_of(word);
    for (; table_[slot] != 0; slot = (slot + 1) & (table_.size() - 1))
      if (words_[table_[slot] - 1] == word) return table_[slot];
    words_.push_back(word);
    table_[slot] = static_cast<Code>(words_.size());
    if (words_.size() * 2 > table_.size()) grow();
    return static_cast<Code>(words_.size());
  }
  [[nodiscard]] const std::vector<uint64_t>& words() const { return words_; }

 private:
  [[nodiscard]] size_t place_of(uint64_t word) const { return spread(word) >> shift_; }
  void grow() {
    table_.assign(table_.size() * 2, 0);
    --shift_;
    for (size_t i = 0; i < words_.size(); ++i) {
      size_t slot = place_of(words_[i]);
      while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
      table_[slot] = static_cast<Code>(i + 1);
    }
  }
  unsigned shift_ = 64 - 8;
  std::vector<Code> table_ = std::vector<Code>(size_t{1} << 8, 0);
  std::vector<uint64_t> words_;
};

// The distinct words of a piece, in order, and where each is first.
struct PieceWords {
  std::vector<uint64_t> words;
  std::vector<uint32_t> places;
  std::vector<Code> codes;  // of all
};

// Codes of the piece's own. False: it has too many different words.
bool code_piece(const Piece& piece, PieceWords& out) {
  SmallCodes own;
  for (size_t i = 0; i < piece.run.size(); ++i) {
    const uint64_t word = piece.run.word(i);
    piece.codes[i] = word == 0 ? 0 : own.find_or_add(word);
    if (own.words().size() == out.places.size()) continue;
    if (out.places.size() == few_words || (i > trial_rows && out.places.size() > i / 8 * 7)) return false;
    out.places.push_back(piece.first_place + static_cast<uint32_t>(i));
  }
  out.words = own.words();
  return true;
}

// Whether there are few different words in each piece: then they are coded.
bool code_few(std::span<const uint64_t> known, std::span<const Piece> pieces, NewWords& out) {
  // The first piece tells: most columns with many words are known by it.
  std::vector<PieceWords> of(pieces.size());
  if (pieces.empty() || !code_piece(pieces[0], of[0])) return false;
  std::atomic<bool> many = false;
  tbb::parallel_for(size_t{1}, pieces.size(), [&](size_t p) {
    if (!many.load(std::memory_order_relaxed) && !code_piece(pieces[p], of[p])) many = true;
  });
  if (many) return false;
  SmallCodes all;
  for (const uint64_t word : known) all.find_or_add(word);
  for (PieceWords& piece : of) {
    piece.codes.push_back(0);
    for (size_t i = 0; i < piece.words.size(); ++i) {
      const size_t before = all.words().size();
      piece.codes.push_back(all.find_or_add(piece.words[i]));
      if (all.words().size() == before) continue;
      out.words.push_back(piece.words[i]);
      out.places.push_back(piece.places[i] - static_cast<uint32_t>(known.size()));
    }
  }
  tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
    for (size_t i = 0; i < pieces[p].run.size(); ++i) pieces[p].codes[i] = of[p].codes[pieces[p].codes[i]];
  });
  return true;
}

// Where in the bin each word was first, as its entry's place of that: entries of a bin ascend by place.
void find_firsts(std::span<const Entry> bin, std::vector<uint32_t>& table, uint32_t* first_of, FirstPlaces& firsts) {
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

NewWords code_many(size_t known, size_t places, std::span<const Piece> pieces) {
  const int bits = std::clamp(static_cast<int>(std::bit_width(places / bin_words)), 1, bin_bits_max);
  const size_t bins = size_t{1} << bits;
  const auto bin_of = [&](uint64_t word) { return static_cast<size_t>(spread(word) >> (64 - bits)); };

  // Count, prefix sum, fill: every piece has its place in every bin.
  std::vector<uint32_t> at(pieces.size() * bins, 0);
  tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
    each_word(pieces[p], [&](size_t, uint64_t word) {
      if (word != 0) ++at[p * bins + bin_of(word)];
    });
  });
  std::vector<uint32_t> starts(bins + 1, 0);
  uint32_t sum = 0;
  for (size_t bin = 0; bin < bins; ++bin) {
    starts[bin] = sum;
    for (size_t p = 0; p < pieces.size(); ++p) sum += std::exchange(at[p * bins + bin], sum);
  }
  starts[bins] = sum;
  const auto entries = std::make_unique_for_overwrite<Entry[]>(sum);
  const auto first_of = std::make_unique_for_overwrite<uint32_t[]>(places);
  tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
    LineScatter<Entry> scatter(entries.get(), {at.data() + p * bins, bins});
    each_word(pieces[p], [&](size_t i, uint64_t word) {
      if (word != 0) scatter.put(bin_of(word), {word, pieces[p].first_place + static_cast<uint32_t>(i)});
    });
    scatter.finish();
  });

  FirstPlaces firsts(places);
  tbb::enumerable_thread_specific<std::vector<uint32_t>> tables;
  tbb::parallel_for(size_t{0}, bins, [&](size_t bin) {
    if (starts[bin] == starts[bin + 1]) return;
    find_firsts({entries.get() + starts[bin], starts[bin + 1] - starts[bin]}, tables.local(), first_of.get(), firsts);
  });
  firsts.count();

  // The known words are first at their own places: the code of place p is one more than the firsts before it.
  NewWords out;
  grow_touched(out.words, firsts.total() - known);
  grow_touched(out.places, out.words.size());
  tbb::parallel_for(size_t{0}, pieces.size(), [&](size_t p) {
    const Piece& piece = pieces[p];
    if (piece.codes == nullptr) return;
    each_word(piece, [&](size_t i, uint64_t word) {
      piece.codes[i] = 0;
      if (word == 0) return;
      const auto place = piece.first_place + static_cast<uint32_t>(i);
      const uint32_t before = firsts.before(first_of[place]);
      piece.codes[i] = before + 1;
      if (!firsts.is_first(place)) return;
      out.words[before - known] = word;
      out.places[before - known] = static_cast<uint32_t>(place - known);
    });
  });
  return out;
}

}  // namespace

NewWords code_words(std::span<const uint64_t> known, std::span<const WordColumn> columns,
                    std::span<const std::span<Code>> codes) {
  const std::vector<Piece> pieces = pieces_of(known, columns, codes);
  const auto of_columns = std::span(pieces).subspan((known.size() + rows_a_piece - 1) / rows_a_piece);
  NewWords out;
  if (code_by_dictionaries(known, columns, codes, out)) return out;
  if (code_few(known, of_columns, out)) return out;
  const size_t places = pieces.empty() ? 0 : pieces.back().first_place + pieces.back().run.size();
  return code_many(known.size(), places, pieces);
}

}  // namespace tessera
