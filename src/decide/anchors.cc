// anchors.cc: which exact agreements must a pair have to be worth meeting?
//
// Candidates are the sets of equal words that ways have in common (all intersections
// of their sets). An equal date or postcode implies equal parts, so the parts count as
// members too. The price of a set of anchors is a probe for each, plus the candidates
// expected from each; the cheapest set that serves every way is found by search for
// short lists and greedily for long ones.
#include "decide/anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "decide/decide.h"

namespace tessera {

double expected_values(Kind kind, Part part) {
  switch (part) {
    case Part::year: return 60;
    case Part::month: return 12;
    case Part::day: return 30;
    case Part::year_month: return 700;
    case Part::year_day: return 1800;
    case Part::month_day: return 360;
    case Part::sector: return 6000;
    case Part::district: return 1500;
    case Part::area: return 70;
    case Part::but_last: return 150000;
    case Part::soundex: return 300;
    case Part::initial: return 14;
    case Part::first2: return 80;
    case Part::first3: return 250;
    case Part::first4: return 400;
    case Part::sorted_letters:
    case Part::no_space:
    case Part::first_token:
    case Part::whole: break;
  }
  switch (kind) {
    case Kind::nhs_number:
    case Kind::pseudonym:
    case Kind::clk:
    case Kind::token: return 1e9;
    case Kind::date: return 20000;
    case Kind::flag:
    case Kind::sex: return 2;
    case Kind::postcode: return 700000;
    case Kind::name: return 500;
    case Kind::code:
    case Kind::integer: return 100;
    case Kind::text: return 1000;
  }
  return 1;
}

namespace {

using Bits = Pattern;  // sets of conditions

bool is_equal(const PairCondition& c) { return c.what == Condition::equal; }

// Whether equality of `whole` makes `part` equal too: same words, a derived part of them.
bool implies(const PairCondition& whole, const PairCondition& part) {
  return is_equal(whole) && is_equal(part) && whole.from.part == Part::whole && whole.to.part == Part::whole &&
         whole.from.derived && part.from.derived && part.to.derived && whole.from.slot == part.from.slot &&
         whole.to.slot == part.to.slot && part.from.part == part.to.part;
}

// Every equal condition that the conditions in `need` bring about.
Bits closure(Bits need, const std::vector<PairCondition>& conditions) {
  Bits closed = 0;
  for (size_t i = 0; i < conditions.size() && i < conditions_max; ++i) {
    if (!(need >> i & 1) || !is_equal(conditions[i])) continue;
    closed |= Bits{1} << i;
    for (size_t j = 0; j < conditions.size() && j < conditions_max; ++j)
      if (implies(conditions[i], conditions[j])) closed |= Bits{1} << j;
  }
  return closed;
}

// Without the parts whose whole is there.
Bits reduced(Bits set, const std::vector<PairCondition>& conditions) {
  Bits kept = set;
  for (size_t i = 0; i < conditions.size() && i < conditions_max; ++i)
    for (size_t j = 0; j < conditions.size() && j < conditions_max; ++j)
      if (i != j && (set >> i & 1) && (set >> j & 1) && implies(conditions[i], conditions[j])) kept &= ~(Bits{1} << j);
  return kept;
}

// Chance that two records that are not of one person agree on all of the set.
double coincidence(Bits set, const std::vector<PairCondition>& conditions) {
  std::map<std::pair<uint32_t, uint32_t>, double> values;  // by words: several parts of one field are one field
  for (size_t i = 0; i < conditions.size() && i < conditions_max; ++i) {
    if (!(set >> i & 1)) continue;
    const PairCondition& c = conditions[i];
    auto& best = values[{c.from.slot, c.to.slot}];
    best = std::max({best, 1.0, expected_values(c.from.means, c.from.means_part)});
  }
  double chance = 1;
  for (const auto& [words, count] : values) chance /= count;
  return chance;
}

struct Candidate {
  Bits set = 0;
  double price = 0;
  std::vector<bool> serves;  // by way
};

std::vector<Bits> intersections(const std::vector<Bits>& ways) {
  constexpr size_t candidates_max = 4096;
  std::vector<Bits> sets;
  for (const Bits way : ways) {
    const size_t before = sets.size();
    auto add = [&](Bits set) {
      if (set && sets.size() < candidates_max && std::ranges::find(sets, set) == sets.end()) sets.push_back(set);
    };
    add(way);
    for (size_t i = 0; i < before; ++i) add(sets[i] & way);
  }
  return sets;
}

// Depth-first over the first way not yet served; prices only add, so a dearer branch stops.
class Search {
 public:
  Search(const std::vector<Candidate>& candidates, size_t way_count) : candidates_(candidates), served_(way_count, 0) {}

  std::vector<size_t> run() {
    descend(0);
    return best_;
  }

 private:
  void descend(double price) {
    if (price >= best_price_ || ++steps_ > steps_max) return;
    const auto open = std::ranges::find(served_, 0);
    if (open == served_.end()) {
      best_ = chosen_;
      best_price_ = price;
      return;
    }
    const auto way = static_cast<size_t>(open - served_.begin());
    for (size_t c = 0; c < candidates_.size(); ++c) {
      if (!candidates_[c].serves[way]) continue;
      chosen_.push_back(c);
      for (size_t w = 0; w < served_.size(); ++w) served_[w] += candidates_[c].serves[w];
      descend(price + candidates_[c].price);
      for (size_t w = 0; w < served_.size(); ++w) served_[w] -= candidates_[c].serves[w];
      chosen_.pop_back();
    }
  }

  static constexpr size_t steps_max = 200000;  // then the best so far stands; candidates come cheapest first
  const std::vector<Candidate>& candidates_;
  std::vector<int> served_;
  std::vector<size_t> chosen_, best_;
  double best_price_ = std::numeric_limits<double>::infinity();
  size_t steps_ = 0;
};

}  // namespace

Result<std::vector<Anchor>> choose_anchors(const std::vector<PassBits>& passes, std::vector<PairCondition>& conditions,
                                           uint64_t reference_rows) {
  std::vector<Bits> ways;
  for (const PassBits& pass : passes) {
    for (const auto& way : pass.alternatives) {
      const Bits set = closure(way.need, conditions);
      if (!set)
        return fail(ErrorCode::usage,
                    fmt::format("the pass of rank {} has no exact term, so every record would meet every other: "
                                "add a term that must be equal, such as \"nhs_number\", \"dob\" or \"postcode:sector\"",
                                pass.rank));
      ways.push_back(set);
    }
  }
  std::vector<Candidate> candidates;
  for (const Bits set : intersections(ways)) {
    Candidate candidate{.set = reduced(set, conditions)};
    // A probe costs about as much as two candidates; a tiny tax prefers fewer words.
    candidate.price = 2 + static_cast<double>(reference_rows) * coincidence(set, conditions) +
                      0.001 * static_cast<double>(std::popcount(candidate.set));
    for (const Bits way : ways) candidate.serves.push_back((way & set) == set);
    candidates.push_back(std::move(candidate));
  }
  std::ranges::stable_sort(candidates, [](const Candidate& a, const Candidate& b) {
    const auto served = [](const Candidate& c) { return std::ranges::count(c.serves, true); };
    return a.price / static_cast<double>(served(a)) < b.price / static_cast<double>(served(b));
  });

  // The anchor that serves most ways first: a pair belongs to the first anchor it has.
  std::vector<size_t> chosen = Search(candidates, ways.size()).run();
  std::ranges::stable_sort(chosen, std::ranges::greater{},
                           [&](size_t c) { return std::ranges::count(candidates[c].serves, true); });
  std::vector<Anchor> anchors;
  for (const size_t c : chosen) {
    Anchor anchor{.bits = candidates[c].set};
    for (size_t i = 0; i < conditions.size() && i < conditions_max; ++i) {
      if (!(anchor.bits >> i & 1)) continue;
      anchor.from.push_back(conditions[i].from);
      anchor.to.push_back(conditions[i].to);
      if (!anchor.text.empty()) anchor.text += " + ";
      anchor.text += conditions[i].text;
    }
    anchors.push_back(std::move(anchor));
  }
  return anchors;
}

}  // namespace tessera
