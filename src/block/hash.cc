// hash.cc: what is the key of an anchor?
//
// Words are folded one after another by a 64 x 64 -> 128 bit product whose halves
// are xored. The upper bits choose the line of the index, the lower ones the tag.
#include <cassert>

#include "block/block.h"

namespace tessera {

namespace {

constexpr uint64_t seed = 0x9e3779b97f4a7c15;

inline uint64_t fold(uint64_t hash, uint64_t word) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{hash ^ word} * (word + 0xd6e8feb86659fd93);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// The last step spreads short words over the upper bits; never 0.
inline uint64_t finish(uint64_t hash) {
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  hash ^= hash >> 29;
  return hash ? hash : 1;
}

inline uint64_t value(const WordRef& ref, uint64_t word) {
  return ref.derived ? derive_word(ref.kind, ref.part, word) : word;
}

// One word of the anchor, in one loop without a branch: 0 once a word is null.
template <class WordOf>
void fold_all(std::span<const uint64_t> words, bool first, bool last, uint64_t* hashes, WordOf word_of) {
  for (size_t i = 0; i < words.size(); ++i) {
    const uint64_t word = word_of(words[i]);
    const uint64_t before = first ? seed : hashes[i];
    const uint64_t folded = fold(before, word);
    const bool present = word != 0 && before != 0 && folded != 0;
    const uint64_t hash = last ? finish(folded) : folded;
    hashes[i] = present ? hash : 0;
  }
}

}  // namespace

void anchor_hashes(std::span<const WordRef> anchor, const std::vector<std::vector<uint64_t>>& columns, size_t rows,
                   std::vector<uint64_t>& hashes) {
  assert(!anchor.empty());
  hashes.resize(rows);
  for (size_t k = 0; k < anchor.size(); ++k) {
    const WordRef& ref = anchor[k];
    const std::span words(columns[ref.slot].data(), rows);
    const bool first = k == 0, last = k + 1 == anchor.size();
    const bool whole_date = ref.derived && ref.kind == Kind::date && ref.part == Part::whole;
    const bool as_stored = !ref.derived || (ref.kind != Kind::date && ref.part == Part::whole);
    if (as_stored) {
      fold_all(words, first, last, hashes.data(), [](uint64_t word) { return word; });
    } else if (whole_date) {
      fold_all(words, first, last, hashes.data(), [](uint64_t word) { return full_date(word) ? word : 0; });
    } else {
      fold_all(words, first, last, hashes.data(),
               [&ref](uint64_t word) { return derive_word(ref.kind, ref.part, word); });
    }
  }
}

uint64_t anchor_hash(std::span<const WordRef> anchor, const PackedLayout& layout, const std::byte* row) {
  uint64_t hash = seed;
  for (const WordRef& ref : anchor) {
    const uint64_t word = value(ref, layout.get(row, ref.slot));
    if (!word || !hash) return 0;
    hash = fold(hash, word);
  }
  return hash ? finish(hash) : 0;
}

}  // namespace tessera
