// model_counts.cc: how often does each pattern occur? (see model_counts.h)
#include "services/model_counts.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

#include "base/interrupt.h"

namespace tessera {

namespace {

// Counts of one thread: open addressing, as patterns are few and come again and again.
class PatternTable {
 public:
  void add(std::span<const Pattern> patterns) {
    for (const Pattern pattern : patterns) {
      if (count_ * 2 >= table_.size()) grow();
      Entry& entry = table_[slot(pattern)];
      if (entry.count == 0) {
        entry.pattern = pattern;
        ++count_;
      }
      ++entry.count;
    }
  }
  void append_to(PatternCounts& out) const {
    for (const Entry& entry : table_)
      if (entry.count != 0) out.push_back({entry.pattern, entry.count});
  }

 private:
  struct Entry {
    Pattern pattern = 0;
    uint64_t count = 0;
  };
  [[nodiscard]] size_t slot(Pattern pattern) const {
    size_t at = static_cast<size_t>((pattern * 0x9e3779b97f4a7c15) >> 20) & (table_.size() - 1);
    while (table_[at].count != 0 && table_[at].pattern != pattern) at = (at + 1) & (table_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Entry> old = std::move(table_);
    table_.assign(old.empty() ? 4096 : old.size() * 2, Entry{});
    for (const Entry& entry : old)
      if (entry.count != 0) table_[slot(entry.pattern)] = entry;
  }
  std::vector<Entry> table_;
  size_t count_ = 0;
};

// splitmix64: a good hash of a counter.
uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A number below n, all as likely but for n / 2^32.
uint32_t drawn_below(uint64_t bits, size_t n) {
  return static_cast<uint32_t>(((bits >> 32) * static_cast<uint64_t>(n)) >> 32);
}

struct CountLocal {
  explicit CountLocal(PairComparer::ScratchPtr made) : scratch(std::move(made)) {}
  PairComparer::ScratchPtr scratch;
  std::vector<RecordPair> pairs;
  std::vector<Pattern> patterns;
  PatternTable table;
};

// patterns_of(piece, local) makes local.patterns those of a piece.
template <class PatternsOf>
Result<PatternCounts> count_pieces(const ComparedSides& sides, size_t pieces, const PatternsOf& patterns_of) {
  using Local = CountLocal;
  tbb::enumerable_thread_specific<std::unique_ptr<Local>> locals(
      [&] { return std::make_unique<Local>(sides.comparer.scratch()); });
  std::atomic<bool> stopped = false;
  tbb::parallel_for(
      tbb::blocked_range<size_t>(0, pieces, 1),
      [&](const auto& range) {
        Local& local = *locals.local();
        for (size_t number = range.begin(); number < range.end() && !stopped; ++number) {
          if (!check_interrupted()) stopped = true;
          patterns_of(number, local);
          local.table.add(local.patterns);
        }
      },
      tbb::simple_partitioner());
  TESSERA_TRY(check_interrupted());
  PatternCounts all;
  for (const auto& local : locals) local->table.append_to(all);
  std::ranges::sort(all, {}, &PatternCount::pattern);
  PatternCounts out;
  for (const PatternCount& each : all) {
    if (!out.empty() && out.back().pattern == each.pattern)
      out.back().count += each.count;
    else
      out.push_back(each);
  }
  return out;
}

}  // namespace

Result<PatternCounts> count_patterns(const ComparedSides& sides, size_t pieces, const PairsOf& pairs_of) {
  return count_pieces(sides, pieces, [&](size_t number, CountLocal& local) {
    local.pairs.clear();
    pairs_of(number, local.pairs);
    local.patterns.resize(local.pairs.size());
    sides.comparer.compare(sides.left, sides.right, local.pairs, local.patterns.data(), *local.scratch);
  });
}

Result<PatternCounts> count_patterns(const ComparedSides& sides, const RandomPairs& random) {
  const PairComparer& comparer = sides.comparer;
  if (random.all || (random.within && !comparer.symmetric()))
    return count_patterns(sides, random.pieces(), [&](size_t piece, auto& pairs) { random.pairs(piece, pairs); });
  return count_pieces(sides, random.pieces(), [&](size_t number, CountLocal& local) {
    const RandomPairs::Drawn drawn = random.draw(number);
    local.patterns.resize(RandomPairs::piece);
    comparer.compare(sides.left, sides.right, {drawn.left, drawn.right, RandomPairs::partners}, local.patterns.data(),
                     *local.scratch);
    if (random.all_pairs(number, drawn)) return;
    size_t kept = 0;
    for (size_t turn = 0; turn < RandomPairs::partners; ++turn)
      for (size_t i = 0; i < RandomPairs::records; ++i) {
        local.patterns[kept] = local.patterns[turn * RandomPairs::records + i];
        kept += random.is_pair(number, drawn, i, turn);
      }
    local.patterns.resize(kept);
  });
}

RandomPairs::Drawn RandomPairs::draw(size_t number) const {
  const auto drawn = [&](size_t i, size_t rows) {
    return drawn_below(mixed(~seed ^ mixed(number * 2 * records + i)), rows);
  };
  Drawn out;
  for (size_t i = 0; i < records; ++i) {
    out.left[i] = drawn(i, left_rows);
    out.right[i] = drawn(records + i, right_rows);
  }
  return out;
}

bool RandomPairs::all_pairs(size_t number, const Drawn& drawn) const {
  if ((number + 1) * piece > count || !different_source.empty()) return false;
  if (!within) return true;
  std::array<uint32_t, records + partners> right;
  for (size_t i = 0; i < right.size(); ++i) right[i] = drawn.right[i % records];
  uint32_t equal = 0;
  for (size_t partner = 0; partner < partners; ++partner)
    for (size_t i = 0; i < records; ++i) equal |= drawn.left[i] == right[i + partner];
  return equal == 0;
}

void RandomPairs::pairs(size_t number, std::vector<RecordPair>& out) const {
  const uint64_t begin = number * piece, end = std::min<uint64_t>(count, begin + piece);
  if (all) {
    for (uint64_t k = begin; k < end; ++k) {
      const RecordPair pair{static_cast<uint32_t>(k / right_rows), static_cast<uint32_t>(k % right_rows)};
      if (within && (pair.left >= pair.right || of_one_source(pair.left, pair.right))) continue;
      out.push_back(pair);
    }
    return;
  }
  const auto [left, right] = draw(number);
  const size_t first = out.size();
  out.resize(first + (end - begin));
  size_t kept = first;  // without a branch: which of two records is the first is as good as random
  for (size_t k = 0; k < end - begin; ++k) {
    const RecordPair pair{left[k / partners], right[(k / partners + k % partners) % records]};
    out[kept] = within ? RecordPair{std::min(pair.left, pair.right), std::max(pair.left, pair.right)} : pair;
    kept += !within || (pair.left != pair.right && !of_one_source(pair.left, pair.right));
  }
  out.resize(kept);
}

}  // namespace tessera
