// choose.cc: which scored pairs become links between two inputs? (see choose.h)
#include "resolve/choose.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <atomic>
#include <limits>
#include <utility>

#include "resolve/assignment.h"
#include "resolve/cluster_work.h"
#include "resolve/components.h"
#include "resolve/groups.h"

namespace tessera {

namespace {

constexpr uint32_t not_linked = 0xffffffff;

template <class Body>
void for_groups(const Groups& groups, Body&& body) {
  tbb::parallel_for(tbb::blocked_range<size_t>(0, groups.size(), 1024), [&](const auto& range) {
    for (size_t g = range.begin(); g < range.end(); ++g) body(g);
  });
}

std::span<uint32_t> span_of(Groups& groups, size_t g) {
  return std::span(groups.items).subspan(groups.start[g], groups.start[g + 1] - groups.start[g]);
}

struct PieceWork {
  std::vector<uint32_t> pairs;
  std::vector<Assignment::Edge> edges;
  std::vector<uint8_t> taken;
  Assignment assignment;
  uint64_t greedy_pieces = 0, greedy_records = 0;
};

class Choice {
 public:
  Choice(size_t left_records, size_t right_records, std::span<const ScoredPair> pairs, const ChooseOptions& options)
      : pairs_(pairs), options_(options), lefts_(left_records), rights_(right_records), candidate_(pairs.size()) {}

  ChosenLinks run() {
    by_left_ = group_items(lefts_, pairs_.size(), [&](size_t p) {
      return pairs_[p].weight >= options_.threshold ? pairs_[p].left : no_group;
    });
    find_candidates();
    ties_.resize(pairs_.size());
    close_.resize(pairs_.size());
    const bool one_from = options_.how.each_from == Cardinality::one, one_to = options_.how.each_to == Cardinality::one;
    if (one_to)
      by_right_ =
          group_items(rights_, pairs_.size(), [&](size_t p) { return candidate_[p] ? pairs_[p].right : no_group; });
    if (one_from && one_to) {
      one_to_one();
    } else if (one_from) {
      for_groups(by_left_, [&](size_t g) { best_of(by_left_.of(g)); });
    } else if (one_to) {
      for_groups(by_right_, [&](size_t g) {
        const std::span<uint32_t> group = span_of(by_right_, g);
        std::ranges::sort(group, {}, [&](uint32_t p) { return pairs_[p].left; });
        best_of(group);
      });
    } else {
      for_groups(by_left_, [&](size_t g) {
        for (const uint32_t p : by_left_.of(g)) ties_[p] = candidate_[p];
      });
    }
    collect();
    return std::move(out_);
  }

 private:
  // Puts the pairs of each left record in order of right record, and leaves out those that are given again.
  void find_candidates() {
    std::atomic<uint64_t> repeated = 0;
    for_groups(by_left_, [&](size_t g) {
      const std::span<uint32_t> group = span_of(by_left_, g);
      std::ranges::sort(group, [&](uint32_t x, uint32_t y) {
        const ScoredPair &a = pairs_[x], &b = pairs_[y];
        if (a.right != b.right) return a.right < b.right;
        return a.weight != b.weight ? a.weight > b.weight : x < y;
      });
      uint64_t again = 0;
      for (size_t i = 0; i < group.size(); ++i) {
        const bool first = i == 0 || pairs_[group[i]].right != pairs_[group[i - 1]].right;
        candidate_[group[i]] = first;
        again += !first;
      }
      if (again) repeated += again;
    });
    out_.repeated = repeated;
  }

  // The group of a record that takes one link, in order of the other side's records.
  void best_of(std::span<const uint32_t> group) {
    float bound = std::numeric_limits<float>::infinity();
    for (bool first = true;; first = false) {
      float best = -bound;
      uint32_t tied = 0;
      for (const uint32_t p : group) {
        const float weight = pairs_[p].weight;
        if (!candidate_[p] || (!first && weight >= bound)) continue;
        if (tied == 0 || weight > best) {
          best = weight;
          tied = 1;
        } else {
          tied += weight == best;
        }
      }
      if (tied == 0) return;
      if (tied > 1 && first) tied_.fetch_add(1, std::memory_order_relaxed);
      if (tied > 1 && options_.how.ties == Ties::drop) return;
      if (tied > 1 && options_.how.ties == Ties::next) {
        bound = best;
        continue;
      }
      bool more = true;
      for (const uint32_t p : group) {
        if (!more || !candidate_[p] || pairs_[p].weight != best) continue;
        ties_[p] = tied;
        close_[p] = is_close(p, group);
        more = options_.how.ties == Ties::all;
      }
      return;
    }
  }

  [[nodiscard]] bool is_close(uint32_t link, std::span<const uint32_t> group) const {
    if (!options_.close) return false;
    return std::ranges::any_of(group, [&](uint32_t p) {
      return p != link && candidate_[p] && pairs_[p].weight >= pairs_[link].weight - *options_.close;
    });
  }

  void one_to_one() {
    Components components(lefts_ + rights_);
    for_groups(by_left_, [&](size_t g) {
      for (const uint32_t p : by_left_.of(g)) components.join(pairs_[p].left, right_node(p));
    });
    const std::vector<uint32_t> label = components.labels();
    const Pieces pieces = pieces_of(
        label, pairs_.size(), [&](size_t p) { return pairs_[p].left; }, [&](size_t p) { return candidate_[p] != 0; });
    local_.resize(lefts_ + rights_);
    link_of_left_.assign(lefts_, not_linked);
    link_of_right_.assign(rights_, not_linked);
    tbb::enumerable_thread_specific<PieceWork> works;
    tbb::parallel_for(tbb::blocked_range<size_t>(0, pieces.members.size(), 64), [&](const auto& range) {
      PieceWork& work = works.local();
      for (size_t i = range.begin(); i < range.end(); ++i) one_piece(work, pieces.members.of(i), pieces.pairs.of(i));
    });
    for (const PieceWork& work : works) {
      out_.greedy_pieces += work.greedy_pieces;
      out_.greedy_records += work.greedy_records;
    }
    for_groups(by_left_, [&](size_t g) { judge_ties(static_cast<uint32_t>(g)); });
    for (const std::vector<Rival>& rivals : also_) {
      for (const Rival& rival : rivals) {
        ties_[rival.pair] = std::max(ties_[rival.pair], rival.ties);
        close_[rival.pair] = options_.close.has_value();
      }
    }
  }

  [[nodiscard]] uint32_t right_node(uint32_t p) const { return static_cast<uint32_t>(lefts_) + pairs_[p].right; }

  void link(uint32_t p) {
    link_of_left_[pairs_[p].left] = p;
    link_of_right_[pairs_[p].right] = p;
  }

  void one_piece(PieceWork& work, std::span<const uint32_t> members, std::span<const uint32_t> group) {
    if (group.size() == 1) return link(group[0]);
    if (members.size() > options_.size_max) {
      ++work.greedy_pieces;
      work.greedy_records += members.size();
      return take_from_the_best(work, group);
    }
    // Members ascend, so left records come first.
    uint32_t left_count = 0;
    for (uint32_t i = 0; i < members.size(); ++i) {
      left_count += members[i] < lefts_;
      local_[members[i]] = members[i] < lefts_ ? i : i - left_count;
    }
    work.pairs.assign(group.begin(), group.end());
    std::ranges::sort(work.pairs, [&](uint32_t x, uint32_t y) { return before(x, y); });
    work.edges.clear();
    const int64_t least = int64_t{steps_of(options_.threshold)} - 1;
    for (const uint32_t p : work.pairs)
      work.edges.push_back({local_[pairs_[p].left], local_[right_node(p)], steps_of(pairs_[p].weight) - least});
    const auto right_count = static_cast<uint32_t>(members.size()) - left_count;
    for (const uint32_t e : work.assignment.solve(left_count, right_count, work.edges))
      if (e != Assignment::alone) link(work.pairs[e]);
  }

  [[nodiscard]] bool before(uint32_t x, uint32_t y) const {
    const ScoredPair &a = pairs_[x], &b = pairs_[y];
    return a.left != b.left ? a.left < b.left : a.right < b.right;
  }

  void take_from_the_best(PieceWork& work, std::span<const uint32_t> group) {
    work.pairs.assign(group.begin(), group.end());
    std::ranges::sort(work.pairs, [&](uint32_t x, uint32_t y) {
      return pairs_[x].weight != pairs_[y].weight ? pairs_[x].weight > pairs_[y].weight : before(x, y);
    });
    for (const uint32_t p : work.pairs)
      if (link_of_left_[pairs_[p].left] == not_linked && link_of_right_[pairs_[p].right] == not_linked) link(p);
  }

  // Whether a candidate of this weight could stand for a link: whoever it would take has no better one.
  [[nodiscard]] bool could_stand(uint32_t p, uint32_t other_link) const {
    return other_link == not_linked || pairs_[other_link].weight <= pairs_[p].weight;
  }

  void judge_ties(uint32_t left) {
    const uint32_t p = link_of_left_[left];
    if (p == not_linked) return;
    const std::span<const uint32_t> of_left = by_left_.of(left), of_right = by_right_.of(pairs_[p].right);
    uint32_t ties = 1;
    const auto each_rival = [&](auto&& body) {
      for (const uint32_t q : of_left)
        if (q != p && candidate_[q] && pairs_[q].weight == pairs_[p].weight &&
            could_stand(q, link_of_right_[pairs_[q].right]))
          body(q);
      for (const uint32_t q : of_right)
        if (q != p && pairs_[q].weight == pairs_[p].weight && could_stand(q, link_of_left_[pairs_[q].left])) body(q);
    };
    each_rival([&](uint32_t) { ++ties; });
    if (ties > 1) tied_.fetch_add(1, std::memory_order_relaxed);
    if (ties > 1 && options_.how.ties == Ties::drop) return;
    ties_[p] = ties;
    close_[p] = is_close(p, of_left) || is_close(p, of_right);
    if (options_.how.ties == Ties::all) each_rival([&](uint32_t q) { also_.local().push_back({q, ties}); });
  }

  void collect() {
    out_.tied = tied_;
    for (const uint32_t p : by_left_.items) {
      if (ties_[p] == 0) continue;
      out_.links.push_back({p, ties_[p], close_[p] != 0});
      out_.close += close_[p];
    }
  }

  std::span<const ScoredPair> pairs_;
  const ChooseOptions options_;
  const size_t lefts_, rights_;
  Groups by_left_, by_right_;
  std::vector<uint8_t> candidate_;  // by pair
  std::vector<uint32_t> ties_;      // by pair; 0: no link
  std::vector<uint8_t> close_;      // by pair
  // One to one
  std::vector<uint32_t> local_, link_of_left_, link_of_right_;
  struct Rival {
    uint32_t pair, ties;
  };
  tbb::enumerable_thread_specific<std::vector<Rival>> also_;  // ties all: what is linked beside the choice
  std::atomic<uint64_t> tied_ = 0;
  ChosenLinks out_;
};

}  // namespace

ChosenLinks choose_links(size_t left_records, size_t right_records, std::span<const ScoredPair> pairs,
                         const ChooseOptions& options) {
  return Choice(left_records, right_records, pairs, options).run();
}

}  // namespace tessera
