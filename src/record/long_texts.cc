// long_texts.cc: which text stands behind the word of a long value? (see long_texts.h)
#include "record/long_texts.h"

#include <cassert>

namespace tessera {

size_t LongTexts::slot(uint64_t word) const {
  const size_t mask = table_.size() - 1;
  size_t at = static_cast<size_t>(word ^ (word >> 32)) & mask;
  while (table_[at].word != 0 && table_[at].word != word) at = (at + 1) & mask;
  return at;
}

void LongTexts::grow() {
  std::vector<Entry> old = std::move(table_);
  table_.assign(old.empty() ? 1024 : old.size() * 2, Entry{});
  for (const Entry& entry : old)
    if (entry.word != 0) table_[slot(entry.word)] = entry;
}

void LongTexts::add(uint64_t word, std::string_view text) {
  assert(is_long_word(word));
  if (count_ * 2 >= table_.size()) grow();
  Entry& entry = table_[slot(word)];
  if (entry.word != 0) return;
  entry = {word, bytes_.size(), static_cast<uint32_t>(text.size())};
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  ++count_;
}

std::string_view LongTexts::find(uint64_t word) const {
  if (table_.empty()) return {};
  const Entry& entry = table_[slot(word)];
  if (entry.word == 0) return {};
  return {bytes_.data() + entry.start, entry.bytes};
}

std::string_view short_word_text(uint64_t word, char* buffer) {
  const size_t size = static_cast<size_t>(word >> 56) & 7;
  for (size_t i = 0; i < size; ++i) buffer[i] = static_cast<char>(word >> (48 - 8 * i));
  return {buffer, size};
}

}  // namespace tessera
