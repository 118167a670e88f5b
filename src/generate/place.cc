// place.cc: the areas, and the arithmetic between a number and a postcode.
#include "generate/place.h"

#include <cassert>
#include <cstring>
#include <string>

#include "generate/chance.h"

namespace tessera::generate_detail {
namespace {

struct Area {
  std::string_view letters;
  uint8_t districts;
};

// Areas of Great Britain and Northern Ireland with about as many districts as each has.
constexpr Area areas[] = {
    {"AB", 39}, {"AL", 10}, {"B", 80},  {"BA", 18}, {"BB", 14}, {"BD", 25}, {"BH", 26}, {"BL", 11}, {"BN", 30},
    {"BR", 8},  {"BS", 42}, {"BT", 81}, {"CA", 28}, {"CB", 19}, {"CF", 42}, {"CH", 30}, {"CM", 26}, {"CO", 16},
    {"CR", 10}, {"CT", 21}, {"CV", 21}, {"CW", 12}, {"DA", 18}, {"DD", 11}, {"DE", 25}, {"DG", 16}, {"DH", 9},
    {"DL", 17}, {"DN", 36}, {"DT", 11}, {"DY", 14}, {"E", 21},  {"EC", 4},  {"EH", 51}, {"EN", 12}, {"EX", 39},
    {"FK", 21}, {"FY", 8},  {"G", 51},  {"GL", 41}, {"GU", 39}, {"HA", 9},  {"HD", 9},  {"HG", 5},  {"HP", 27},
    {"HR", 9},  {"HS", 9},  {"HU", 20}, {"HX", 7},  {"IG", 11}, {"IP", 33}, {"IV", 63}, {"KA", 30}, {"KT", 24},
    {"KW", 17}, {"KY", 16}, {"L", 40},  {"LA", 23}, {"LD", 8},  {"LE", 22}, {"LL", 72}, {"LN", 13}, {"LS", 29},
    {"LU", 7},  {"M", 46},  {"ME", 20}, {"MK", 24}, {"ML", 12}, {"N", 22},  {"NE", 57}, {"NG", 33}, {"NN", 19},
    {"NP", 23}, {"NR", 34}, {"NW", 11}, {"OL", 16}, {"OX", 28}, {"PA", 76}, {"PE", 38}, {"PH", 44}, {"PL", 35},
    {"PO", 38}, {"PR", 13}, {"RG", 40}, {"RH", 20}, {"RM", 20}, {"S", 49},  {"SA", 62}, {"SE", 28}, {"SG", 19},
    {"SK", 20}, {"SL", 10}, {"SM", 7},  {"SN", 28}, {"SO", 28}, {"SP", 11}, {"SR", 8},  {"SS", 17}, {"ST", 21},
    {"SW", 20}, {"SY", 25}, {"TA", 24}, {"TD", 15}, {"TF", 13}, {"TN", 40}, {"TQ", 14}, {"TR", 27}, {"TS", 29},
    {"TW", 20}, {"UB", 11}, {"W", 14},  {"WA", 16}, {"WC", 2},  {"WD", 13}, {"WF", 17}, {"WN", 8},  {"WR", 15},
    {"WS", 15}, {"WV", 16}, {"YO", 34}, {"ZE", 3}};
static_assert(std::size(areas) < 127);

constexpr std::string_view unit_letters = "ABDEFGHJLNPQRSTUWXYZ";  // no C I K M O V
constexpr uint32_t units_max = 400, communal_from = 380;
// The letters of each unit. Neighbouring numbers are not neighbouring letters: 137 and 400 share no factor.
constexpr auto units = [] {
  std::array<std::array<char, 2>, units_max> made{};
  for (uint32_t i = 0; i < units_max; ++i)
    made[i] = {unit_letters[i * 137 % units_max / 20], unit_letters[i * 137 % units_max % 20]};
  return made;
}();
constexpr uint64_t places_key = 0x706c61636573;  // the country is the same for every seed

// Middle London has letters after the number: EC1A, W1T, SW1A, WC2H.
bool lettered(std::string_view area, unsigned district) {
  if (area == "EC" || area == "WC") return true;
  return district == 1 && (area == "W" || area == "SW" || area == "SE" || area == "N" || area == "E" || area == "NW");
}

}  // namespace

Places::Places() {
  std::vector<double> weights;
  double total = 0;
  const auto add = [&](const std::string& outward, uint8_t area) {
    const uint64_t key = hash(places_key, sectors_.size());
    const unsigned count = 2 + below(key, 5);
    const double density = 0.3 + 2.0 * unit(hash(key, 1)) * unit(hash(key, 2));
    for (unsigned i = 0; i < count; ++i) {
      Postcode sector = {' ', ' ', ' ', ' ', ' ', static_cast<char>('0' + (i + 1) % 10)};
      outward.copy(sector.data(), outward.size());
      units_.push_back(static_cast<uint16_t>(60 + below(hash(key, 3, i), 190)));
      weights.push_back(density * units_.back() * (0.4 + unit(hash(key, 4, i))));
      total += weights.back();
      postcodes_ += units_.back();
      areas_.push_back(area);
      sectors_.push_back(sector);
    }
  };
  for (const Area& area : areas) {
    area_first_.push_back(static_cast<uint32_t>(sectors_.size()));
    const auto number = static_cast<uint8_t>(area_first_.size() - 1);
    for (unsigned district = 1; district <= area.districts; ++district) {
      const std::string outward = std::string(area.letters) + std::to_string(district);
      if (!lettered(area.letters, district)) {
        add(outward, number);
        continue;
      }
      for (const char letter : std::string_view("ABEHPRVWXY")) add(outward + letter, number);
    }
  }
  area_first_.push_back(static_cast<uint32_t>(sectors_.size()));
  assert(sectors_.size() < 0xffff);

  crowd_.resize(size_t{1} << 16);
  double reached = weights[0];
  uint16_t sector = 0;
  for (size_t i = 0; i < crowd_.size(); ++i) {
    while (reached / total * 0x1p16 <= static_cast<double>(i) && sector + 1U < sectors_.size())
      reached += weights[++sector];
    crowd_[i] = sector;
  }
}

uint32_t Places::home(uint64_t hash) const {
  const uint32_t sector = crowd_[hash & 0xffff];
  return sector * units_max + below(mix(hash), units_[sector]);
}

uint32_t Places::in_area(uint32_t area, uint64_t hash) const {
  const uint32_t first = area_first_[area];
  const uint32_t sector = first + below(hash, area_first_[area + 1] - first);
  return sector * units_max + below(mix(hash), units_[sector]);
}

uint32_t Places::communal(uint64_t index) const {
  // Each index another place as long as there are any.
  const uint64_t sector = hash(places_key, 0x636f6d, index / (units_max - communal_from)) % sectors_.size();
  return static_cast<uint32_t>(sector * units_max + communal_from + index % (units_max - communal_from));
}

uint32_t Places::area(uint32_t place) const { return place == no_fixed_abode ? 127 : areas_[place / units_max]; }

Postcode Places::text(uint32_t place) const {
  if (place == no_fixed_abode) return {'Z', 'Z', '9', '9', ' ', '3', 'V', 'Z'};
  Postcode text = sectors_[place / units_max];
  std::memcpy(&text[6], units[place % units_max].data(), 2);
  return text;
}

unsigned single_spaced(const Postcode& postcode, char* out) {
  unsigned size = 0;
  for (unsigned i = 0; i < 5 && postcode[i] != ' '; ++i) out[size++] = postcode[i];
  out[size++] = ' ';
  for (unsigned i = 5; i < 8; ++i) out[size++] = postcode[i];
  return size;
}

}  // namespace tessera::generate_detail
