// Which pairs become links: examples from the documentation, and the slow twin.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "../../reference/resolve/sequential_resolve.h"
#include "resolve/resolve.h"

namespace tessera {
namespace {

using reference::Link;
using reference::sequential_resolve;

const IdLess by_payload = [](uint64_t a, uint64_t b) { return a < b; };

Match pair(uint64_t from, uint32_t to, PassMask passes) {
  return {.from = from, .to = to, .passes = passes, .payload = 1000 - to};  // ids run against the rows
}

std::vector<Link> links_of(const std::vector<Match>& matches) {
  std::vector<Link> links;
  for (const Match& m : matches)
    if (m.ties > 0) links.push_back({m.from, m.to, static_cast<size_t>(std::countr_zero(m.passes)), m.ties});
  std::ranges::sort(links);
  return links;
}

std::vector<Link> resolve_alone(std::vector<Match> matches, const Resolve& how, size_t passes) {
  TieCounts ties{std::vector<uint64_t>(passes)};
  resolve_each(matches, how, by_payload, ties);
  return links_of(matches);
}

// In chunks of some from records, as spilled ranges are.
std::vector<Link> resolve_pool(const std::vector<Match>& matches, const Resolve& how, size_t to_rows, size_t passes,
                               size_t chunk_from) {
  std::vector<std::vector<Match>> chunks;
  for (const Match& m : matches) {
    const size_t chunk = m.from / chunk_from;
    if (chunks.size() <= chunk) chunks.resize(chunk + 1);
    chunks[chunk].push_back(m);
  }
  TieCounts ties{std::vector<uint64_t>(passes)};
  PoolResolver resolver(how, to_rows, passes, by_payload);
  const auto done = resolver.run(
      [&](const PoolResolver::Visitor& visit) -> Status {
        for (auto& chunk : chunks) visit(chunk);
        return {};
      },
      ties);
  EXPECT_TRUE(done);
  std::vector<Match> all;
  for (const auto& chunk : chunks) all.insert(all.end(), chunk.begin(), chunk.end());
  for (const Match& m : all) EXPECT_EQ(m.ties == 0, m.passes == 0);
  return links_of(all);
}

TEST(ResolveEach, BestRankWins) {
  const std::vector<Match> matches{pair(1, 1, 0b11), pair(1, 2, 0b10)};
  EXPECT_EQ(resolve_alone(matches, {}, 2), (std::vector<Link>{{1, 1, 0, 1}}));
}

TEST(ResolveEach, TiesDropFirstAllNext) {
  const std::vector<Match> matches{pair(1, 1, 0b101), pair(1, 2, 0b001), pair(1, 3, 0b010)};
  EXPECT_EQ(resolve_alone(matches, {.ties = Ties::drop}, 3), std::vector<Link>{});
  EXPECT_EQ(resolve_alone(matches, {.ties = Ties::first}, 3), (std::vector<Link>{{1, 2, 0, 2}}));  // lowest id
  EXPECT_EQ(resolve_alone(matches, {.ties = Ties::all}, 3), (std::vector<Link>{{1, 1, 0, 2}, {1, 2, 0, 2}}));
  EXPECT_EQ(resolve_alone(matches, {.ties = Ties::next}, 3), (std::vector<Link>{{1, 3, 1, 1}}));
}

TEST(ResolveEach, ManyToManyKeepsAllAtTheirBestRank) {
  const std::vector<Match> matches{pair(1, 1, 0b110), pair(1, 2, 0b011), pair(2, 1, 0b100)};
  EXPECT_EQ(resolve_alone(matches, {.each_from = Cardinality::many}, 3),
            (std::vector<Link>{{1, 1, 1, 1}, {1, 2, 0, 1}, {2, 1, 2, 1}}));
}

TEST(PoolResolver, OneToOneIsSequential) {
  const Resolve one_each{.each_from = Cardinality::one, .each_to = Cardinality::one, .ties = Ties::drop};
  // 1-1 at the first pass takes 1 out of the pool, so 2 can only have 2.
  const std::vector<Match> matches{pair(1, 1, 0b01), pair(2, 1, 0b10), pair(2, 2, 0b10)};
  EXPECT_EQ(resolve_pool(matches, one_each, 3, 2, 100), (std::vector<Link>{{1, 1, 0, 1}, {2, 2, 1, 1}}));
}

TEST(PoolResolver, CountsTies) {
  std::vector<Match> matches{pair(1, 1, 0b1), pair(2, 1, 0b1), pair(3, 2, 0b1)};
  TieCounts ties{std::vector<uint64_t>(1)};
  PoolResolver resolver({.each_from = Cardinality::many, .each_to = Cardinality::one, .ties = Ties::drop}, 3, 1,
                        by_payload);
  const auto done = resolver.run(
      [&](const PoolResolver::Visitor& visit) -> Status {
        visit(matches);
        return {};
      },
      ties);
  ASSERT_TRUE(done);
  EXPECT_EQ(ties.by_pass[0], 2u);
  EXPECT_EQ(links_of(matches), (std::vector<Link>{{3, 2, 0, 1}}));
}

std::vector<Match> arbitrary_pairs(size_t from_rows, size_t to_rows, size_t passes) {
  const auto masks = *rc::gen::container<std::vector<uint32_t>>(
      from_rows * to_rows,
      rc::gen::weightedOneOf<uint32_t>({{3, rc::gen::just(0u)}, {2, rc::gen::inRange<uint32_t>(1, 1u << passes)}}));
  std::vector<Match> matches;
  for (size_t i = 0; i < masks.size(); ++i)
    if (masks[i]) matches.push_back(pair(i / to_rows, static_cast<uint32_t>(i % to_rows), masks[i]));
  return matches;
}

RC_GTEST_PROP(ResolveProperty, SameAsSequentialTwin, ()) {
  const size_t from_rows = *rc::gen::inRange<size_t>(1, 8), to_rows = *rc::gen::inRange<size_t>(1, 8);
  const size_t passes = *rc::gen::inRange<size_t>(1, 5);
  const auto matches = arbitrary_pairs(from_rows, to_rows, passes);
  for (const Cardinality each_from : {Cardinality::one, Cardinality::many}) {
    for (const Cardinality each_to : {Cardinality::one, Cardinality::many}) {
      for (const Ties ties : {Ties::drop, Ties::first, Ties::all, Ties::next}) {
        const Resolve how{each_from, each_to, ties};
        const auto expected = sequential_resolve(matches, how, passes);
        for (const size_t chunk : {size_t{1}, size_t{3}, size_t{100}})
          RC_ASSERT(resolve_pool(matches, how, to_rows, passes, chunk) == expected);
        if (each_to == Cardinality::many) RC_ASSERT(resolve_alone(matches, how, passes) == expected);
      }
    }
  }
}

}  // namespace
}  // namespace tessera
