// long_texts.cc: which text stands behind the word of a long value? (see long_texts.h)
#include "record/long_texts.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace tessera {

size_t LongTexts::slot(uint64_t word) const {
  const size_t mask = table_.size() - 1;
  size_t at = home(word);
  while (table_[at] != 0 && entries_[table_[at] - 1].word != word) at = (at + 1) & mask;
  return at;
}

void LongTexts::grow() {
  table_.assign(table_.empty() ? 1024 : table_.size() * 2, 0);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(table_.size()));
  const size_t mask = table_.size() - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t at = home(entries_[i].word);
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = static_cast<uint32_t>(i + 1);
  }
}

const char* LongTexts::keep(std::string_view text) {
  constexpr size_t block_bytes = size_t{1} << 16;
  if (blocks_.empty() || blocks_.back().size - blocks_.back().used < text.size()) {
    const size_t size = std::max(block_bytes, text.size());
    blocks_.push_back({.bytes = std::make_unique_for_overwrite<char[]>(size), .size = size});
  }
  Block& block = blocks_.back();
  char* const at = block.bytes.get() + block.used;
  std::ranges::copy(text, at);
  block.used += text.size();
  return at;
}

void LongTexts::add(uint64_t word, std::string_view text) {
  assert(is_long_word(word) && entries_.size() < UINT32_MAX - 1);
  if (entries_.size() * 2 >= table_.size()) grow();
  uint32_t& entry = table_[slot(word)];
  if (entry != 0) return;
  entries_.push_back({word, keep(text), static_cast<uint32_t>(text.size())});
  entry = static_cast<uint32_t>(entries_.size());
}

std::string_view LongTexts::find(uint64_t word) const {
  if (table_.empty()) return {};
  const uint32_t entry = table_[slot(word)];
  if (entry == 0) return {};
  return {entries_[entry - 1].text, entries_[entry - 1].bytes};
}

std::string_view short_word_text(uint64_t word, char* buffer) {
  const size_t size = static_cast<size_t>(word >> 56) & 7;
  for (size_t i = 0; i < size; ++i) buffer[i] = static_cast<char>(word >> (48 - 8 * i));
  return {buffer, size};
}

}  // namespace tessera
