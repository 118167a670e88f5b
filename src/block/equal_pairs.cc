// equal_pairs.cc: how are pairs found within bins, and put in order? (see equal_pairs.h)
#include "block/equal_pairs.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "base/memory.h"
#include "block/found_pairs.h"

namespace tessera {

namespace {

constexpr size_t rows_a_bin = 1024;  // aimed at
constexpr int equal_bits_max = 11;   // more bins than the TLB holds cost more than they save

uint64_t mixed(uint64_t hash, uint64_t word) {
  const uint64_t x = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;
  return x ^ x >> 32;
}

bool holds(const EqualRule& rule, const uint64_t* a, const uint64_t* b) {
  return std::ranges::all_of(rule, [=](uint32_t column) { return a[column] != 0 && a[column] == b[column]; });
}

// Rules that are done together: by the columns that all of them have.
struct Family {
  std::vector<size_t> rules;  // ascending
  EqualRule common;
};

EqualRule in_common(const EqualRule& a, const EqualRule& b) {
  EqualRule out;
  std::ranges::copy_if(a, std::back_inserter(out), [&](uint32_t c) { return std::ranges::find(b, c) != b.end(); });
  return out;
}

// The column that most rules have makes the first family, and so on.
std::vector<Family> families_of(std::span<const EqualRule> rules) {
  std::vector<Family> out;
  std::vector<size_t> left(rules.size());
  for (size_t r = 0; r < rules.size(); ++r) left[r] = r;
  const auto has = [&](size_t r, uint32_t column) { return std::ranges::find(rules[r], column) != rules[r].end(); };
  while (!left.empty()) {
    uint32_t best = 0;
    std::ptrdiff_t most = 0;
    for (const size_t r : left)
      for (const uint32_t column : rules[r]) {
        const auto count = std::ranges::count_if(left, [&](size_t other) { return has(other, column); });
        if (count > most || (count == most && column < best)) {
          most = count;
          best = column;
        }
      }
    Family family;
    for (const size_t r : left) {
      if (!has(r, best)) continue;
      family.common = family.rules.empty() ? rules[r] : in_common(family.common, rules[r]);
      family.rules.push_back(r);
    }
    std::erase_if(left, [&](size_t r) { return has(r, best); });
    out.push_back(std::move(family));
  }
  return out;
}

// Records of a family, bin by bin, in order. Each is its number, with its source above it, and then its words.
class Bins {
 public:
  Bins(std::span<const WordStretch> stretches, size_t rows, size_t columns, const Family& family,
       std::span<const uint16_t> source);
  [[nodiscard]] size_t size() const { return starts_.size() - 1; }
  [[nodiscard]] size_t rows(size_t bin) const { return starts_[bin + 1] - starts_[bin]; }
  [[nodiscard]] size_t stride() const { return stride_; }
  [[nodiscard]] const uint64_t* at(size_t bin) const {
    return reinterpret_cast<const uint64_t*>(memory_.data()) + starts_[bin] * stride_;
  }
  [[nodiscard]] size_t largest() const {
    size_t most = 0;
    for (size_t bin = 0; bin < size(); ++bin) most = std::max(most, rows(bin));
    return most;
  }
  // No rule has more.
  [[nodiscard]] uint64_t pairs_most() const {
    uint64_t sum = 0;
    for (size_t bin = 0; bin < size(); ++bin) sum += uint64_t{rows(bin)} * rows(bin) / 2;
    return sum;
  }

 private:
  size_t stride_;
  std::vector<size_t> starts_;
  Arena memory_;
};

Bins::Bins(std::span<const WordStretch> stretches, size_t rows, size_t columns, const Family& family,
           std::span<const uint16_t> source)
    : stride_(columns + 1) {
  const int bits = std::clamp(static_cast<int>(std::bit_width(rows / rows_a_bin)), 1, equal_bits_max);
  const size_t bins = size_t{1} << bits;
  constexpr uint16_t no_bin = 0xffff;
  std::vector<uint16_t> bin_of(rows);
  std::vector<size_t> first(stretches.size(), 0), places(stretches.size() * bins, 0);
  for (size_t s = 1; s < stretches.size(); ++s) first[s] = first[s - 1] + stretches[s - 1].rows;

  // Count, prefix sum, fill.
  tbb::parallel_for(size_t{0}, stretches.size(), [&](size_t s) {
    const auto& words = stretches[s].columns;
    uint16_t* const to = bin_of.data() + first[s];
    if (std::ranges::any_of(family.common, [&](uint32_t column) { return words[column] == nullptr; })) {
      std::fill_n(to, stretches[s].rows, no_bin);
      return;
    }
    for (size_t i = 0; i < stretches[s].rows; ++i) {
      uint64_t hash = 0;
      bool null = false;
      for (const uint32_t column : family.common) {
        null |= words[column][i] == 0;
        hash = mixed(hash, words[column][i]);
      }
      to[i] = null ? no_bin : static_cast<uint16_t>(mixed(hash, 0) >> (64 - bits));
      if (!null) ++places[s * bins + to[i]];
    }
  });
  starts_.resize(bins + 1);
  size_t sum = 0;
  for (size_t bin = 0; bin < bins; ++bin) {
    starts_[bin] = sum;
    for (size_t s = 0; s < stretches.size(); ++s) sum += std::exchange(places[s * bins + bin], sum);
  }
  starts_[bins] = sum;
  memory_ = Arena(std::max<size_t>(sum, 1) * stride_ * sizeof(uint64_t));
  auto* const entries = reinterpret_cast<uint64_t*>(memory_.data());
  tbb::parallel_for(size_t{0}, stretches.size(), [&](size_t s) {
    const auto& words = stretches[s].columns;
    for (size_t i = 0; i < stretches[s].rows; ++i) {
      const size_t row = first[s] + i;
      if (bin_of[row] == no_bin) continue;
      uint64_t* const to = entries + places[s * bins + bin_of[row]]++ * stride_;
      to[0] = row | (source.empty() ? 0 : uint64_t{source[row]} << 32);
      for (size_t column = 0; column < columns; ++column) to[column + 1] = words[column] ? words[column][i] : 0;
    }
  });
}

// What one thread holds while it looks into bins. Records of a bin are numbered from 1; 0: none.
struct BinWork {
  std::vector<std::vector<uint32_t>> hash;   // by column, by record: of its word; 0: null
  std::vector<uint32_t> key;                 // by record: the hashes of a rule's columns together
  std::vector<uint32_t> table;               // by key: the last record
  std::vector<uint32_t> like;                // by record: the one before it that had its place in the table
  std::vector<uint32_t> later;               // from 0: records that are not the first of their group
  std::vector<std::vector<uint32_t>> group;  // by rule of the family, by record: the first of its group
  std::vector<uint32_t> before;              // by record: the one before it in its group
  std::vector<uint32_t> depth;               // by record: how many are before it
  FoundPairs found;
  std::vector<uint64_t> candidates;  // by rule of the family
};

// Each column is hashed once, for all rules of the family that have it.
void hash_bin(std::span<const uint32_t> columns, const uint64_t* bin, size_t rows, size_t stride, BinWork& work) {
  for (const uint32_t column : columns) {
    std::vector<uint32_t>& hash = work.hash[column];
    hash.resize(rows);
    const uint64_t factor = 0x9e37'79b9'7f4a'7c15 * (2 * uint64_t{column} + 1);
    const uint64_t* word = bin + column + 1;
    for (size_t i = 0; i < rows; ++i, word += stride)
      hash[i] = *word == 0 ? 0 : static_cast<uint32_t>(*word * factor >> 32) | 1;
  }
}

// Puts the records of a bin into groups by one rule. Whether a record has one like it cannot be guessed, so at first
// there is no branch: whoever had the same place in the table is noted. Only those are then compared.
void group_bin(const EqualRule& rule, const uint64_t* bin, size_t rows, size_t stride, size_t of_family,
               BinWork& work) {
  const int bits = std::clamp(static_cast<int>(std::bit_width(rows * 2)), 4, 32);
  std::vector<uint32_t>& group = work.group[of_family];
  work.table.assign(size_t{1} << bits, 0);
  for (auto* numbers : {&work.key, &work.like, &work.later, &group, &work.depth}) numbers->resize(rows);
  work.before.assign(rows, 0);

  const uint32_t* const first = work.hash[rule[0]].data();
  for (size_t i = 0; i < rows; ++i) {
    work.key[i] = first[i];
    group[i] = first[i] != 0 ? static_cast<uint32_t>(i + 1) : 0;
  }
  for (const uint32_t column : std::span(rule).subspan(1)) {
    const uint32_t* const hash = work.hash[column].data();
    for (size_t i = 0; i < rows; ++i) {
      work.key[i] += hash[i];
      group[i] = hash[i] != 0 ? group[i] : 0;
    }
  }

  size_t later = 0;
  for (size_t i = 0; i < rows; ++i) {
    // A record with a null is put nowhere: it looks into the table, and leaves it as it is.
    uint32_t& last = work.table[work.key[i] * 0x9e37'79b9U >> (32 - bits)];
    const uint32_t now = group[i];
    work.like[i] = last;
    work.depth[i] = 0;
    work.later[later] = static_cast<uint32_t>(i);
    later += static_cast<size_t>(last != 0) & static_cast<size_t>(now != 0);
    last = now | (now == 0 ? last : 0);
  }
  work.later.resize(later);
  later = 0;
  for (const uint32_t i : work.later) {
    const uint64_t* const words = bin + i * stride + 1;
    uint32_t at = work.like[i];
    while (at != 0 && (work.key[at - 1] != work.key[i] || !holds(rule, words, bin + (at - 1) * stride + 1)))
      at = work.like[at - 1];
    if (at == 0) continue;
    work.later[later++] = i;
    work.before[i] = at;
    work.depth[i] = work.depth[at - 1] + 1;
    work.candidates[of_family] += work.depth[i];
    group[i] = group[at - 1];
  }
  work.later.resize(later);
}

class Finder {
 public:
  Finder(std::span<const WordStretch> stretches, std::span<const EqualRule> rules, const EqualOptions& options)
      : stretches_(stretches), rules_(rules), options_(options) {
    for (const WordStretch& stretch : stretches) rows_ += stretch.rows;
    for (const EqualRule& rule : rules) columns_ = std::max<size_t>(columns_, std::ranges::max(rule) + 1);
  }

  EqualPairs run() {
    for (const Family& family : families_of(rules_)) {
      Bins bins(stretches_, rows_, columns_, family, options_.source);
      // A common column with few values: each rule by itself.
      if (family.rules.size() > 1 && bins.largest() > std::max(rows_ / 16, 64 * rows_a_bin)) {
        for (const size_t r : family.rules) {
          const Family alone{{r}, rules_[r]};
          look_into(Bins(stretches_, rows_, columns_, alone, options_.source), alone);
        }
      } else {
        look_into(bins, family);
      }
    }
    if (!out_.too_many) put_in_order(found_, out_.pairs, out_.rules);
    return std::move(out_);
  }

 private:
  void look_into(const Bins& bins, const Family& family) {
    if (bins.pairs_most() > options_.rule_pairs_max) count(bins, family);
    if (out_.too_many) return;
    for (BinWork& work : each_bin(bins, family, true)) found_.push_back(std::move(work.found));
  }

  // Looks for the first rule that makes too many pairs.
  void count(const Bins& bins, const Family& family) {
    const Works counted = each_bin(bins, family, false);
    for (size_t k = 0; k < family.rules.size(); ++k) {
      uint64_t pairs = 0;
      for (const BinWork& work : counted) pairs += work.candidates[k];
      if (pairs <= options_.rule_pairs_max || (out_.too_many && out_.too_many->rule < family.rules[k])) continue;
      out_.too_many = {.rule = family.rules[k], .pairs = pairs};
      return;
    }
  }

  using Works = tbb::enumerable_thread_specific<BinWork>;
  Works each_bin(const Bins& bins, const Family& family, bool pairs) {
    Works works([&] {
      BinWork work;
      work.found = FoundPairs(rows_);
      work.hash.resize(columns_);
      work.group.resize(family.rules.size());
      work.candidates.resize(family.rules.size());
      return work;
    });
    EqualRule columns;
    for (const size_t r : family.rules) columns.insert(columns.end(), rules_[r].begin(), rules_[r].end());
    std::ranges::sort(columns);
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    tbb::parallel_for(size_t{0}, bins.size(), [&](size_t bin) {
      if (bins.rows(bin) < 2) return;
      BinWork& work = works.local();
      hash_bin(columns, bins.at(bin), bins.rows(bin), bins.stride(), work);
      for (size_t k = 0; k < family.rules.size(); ++k) {
        group_bin(rules_[family.rules[k]], bins.at(bin), bins.rows(bin), bins.stride(), k, work);
        if (pairs) take_pairs(bins, bin, family, k, work);
      }
    });
    return works;
  }

  // The pairs of a rule in a bin that no earlier rule makes: of this family, or of another.
  void take_pairs(const Bins& bins, size_t bin, const Family& family, size_t k, BinWork& work) {
    const size_t rule = family.rules[k], stride = bins.stride();
    const uint64_t* const entries = bins.at(bin);
    std::vector<const EqualRule*> others;
    for (size_t r = 0; r < rule; ++r)
      if (!std::ranges::binary_search(family.rules, r)) others.push_back(&rules_[r]);
    const bool between = !options_.source.empty();
    const auto met = [&](size_t a, size_t b) {
      for (size_t e = 0; e < k; ++e)
        if (work.group[e][a] != 0 && work.group[e][a] == work.group[e][b]) return true;
      const uint64_t *left = entries + a * stride, *right = entries + b * stride;
      if (between && left[0] >> 32 == right[0] >> 32) return true;
      return std::ranges::any_of(others, [&](const EqualRule* other) { return holds(*other, left + 1, right + 1); });
    };
    for (const uint32_t i : work.later)
      for (uint32_t at = work.before[i]; at != 0; at = work.before[at - 1]) {
        if (met(at - 1, i)) continue;
        work.found.add({static_cast<uint32_t>(entries[(at - 1) * stride]), static_cast<uint32_t>(entries[i * stride]),
                        static_cast<uint16_t>(rule)});
      }
  }

  std::span<const WordStretch> stretches_;
  std::span<const EqualRule> rules_;
  EqualOptions options_;
  size_t rows_ = 0, columns_ = 0;
  std::vector<FoundPairs> found_;  // by thread of a family
  EqualPairs out_;
};

}  // namespace

EqualPairs equal_pairs(std::span<const WordStretch> stretches, std::span<const EqualRule> rules,
                       const EqualOptions& options) {
  assert(rules.size() <= size_t{1} << 16);
  return Finder(stretches, rules, options).run();
}

}  // namespace tessera
