// names.h: what are people called?
//
// Common names come from short lists, commonest first, drawn like 1/rank (Zipf); one family in
// three has a rare name, made of syllables: some 144,000 of them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tessera::generate_detail {

// Where a family's names come from.
enum Origin : uint8_t { british, irish, welsh, south_asian, african, east_european, chinese, arabic };

// At most 40 bytes of UTF-8.
struct Name {
  char text[40];
  uint8_t size = 0;
  [[nodiscard]] std::string_view view() const { return {text, size}; }
};

class Names {
 public:
  Names();
  [[nodiscard]] static Origin origin(uint64_t hash);
  [[nodiscard]] Name given(Origin origin, bool female, int birth_year, uint64_t hash) const;
  [[nodiscard]] Name family(Origin origin, uint64_t hash) const;

 private:
  struct Ranked {  // names of one list, and a table that holds each as often as it is borne
    std::vector<std::string_view> names;
    std::vector<uint8_t> drawn;
    [[nodiscard]] std::string_view draw(uint64_t hash) const;
  };
  static Ranked rank(std::string_view words);
  static Name spell(std::string_view listed);

  std::vector<Ranked> given_[2][8];  // by sex, origin; then era
  Ranked family_[8];
};

}  // namespace tessera::generate_detail
