// hash.cc: what is the key of an anchor?
//
// Words are folded one after another by a 64 x 64 -> 128 bit product whose halves
// are xored. The upper bits choose the line of the index, the lower ones the tag.
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

}  // namespace

void anchor_hashes(std::span<const WordRef> anchor, const std::vector<std::vector<uint64_t>>& columns, size_t rows,
                   std::vector<uint64_t>& hashes) {
  hashes.assign(rows, seed);
  for (const WordRef& ref : anchor) {
    const uint64_t* words = columns[ref.slot].data();
    const bool whole_date = ref.derived && ref.kind == Kind::date && ref.part == Part::whole;
    const bool as_stored = !ref.derived || (ref.kind != Kind::date && ref.part == Part::whole);
    if (as_stored) {
      for (size_t i = 0; i < rows; ++i) hashes[i] = words[i] && hashes[i] ? fold(hashes[i], words[i]) : 0;
    } else if (whole_date) {
      for (size_t i = 0; i < rows; ++i) hashes[i] = full_date(words[i]) && hashes[i] ? fold(hashes[i], words[i]) : 0;
    } else {
      for (size_t i = 0; i < rows; ++i) {
        const uint64_t word = derive_word(ref.kind, ref.part, words[i]);
        hashes[i] = word && hashes[i] ? fold(hashes[i], word) : 0;
      }
    }
  }
  for (size_t i = 0; i < rows; ++i)
    if (hashes[i]) hashes[i] = finish(hashes[i]);
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
