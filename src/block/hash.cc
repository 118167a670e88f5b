// hash.cc: what is the key of an anchor?
//
// The sum of its words, each times an odd number of its place, stirred. The upper bits choose the line of the index, the
// lower ones the tag. Keys that share a hash by accident only bring candidates that then fail.
#include <cassert>

#include "block/block.h"

namespace tessera {

namespace {

constexpr uint64_t seed = 0x9e3779b97f4a7c15;
constexpr uint64_t odd = 0xd6e8feb86659fd93;

// Of the next place.
constexpr uint64_t next_factor(uint64_t factor) { return (factor * odd + seed) | 1; }

// A product spreads upwards, a shift brings down what is above; never 0.
inline uint64_t finish(uint64_t hash) {
  hash ^= hash >> 32;
  hash *= odd;
  hash ^= hash >> 29;
  return hash ? hash : 1;
}

inline uint64_t value(const WordRef& ref, uint64_t word) {
  return ref.derived ? derive_word(ref.kind, ref.part, word) : word;
}

// One word of the anchor, in one loop without a branch: 0 once a word is null.
template <class WordOf>
void add_all(std::span<const uint64_t> words, uint64_t factor, bool first, bool last, uint64_t* hashes,
             WordOf word_of) {
  for (size_t i = 0; i < words.size(); ++i) {
    const uint64_t word = word_of(words[i]);
    const uint64_t before = first ? seed : hashes[i];
    const uint64_t sum = before + word * factor;
    const uint64_t hash = last ? finish(sum) : sum;
    hashes[i] = word != 0 && before != 0 ? hash : 0;
  }
}

}  // namespace

void anchor_hashes(std::span<const WordRef> anchor, const std::vector<std::vector<uint64_t>>& columns, size_t rows,
                   std::vector<uint64_t>& hashes) {
  assert(!anchor.empty());
  hashes.resize(rows);
  uint64_t factor = odd;
  for (size_t k = 0; k < anchor.size(); ++k, factor = next_factor(factor)) {
    const WordRef& ref = anchor[k];
    const std::span words(columns[ref.slot].data(), rows);
    const auto add = [&](auto word_of) {
      add_all(words, factor, k == 0, k + 1 == anchor.size(), hashes.data(), word_of);
    };
    const bool whole_date = ref.derived && ref.kind == Kind::date && ref.part == Part::whole;
    const bool as_stored = !ref.derived || (ref.kind != Kind::date && ref.part == Part::whole);
    if (as_stored)
      add([](uint64_t word) { return word; });
    else if (whole_date)
      add([](uint64_t word) { return full_date(word) ? word : 0; });
    else
      add([&ref](uint64_t word) { return derive_word(ref.kind, ref.part, word); });
  }
}

uint64_t anchor_hash(std::span<const WordRef> anchor, const PackedLayout& layout, const std::byte* row) {
  uint64_t hash = seed, factor = odd;
  for (const WordRef& ref : anchor) {
    const uint64_t word = value(ref, layout.get(row, ref.slot));
    if (!word || !hash) return 0;
    hash += word * factor;
    factor = next_factor(factor);
  }
  return finish(hash);
}

}  // namespace tessera
