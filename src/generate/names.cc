// names.cc: the lists as tables to draw from, and syllables put together.
#include "generate/names.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "generate/chance.h"

namespace tessera::generate_detail {
namespace {

struct NameList {
  Origin origin;
  int era;  // 0: to about 1940, 1: to 1965, 2: to 1990, 3: since
  std::string_view names;
};

#include "generate/name_lists.inc"

constexpr size_t draws = 1024;
constexpr int era_starts[] = {1940, 1965, 1990};

void append(Name& name, std::string_view text) {
  std::memcpy(name.text + name.size, text.data(), text.size());
  name.size = static_cast<uint8_t>(name.size + text.size());
}

}  // namespace

Names::Ranked Names::rank(std::string_view words) {
  Ranked out;
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    out.names.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  double total = 0, reached = 0;
  for (size_t i = 0; i < out.names.size(); ++i) total += 1.0 / static_cast<double>(i + 2);
  for (size_t i = 0; i < out.names.size(); ++i) {
    reached += 1.0 / static_cast<double>(i + 2);
    const auto until = static_cast<size_t>(std::lround(reached / total * static_cast<double>(draws)));
    out.drawn.resize(std::max(until, out.drawn.size()), static_cast<uint8_t>(i));
  }
  return out;
}

std::string_view Names::Ranked::draw(uint64_t hash) const { return names[drawn[hash >> 32 & (draws - 1)]]; }

Name Names::spell(std::string_view listed) {
  Name name;
  append(name, listed);
  std::replace(name.text, name.text + name.size, '_', ' ');
  return name;
}

Names::Names() {
  const auto take = [](const auto& lists, auto& by_origin) {
    for (const NameList& list : lists) by_origin[list.origin].push_back(rank(list.names));
  };
  take(male_names, given_[0]);
  take(female_names, given_[1]);
  for (const NameList& list : family_names) family_[list.origin] = rank(list.names);
}

Origin Names::origin(uint64_t hash) {
  // Per 1,000 people of Britain, roughly; origins other than British are younger in fact, here not.
  static constexpr auto origins = [] {
    constexpr uint16_t until[] = {740, 780, 830, 900, 930, 960, 972, 1000};
    std::array<uint8_t, 1000> at{};
    for (size_t i = 0, origin = 0; i < at.size(); ++i) {
      if (i == until[origin]) ++origin;
      at[i] = static_cast<uint8_t>(origin);
    }
    return at;
  }();
  return static_cast<Origin>(origins[below(hash, 1000)]);
}

Name Names::given(Origin origin, bool female, int birth_year, uint64_t hash) const {
  // Fashions overlap: parents look up to 12 years back or ahead.
  const int year = birth_year - 12 + static_cast<int>(below(mix(hash), 25));
  const auto& eras = given_[female ? 1 : 0][origin];
  size_t era = 0;
  if (eras.size() == 4) {
    era = static_cast<size_t>(std::upper_bound(std::begin(era_starts), std::end(era_starts), year) -
                              std::begin(era_starts));
  } else if (eras.size() == 2) {
    era = year > 1985 ? 1 : 0;
  }
  return spell(eras[era].draw(hash));
}

Name Names::family(Origin origin, uint64_t hash) const {
  Bits bits(mix(hash));
  if (origin > welsh || bits.take(10) >= 340) return spell(family_[origin].draw(hash));
  // Squaring a uniform number makes the first ones commoner.
  const float skewed = unit(hash) * unit(mix(hash + 1));
  auto rest = static_cast<uint32_t>(skewed * 144000.0F);
  rest = static_cast<uint32_t>(uint64_t{rest} * 91019 % 144000);  // neighbours in frequency, not in spelling
  Name name;
  append(name, rare_first[rest % 60]);
  append(name, rare_middle[rest / 60 % 40]);
  append(name, rare_last[rest / 2400]);
  return name;
}

}  // namespace tessera::generate_detail
