// place.h: where can one live?
//
// About 1.7 million postcodes, none stored: a place is a number, and its text is arithmetic.
//
//   place = sector * 400 + unit     sector: one of some 11,000 "LS12 4", unit: 20 x 20 letters "AB"
//
// Areas are the real ones with about their real numbers of districts; which units exist is made up.
// Units from 380 on are communal establishments (care homes, halls, prisons), nobody else's.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tessera::generate_detail {

using Postcode = std::array<char, 8>;  // "M1   1AE": the inward part at characters 6 to 8

inline constexpr uint32_t no_fixed_abode = 0xffffffff;

class Places {
 public:
  Places();
  [[nodiscard]] uint32_t home(uint64_t hash) const;  // skewed: towns are denser
  [[nodiscard]] uint32_t home_area(uint64_t hash) const { return areas_[crowd_[hash & 0xffff]]; }  // of that home
  [[nodiscard]] uint32_t in_area(uint32_t area, uint64_t hash) const;
  [[nodiscard]] uint32_t near(uint32_t place, uint64_t hash) const { return in_area(area(place), hash); }
  [[nodiscard]] uint32_t communal(uint64_t index) const;
  [[nodiscard]] Postcode text(uint32_t place) const;
  [[nodiscard]] uint32_t area(uint32_t place) const;  // below 128; 127: no fixed abode
  [[nodiscard]] size_t sectors() const { return sectors_.size(); }
  [[nodiscard]] uint64_t postcodes() const { return postcodes_; }  // that are homes

 private:
  std::vector<Postcode> sectors_;  // outward part padded to 5, and the digit; the last two are not set
  // Of each sector, apart: what a draw looks at stays in the cache.
  std::vector<uint16_t> units_;  // that exist, below 380
  std::vector<uint8_t> areas_;
  std::vector<uint32_t> area_first_;  // of sectors_, one more than areas
  std::vector<uint16_t> crowd_;       // 2^16 sectors, each as often as its weight
  uint64_t postcodes_ = 0;
};

// "M1 1AE": with one space. Returns the characters written to `out`, at most 8.
unsigned single_spaced(const Postcode&, char* out);

}  // namespace tessera::generate_detail
