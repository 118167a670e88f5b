// missing.h: does a text spell "there is no value"?
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/swar.h"

namespace tessera {

// The spellings of null of an input and of one of its fields, any case. Fixed after it is made.
class MissingSpellings {
 public:
  MissingSpellings() = default;
  MissingSpellings(const std::vector<std::string>& of_input, const std::vector<std::string>& of_field) {
    for (const auto* list : {&of_input, &of_field})
      for (const std::string& spelling : *list) add(swar::trim(spelling));
  }

  [[nodiscard]] bool empty() const { return spellings_.empty(); }

  // Requires: no spaces around it. Nearly every value is passed by its length alone.
  [[nodiscard]] bool match(std::string_view text) const {
    if ((lengths_ >> std::min<size_t>(text.size(), 63) & 1) == 0) [[likely]]
      return false;
    return std::ranges::any_of(spellings_,
                               [text](const std::string& s) { return std::ranges::equal(text, s, {}, lower); });
  }

 private:
  static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
  void add(std::string_view spelling) {
    if (spelling.empty()) return;
    spellings_.emplace_back(spelling);
    std::ranges::transform(spellings_.back(), spellings_.back().begin(), lower);
    lengths_ |= uint64_t{1} << std::min<size_t>(spelling.size(), 63);
  }

  std::vector<std::string> spellings_;  // small letters
  uint64_t lengths_ = 0;                // bit n: one has n characters; bit 63: 63 or more
};

}  // namespace tessera
