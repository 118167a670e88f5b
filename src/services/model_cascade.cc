// model_cascade.cc: how are links chosen by rank and weight together? (see model_cascade.h)
//
//   pairs that satisfy a pass ─ weight ─┐
//   pairs that the rules bring ─ weight ┴─ rank by rank the heaviest ─ those without a rank ─ links
#include "services/model_cascade.h"

#include <algorithm>
#include <limits>

#include "resolve/resolve.h"
#include "services/model_passes.h"

namespace tessera {

namespace {

constexpr float none = -std::numeric_limits<float>::infinity();

ScoredPair scored(RecordPair pair, double weight, uint16_t rule) {
  return {.left = pair.left, .right = pair.right, .weight = static_cast<float>(weight), .rule = rule};
}

// Every pair that may become a link. Of a pass: at any weight; else from the threshold on.
struct Candidates {
  std::vector<PassMask> passes;    // that the ranked pairs satisfy
  std::vector<ScoredPair> ranked;  // by left row, then right row
  std::vector<ScoredPair> others;
};

Status weigh_matches(ModelRun& run, Candidates& candidates) {
  TESSERA_ASSIGN(const std::vector<Match> matches, pass_matches(run));
  constexpr size_t at_a_time = size_t{1} << 15;
  const ComparedSides sides = run.sides();
  const auto scratch = run.comparer->scratch();
  std::vector<RecordPair> pairs;
  std::vector<Pattern> patterns;
  std::vector<double> weights;
  Scorer::Scratch score;
  for (size_t at = 0; at < matches.size(); at += pairs.size()) {
    pairs.clear();
    for (size_t i = at; i < matches.size() && pairs.size() < at_a_time; ++i)
      pairs.push_back({static_cast<uint32_t>(matches[i].from), matches[i].to});
    patterns.resize(pairs.size());
    weights.resize(pairs.size());
    run.comparer->compare(sides.left, sides.right, pairs, patterns.data(), *scratch);
    run.scorer->score(sides, pairs, patterns, every_weight, weights.data(), score);
    for (size_t i = 0; i < pairs.size(); ++i) {
      candidates.ranked.push_back(scored(pairs[i], weights[i], 0));
      candidates.passes.push_back(matches[at + i].passes);
    }
  }
  return {};
}

Status weigh_others(ModelRun& run, const Blocks& blocks, Candidates& candidates) {
  const auto place = [](const ScoredPair& pair) { return std::pair(pair.left, pair.right); };
  return score_pairs(run, blocks, {}, [&](ScoredPiece& piece) -> Status {
    for (size_t i = 0; i < piece.pairs.size(); ++i) {
      const RecordPair pair = piece.pairs[i];
      if (std::ranges::binary_search(candidates.ranked, std::pair(pair.left, pair.right), {}, place)) continue;
      candidates.others.push_back(scored(pair, piece.weights[i], piece.rule));
    }
    return {};
  });
}

// The two heaviest candidates of each record.
class Heaviest {
 public:
  explicit Heaviest(size_t records) : two_(records, {none, none}) {}
  void add(uint32_t record, float weight) {
    auto& [first, second] = two_[record];
    second = std::max(second, std::min(first, weight));
    first = std::max(first, weight);
  }
  // Of the candidates other than one of this weight.
  [[nodiscard]] float other(uint32_t record, float weight) const {
    const auto& [first, second] = two_[record];
    return weight >= first ? second : first;
  }

 private:
  std::vector<std::pair<float, float>> two_;
};

// Links rank by rank: who has one, or is tied, takes no part in later ones.
class ByRank {
 public:
  ByRank(ModelRun& run, Taken& taken)
      : run_(run), how_(run.step.step->resolve), gone_(taken), taken_(taken), limit_(run.step.step->close) {}

  // Links of the pairs of one rank (0: of those without) that are still open. Returns the links and the ties.
  RankCount take(int rank, std::span<const ScoredPair> pairs, float threshold) {
    std::vector<ScoredPair> open;
    for (const ScoredPair& pair : pairs)
      if (!gone_.bars(how_, {pair.left, pair.right})) open.push_back(pair);
    // Tied candidates are asked for, so that it is known who leaves.
    ChooseOptions options{.how = how_, .threshold = threshold};
    if (how_.ties == Ties::drop) options.how.ties = Ties::all;
    const ChosenLinks chosen = choose_links(run_.left.rows(), run_.right.rows(), open, options);
    RankCount count{.rank = rank, .ties = chosen.tied};
    std::vector<uint32_t> tied_left, tied_right;
    for (const ChosenLink& link : chosen.links) {
      const ScoredPair& pair = open[link.pair];
      if (how_.ties == Ties::drop && link.ties > 1) {
        tied_left.push_back(pair.left);
        tied_right.push_back(pair.right);
        continue;
      }
      gone_.left[pair.left] = gone_.right[pair.right] = 1;
      links_.push_back({pair, rank, link.ties});
      ++count.links;
    }
    leave(tied_left, gone_.left);
    leave(tied_right, gone_.right);
    note_greedy(run_, chosen);
    return count;
  }

  Status write(const Candidates& candidates, TableWriter& links) {
    Heaviest left(run_.left.rows()), right(run_.right.rows());
    for (const auto* pairs : {&candidates.ranked, &candidates.others})
      for (const ScoredPair& pair : *pairs) {
        left.add(pair.left, pair.weight);
        right.add(pair.right, pair.weight);
      }
    std::ranges::sort(links_, {}, [](const Link& link) { return std::pair(link.pair.left, link.pair.right); });
    KeptLinks kept;
    for (const auto& [pair, rank, ties] : links_) {
      kept.pairs.push_back({pair.left, pair.right});
      kept.rules.push_back(pair.rule);
      kept.ranks.push_back(rank);
      kept.marks.ties.push_back(ties);
      float other = none;
      if (how_.each_from == Cardinality::one) other = left.other(pair.left, pair.weight);
      if (how_.each_to == Cardinality::one) other = std::max(other, right.other(pair.right, pair.weight));
      kept.marks.close.push_back(limit_ && other >= pair.weight - static_cast<float>(*limit_));
      run_.report.close += kept.marks.close.back();
      taken_.left[pair.left] = taken_.right[pair.right] = 1;
    }
    return write_links(run_, kept, true, links);
  }

 private:
  struct Link {
    ScoredPair pair;
    int rank;
    uint32_t ties;
  };

  // A record that has several tied links leaves without one; their other records stay.
  static void leave(std::vector<uint32_t>& tied, std::vector<uint8_t>& gone) {
    std::ranges::sort(tied);
    for (size_t i = 1; i < tied.size(); ++i)
      if (tied[i] == tied[i - 1]) gone[tied[i]] = 1;
  }

  ModelRun& run_;
  const Resolve& how_;
  Taken gone_;
  Taken& taken_;
  std::optional<double> limit_;
  std::vector<Link> links_;
};

}  // namespace

Status link_for_all(ModelRun& run, const Blocks& blocks, Taken& taken, TableWriter& links) {
  Candidates candidates;
  TESSERA_TRY(weigh_matches(run, candidates));
  TESSERA_TRY(weigh_others(run, blocks, candidates));
  ByRank by_rank(run, taken);
  const std::vector<Pass>& passes = run.step.step->passes;
  for (size_t p = 0; p < passes.size(); ++p) {
    std::vector<ScoredPair> pairs;
    for (size_t i = 0; i < candidates.ranked.size(); ++i)
      if (candidates.passes[i] >> p & 1) pairs.push_back(candidates.ranked[i]);
    const auto lightest = std::ranges::min_element(pairs, {}, &ScoredPair::weight);
    run.ranks.push_back(by_rank.take(passes[p].rank, pairs, lightest == pairs.end() ? 0 : lightest->weight));
  }
  run.report.ties += by_rank.take(0, candidates.others, static_cast<float>(run.report.threshold_weight)).ties;
  return by_rank.write(candidates, links);
}

}  // namespace tessera
