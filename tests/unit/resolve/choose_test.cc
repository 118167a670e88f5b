// Which scored pairs become links: the example of the header, ties, one-to-one against all choices there are.
#include "resolve/choose.h"

#include "../../reference/resolve/slow_choose.h"
#include "scored.h"

namespace tessera {
namespace {

using reference::slow_choose;
using reference::SlowLink;
using test::scored;

constexpr Cardinality one = Cardinality::one, many = Cardinality::many;

std::vector<SlowLink> chosen(std::span<const ScoredPair> pairs, const ChooseOptions& options, size_t lefts = 10,
                             size_t rights = 10) {
  std::vector<SlowLink> out;
  for (const ChosenLink& link : choose_links(lefts, rights, pairs, options).links)
    out.push_back({pairs[link.pair].left, pairs[link.pair].right, link.ties, link.close});
  EXPECT_TRUE(std::ranges::is_sorted(out));
  return out;
}

// a b c are 0 1 2, x y z are 0 1 2.
const std::vector<ScoredPair> example{scored(0, 0, 9), scored(0, 1, 9), scored(1, 1, 7), scored(1, 2, 4),
                                      scored(2, 2, 5)};

TEST(ChooseLinks, TheExampleOfTheHeader) {
  const auto links = [](Ties ties) { return chosen(example, {.how = {one, many, ties}}); };
  EXPECT_EQ(links(Ties::drop), (std::vector<SlowLink>{{1, 1, 1}, {2, 2, 1}}));
  EXPECT_EQ(links(Ties::first), (std::vector<SlowLink>{{0, 0, 2}, {1, 1, 1}, {2, 2, 1}}));
  EXPECT_EQ(links(Ties::all), (std::vector<SlowLink>{{0, 0, 2}, {0, 1, 2}, {1, 1, 1}, {2, 2, 1}}));
  EXPECT_EQ(links(Ties::next), (std::vector<SlowLink>{{1, 1, 1}, {2, 2, 1}}));
  const ChosenLinks pairs_of_one = choose_links(3, 3, example, {.how = {one, one, Ties::first}});
  EXPECT_EQ(chosen(example, {.how = {one, one, Ties::first}}),
            (std::vector<SlowLink>{{0, 0, 2}, {1, 1, 1}, {2, 2, 1}}));
  EXPECT_EQ(pairs_of_one.tied, 1u);
}

TEST(ChooseLinks, OneToOneGivesUpTheBestPairForABetterSum) {
  const std::vector<ScoredPair> pairs{scored(0, 0, 9), scored(0, 1, 8), scored(1, 0, 8)};
  EXPECT_EQ(chosen(pairs, {.how = {one, one, Ties::drop}}), (std::vector<SlowLink>{{0, 1, 1}, {1, 0, 1}}));
  // Counted from a threshold of 7.5, nine alone is more than eight and eight.
  EXPECT_EQ(chosen(pairs, {.how = {one, one, Ties::drop}, .threshold = 7.5f}), (std::vector<SlowLink>{{0, 0, 1}}));
}

TEST(ChooseLinks, OneToOneTies) {
  // A twin: 1 could be either; 0 is sure, as 0-0 is spoken for by nothing better.
  const std::vector<ScoredPair> pairs{scored(0, 0, 9), scored(1, 1, 6), scored(1, 2, 6)};
  EXPECT_EQ(chosen(pairs, {.how = {one, one, Ties::drop}}), (std::vector<SlowLink>{{0, 0, 1}}));
  EXPECT_EQ(chosen(pairs, {.how = {one, one, Ties::first}}), (std::vector<SlowLink>{{0, 0, 1}, {1, 1, 2}}));
  EXPECT_EQ(chosen(pairs, {.how = {one, one, Ties::next}}), (std::vector<SlowLink>{{0, 0, 1}, {1, 1, 2}}));
  EXPECT_EQ(chosen(pairs, {.how = {one, one, Ties::all}}), (std::vector<SlowLink>{{0, 0, 1}, {1, 1, 2}, {1, 2, 2}}));
  // 0 is equally like 0 and 1, but 1 is better with 1: no tie.
  const std::vector<ScoredPair> sure{scored(0, 0, 5), scored(0, 1, 5), scored(1, 1, 8)};
  EXPECT_EQ(chosen(sure, {.how = {one, one, Ties::drop}}), (std::vector<SlowLink>{{0, 0, 1}, {1, 1, 1}}));
}

TEST(ChooseLinks, Close) {
  const std::vector<ScoredPair> pairs{scored(0, 0, 9), scored(0, 1, 8), scored(1, 2, 9), scored(1, 3, 6)};
  EXPECT_EQ(chosen(pairs, {.how = {one, many, Ties::drop}, .close = 2}),
            (std::vector<SlowLink>{{0, 0, 1, true}, {1, 2, 1, false}}));
  EXPECT_EQ(chosen(pairs, {.how = {many, one, Ties::drop}, .close = 2}).size(), 4u);
  // One to one looks at both sides: the right record of 1-1 has another candidate half a bit away.
  const std::vector<ScoredPair> square{scored(0, 0, 9), scored(0, 1, 7.5f), scored(1, 1, 8)};
  EXPECT_EQ(chosen(square, {.how = {one, one, Ties::drop}, .close = 1}),
            (std::vector<SlowLink>{{0, 0, 1, false}, {1, 1, 1, true}}));
  EXPECT_EQ(choose_links(2, 2, square, {.how = {one, one, Ties::drop}, .close = 1}).close, 1u);
}

TEST(ChooseLinks, NothingRepeatsAndThresholds) {
  EXPECT_EQ(chosen({}, {}, 0, 0), std::vector<SlowLink>{});
  EXPECT_EQ(chosen({}, {.how = {one, one}}, 3, 3), std::vector<SlowLink>{});
  const std::vector<ScoredPair> pairs{scored(0, 0, 3), scored(0, 0, 5), scored(0, 0, 5), scored(0, 1, NAN),
                                      scored(1, 1, -1)};
  for (const Cardinality from : {one, many}) {
    for (const Cardinality to : {one, many}) {
      const ChooseOptions options{.how = {from, to, Ties::drop}, .close = 1};
      const ChosenLinks links = choose_links(2, 2, pairs, options);
      ASSERT_EQ(links.links.size(), 1u);
      EXPECT_EQ(links.links[0], (ChosenLink{1, 1, false}));  // of equals the first
      EXPECT_EQ(links.repeated, 2u);
    }
  }
}

TEST(ChooseLinks, APieceBeyondTheLimitIsGreedyAndSaysSo) {
  const std::vector<ScoredPair> pairs{scored(0, 0, 9), scored(0, 1, 8), scored(1, 0, 8), scored(5, 5, 1)};
  const ChosenLinks links = choose_links(6, 6, pairs, {.how = {one, one, Ties::drop}, .size_max = 3});
  EXPECT_EQ(links.links, (std::vector<ChosenLink>{{0, 1, false}, {3, 1, false}}));
  EXPECT_EQ(links.greedy_pieces, 1u);
  EXPECT_EQ(links.greedy_records, 4u);
}

RC_GTEST_PROP(ChooseProperty, SameAsSlowTwin, ()) {
  const auto lefts = *rc::gen::inRange<uint32_t>(1, 8), rights = *rc::gen::inRange<uint32_t>(1, 8);
  auto pairs = test::arbitrary_scored(lefts, rights, 40);
  for (ScoredPair& pair : pairs) pair.weight = std::floor(pair.weight / 2);
  for (const auto& [from, to] : {std::pair(one, many), std::pair(many, one), std::pair(many, many)}) {
    for (const Ties ties : {Ties::drop, Ties::first, Ties::all, Ties::next}) {
      for (const std::optional<float> close : {std::optional<float>(), std::optional<float>(1)}) {
        const ChooseOptions options{.how = {from, to, ties}, .threshold = 1, .close = close};
        RC_ASSERT(chosen(pairs, options, lefts, rights) == slow_choose(pairs, options));
      }
    }
  }
}

RC_GTEST_PROP(ChooseProperty, OneToOneIsTheBestOfAllChoices, ()) {
  const auto lefts = *rc::gen::inRange<uint32_t>(1, 7), rights = *rc::gen::inRange<uint32_t>(1, 7);
  const auto pairs = test::arbitrary_scored(lefts, rights, 13);
  const float threshold = static_cast<float>(*rc::gen::inRange(-3, 5));
  const ChooseOptions options{.how = {one, one, Ties::first}, .threshold = threshold};
  const auto links = chosen(pairs, options, lefts, rights);
  const auto candidates = reference::candidates_of(pairs, threshold);
  std::set<uint32_t> left, right;
  int64_t gain = 0;
  for (const SlowLink& link : links) {
    RC_ASSERT(left.insert(link.left).second);
    RC_ASSERT(right.insert(link.right).second);
    gain += int64_t{steps_of(candidates.at({link.left, link.right}))} - steps_of(threshold) + 1;
  }
  std::set<uint32_t> none_left, none_right;
  RC_ASSERT(gain == reference::most_gain(candidates, candidates.begin(), threshold, none_left, none_right));
  std::vector<ScoredPair> turned(pairs.rbegin(), pairs.rend());
  RC_ASSERT(chosen(turned, options, lefts, rights) == links);
}

// A dense piece of some hundred records, and many small ones: the same for any number of threads, and no pair of two
// links could be exchanged for a better sum.
TEST(ChooseLinks, LargePiecesAndManyPieces) {
  test::Random random(9);
  std::vector<ScoredPair> pairs;
  for (int i = 0; i < 20'000; ++i)
    pairs.push_back(scored(random.below(200), random.below(200), static_cast<float>(1 + random.below(64))));
  for (int i = 0; i < 200'000; ++i) {
    const uint32_t piece = 200 + random.below(50'000) * 4;
    pairs.push_back(scored(piece + random.below(4), piece + random.below(4), static_cast<float>(1 + random.below(64))));
  }
  const ChooseOptions options{.how = {one, one, Ties::first}};
  std::vector<SlowLink> first;
  test::with_threads([&](size_t) {
    const auto links = chosen(pairs, options, 200'200, 200'200);
    if (first.empty()) first = links;
    EXPECT_EQ(links, first);
  });
  const auto candidates = reference::candidates_of(pairs, 0);
  const auto dense = std::ranges::count_if(first, [](const SlowLink& link) { return link.left < 200; });
  EXPECT_EQ(dense, 200);  // every record of it finds one: it is dense enough
  for (const SlowLink& a : std::span(first).first(200)) {
    for (const SlowLink& b : std::span(first).first(200)) {
      const auto crossed = candidates.find({a.left, b.right}), other = candidates.find({b.left, a.right});
      if (crossed == candidates.end() || other == candidates.end()) continue;
      EXPECT_LE(crossed->second + other->second, candidates.at({a.left, a.right}) + candidates.at({b.left, b.right}));
    }
  }
}

}  // namespace
}  // namespace tessera
