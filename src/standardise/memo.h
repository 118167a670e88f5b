// memo.h: what were the words of a text that came lately?
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/value.h"
#include "standardise/rules.h"

namespace tessera {

// The last values of a written field and their words: a direct-mapped cache. Where nearly every value is new it steps
// aside for a while.
class Memo {
 public:
  void prepare(size_t words);
  // The words of a text, from the memo or made now. The span is good until the next call.
  std::span<const uint64_t> look_up(const FieldRules& rules, std::span<const Part> parts, std::string_view text,
                                    TextBuffers& buffers, Invalid& why);

 private:
  static constexpr size_t entries = 4096, key_bytes = 30;
  static constexpr uint32_t trial = 4096, aside = 16 * trial;  // look-ups
  struct Key {
    uint8_t size = 0;  // 0: free
    Invalid why = Invalid::none;
    char bytes[key_bytes] = {};
  };
  // Whether a value is looked up, or made anew.
  [[nodiscard]] bool in_use();
  uint32_t asked_ = 0, known_ = 0;  // of a trial
  uint32_t aside_ = 0;              // look-ups until the next
  size_t words_ = 0;
  std::vector<Key> keys_;
  std::vector<uint64_t> values_;    // words_ for each key
  std::vector<uint64_t> uncached_;  // words of a text longer than key_bytes
};

}  // namespace tessera
