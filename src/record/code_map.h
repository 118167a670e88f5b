// code_map.h: which code does a value have already?
//
// Open addressing over 64-bit keys that stand for values: words, the bits of a number, the hash of a list.
#pragma once

#include <cstdint>
#include <vector>

#include "record/values.h"

namespace tessera {

class CodeMap {
 public:
  // The code of a key; 0: not there. Requires: key != 0.
  [[nodiscard]] Code find(uint64_t key) const {
    if (table_.empty()) return 0;
    return table_[slot(key)].code;
  }
  // The code of a key, which becomes `code` if it had none.
  Code find_or_add(uint64_t key, Code code) {
    if (count_ * 2 >= table_.size()) grow();
    Entry& entry = table_[slot(key)];
    if (entry.code == 0) {
      entry = {key, code};
      ++count_;
    }
    return entry.code;
  }
  void prefetch(uint64_t key) const {
    if (!table_.empty()) __builtin_prefetch(table_.data() + home(key));
  }
  void clear() {
    table_.clear();
    count_ = 0;
  }
  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] size_t bytes() const { return table_.size() * sizeof(Entry); }

 private:
  struct Entry {
    uint64_t key = 0;
    Code code = 0;  // 0: free
  };
  [[nodiscard]] size_t home(uint64_t key) const {
    return static_cast<size_t>((key ^ (key >> 32)) * 0x9e3779b97f4a7c15) >> shift_;
  }
  [[nodiscard]] size_t slot(uint64_t key) const {
    size_t at = home(key);
    while (table_[at].code != 0 && table_[at].key != key) at = (at + 1) & (table_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Entry> old = std::move(table_);
    table_.assign(old.empty() ? 1024 : old.size() * 2, Entry{});
    shift_ = static_cast<unsigned>(__builtin_clzll(table_.size()) + 1);
    for (const Entry& entry : old)
      if (entry.code != 0) table_[slot(entry.key)] = entry;
  }
  std::vector<Entry> table_;
  size_t count_ = 0;
  unsigned shift_ = 63;
};

}  // namespace tessera
