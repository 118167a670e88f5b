// long_texts.cc: which text stands behind the word of a long value? (see long_texts.h)
#include "record/long_texts.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace tessera {

size_t LongTexts::slot(uint64_t word) const {
  const size_t mask = table_.size() - 1;
  size_t at = static_cast<size_t>((word * 0x9e37'79b9'7f4a'7c15) >> shift_);
  while (table_[at].word != 0 && table_[at].word != word) at = (at + 1) & mask;
  return at;
}

// Places follow the hashes, so both tables are walked from the front to the back.
void LongTexts::grow() {
  std::vector<Entry> old = std::move(table_);
  table_.assign(old.empty() ? 1024 : old.size() * 2, Entry{});
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(table_.size()));
  for (const Entry& entry : old)
    if (entry.word != 0) table_[slot(entry.word)] = entry;
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
  assert(is_long_word(word));
  if (count_ * 2 >= table_.size()) grow();
  Entry& entry = table_[slot(word)];
  if (entry.word != 0) return;
  entry = {word, keep(text), static_cast<uint32_t>(text.size())};
  ++count_;
}

std::string_view LongTexts::find(uint64_t word) const {
  if (table_.empty()) return {};
  const Entry& entry = table_[slot(word)];
  if (entry.word == 0) return {};
  return {entry.text, entry.bytes};
}

std::string_view short_word_text(uint64_t word, char* buffer) {
  const size_t size = static_cast<size_t>(word >> 56) & 7;
  for (size_t i = 0; i < size; ++i) buffer[i] = static_cast<char>(word >> (48 - 8 * i));
  return {buffer, size};
}

}  // namespace tessera
