// memo.cc: see memo.h.
#define XXH_INLINE_ALL
#include "standardise/memo.h"

#include <xxhash.h>

#include <cstring>

namespace tessera {

void Memo::prepare(size_t words) {
  if (words_ == words) return;
  words_ = words;
  keys_.assign(entries, Key{});
  values_.assign(entries * words, 0);
  uncached_.assign(words, 0);
}

bool Memo::in_use() {
  if (aside_ > 0) {
    --aside_;
    return false;
  }
  if (asked_ == trial) {
    if (known_ * 8 < asked_) aside_ = aside;
    asked_ = known_ = 0;
  }
  ++asked_;
  return true;
}

std::span<const uint64_t> Memo::look_up(const FieldRules& rules, std::span<const Part> parts, std::string_view text,
                                        TextBuffers& buffers, Invalid& why) {
  if (text.size() > key_bytes || !in_use()) {
    why = rules.words(text, parts, buffers, uncached_.data());
    return uncached_;
  }
  const size_t at = XXH3_64bits(text.data(), text.size()) % entries;
  Key& key = keys_[at];
  uint64_t* const words = values_.data() + at * words_;
  if (key.size != text.size() || std::memcmp(key.bytes, text.data(), text.size()) != 0) {
    key.why = rules.words(text, parts, buffers, words);
    key.size = static_cast<uint8_t>(text.size());
    std::memcpy(key.bytes, text.data(), text.size());
  } else {
    ++known_;
  }
  why = key.why;
  return {words, words_};
}

}  // namespace tessera
