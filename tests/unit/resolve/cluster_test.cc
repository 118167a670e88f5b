// Which records are one person: the example of the header, constraints, limits, and the slow twin.
#include "resolve/cluster.h"

#include "../../reference/resolve/slow_cluster.h"
#include "scored.h"

namespace tessera {
namespace {

using Method = Clusters::Method;
using reference::slow_cluster;
using test::scored;
using Labels = std::vector<uint32_t>;

const std::vector<ScoredPair> chain{scored(0, 1, 9), scored(1, 2, 8), scored(2, 3, 7), scored(3, 4, 9)};

TEST(ClusterRecords, TheExampleOfTheHeader) {
  const auto clusters = [](Method method) {
    return cluster_records(5, chain, {.method = method, .threshold = 2}).cluster;
  };
  EXPECT_EQ(clusters(Method::connected), (Labels{0, 0, 0, 0, 0}));
  EXPECT_EQ(clusters(Method::best_link), (Labels{0, 0, 0, 3, 3}));
  EXPECT_EQ(clusters(Method::average), (Labels{0, 0, 0, 3, 3}));
  EXPECT_EQ(clusters(Method::complete), (Labels{0, 0, 2, 3, 3}));
  EXPECT_EQ(clusters(Method::automatic), clusters(Method::average));
}

TEST(ClusterRecords, Counts) {
  const ClusterCounts counts = cluster_records(7, chain, {.method = Method::complete, .threshold = 2}).counts;
  EXPECT_EQ(counts.links, 4u);
  EXPECT_EQ(counts.clusters, 2u);
  EXPECT_EQ(counts.clustered, 4u);
  EXPECT_EQ(counts.largest, 2u);
  EXPECT_EQ(counts.cut, 2u);
  EXPECT_EQ(counts.refused, 0u);
  EXPECT_EQ(counts.pieces, 1u);
  EXPECT_EQ(cluster_records(7, chain, {.method = Method::connected, .threshold = 2}).counts.pieces, 1u);
}

TEST(ClusterRecords, APairBelowTheThresholdIsEvidence) {
  // Never met, 0-2 counts -2 and the mean is 3; met and scored -9 it is -.5.
  std::vector<ScoredPair> pairs{scored(0, 1, 9), scored(1, 2, 8)};
  EXPECT_EQ(cluster_records(3, pairs, {.method = Method::average, .threshold = 2}).cluster, (Labels{0, 0, 0}));
  pairs.push_back(scored(0, 2, -9));
  EXPECT_EQ(cluster_records(3, pairs, {.method = Method::average, .threshold = 2}).cluster, (Labels{0, 0, 2}));
}

TEST(ClusterRecords, AbsentIsBelowTheThreshold) {
  // A threshold of -10: absent -2 would be a link. It counts as -11.
  const std::vector<ScoredPair> pairs{scored(0, 1, -9), scored(1, 2, -9.5f)};
  EXPECT_EQ(cluster_records(3, pairs, {.method = Method::average, .threshold = -10}).cluster, (Labels{0, 0, 2}));
}

TEST(ClusterRecords, OneOfEachSource) {
  const std::vector<uint16_t> source{1, 2, 1, 2};
  const std::vector<ScoredPair> pairs{scored(0, 1, 9), scored(1, 2, 8), scored(2, 3, 7), scored(0, 2, 6)};
  for (const Method method : {Method::connected, Method::best_link, Method::average, Method::complete}) {
    const ClusterResult result = cluster_records(4, pairs, {.method = method, .threshold = 2, .source = source});
    EXPECT_EQ(result.cluster, (Labels{0, 0, 2, 2})) << static_cast<int>(method);
    EXPECT_EQ(result.counts.cut, 2u);
    EXPECT_EQ(result.counts.refused, 2u);
  }
}

TEST(ClusterRecords, SourcesThatShareABitOfTheMask) {
  const std::vector<uint16_t> source{1, 65, 1, 129};
  const std::vector<ScoredPair> pairs{scored(0, 1, 9), scored(1, 2, 8), scored(1, 3, 8)};
  EXPECT_EQ(cluster_records(4, pairs, {.method = Method::connected, .source = source}).cluster, (Labels{0, 0, 2, 0}));
}

TEST(ClusterRecords, DifferentCodesStayApartAndNullStandsWithAny) {
  // 1 has no number; it goes with the better of 0 and 2, and then takes over its number.
  const std::vector<Code> number{7, 0, 8};
  const std::vector<ScoredPair> pairs{scored(0, 1, 5), scored(1, 2, 6)};
  for (const Method method : {Method::connected, Method::best_link, Method::average, Method::complete}) {
    const ClusterResult result =
        cluster_records(3, pairs, {.method = method, .threshold = 2, .absent = 0, .differ = {number}});
    EXPECT_EQ(result.cluster, (Labels{0, 1, 1})) << static_cast<int>(method);
    EXPECT_EQ(result.counts.refused, 1u);
  }
}

TEST(ClusterRecords, NoPairsOneRecordSelfPairsRepeats) {
  EXPECT_EQ(cluster_records(0, {}, {}).cluster, Labels{});
  EXPECT_EQ(cluster_records(1, {}, {}).cluster, Labels{0});
  EXPECT_EQ(cluster_records(1, {}, {}).counts.largest, 1u);
  const std::vector<ScoredPair> pairs{scored(0, 0, 9), scored(1, 2, 1), scored(2, 1, 4), scored(2, 2, 9)};
  for (const Method method : {Method::connected, Method::best_link, Method::average, Method::complete}) {
    const ClusterResult result = cluster_records(3, pairs, {.method = method, .threshold = 1});
    EXPECT_EQ(result.cluster, (Labels{0, 1, 1}));
    EXPECT_EQ(result.counts.self_pairs, 2u);
    EXPECT_EQ(result.counts.links, 2u);
  }
}

TEST(ClusterRecords, PiecesBeyondTheLimitAreOnlyConnected) {
  const ClusterResult result = cluster_records(5, chain, {.method = Method::complete, .threshold = 2, .size_max = 4});
  EXPECT_EQ(result.cluster, (Labels{0, 0, 0, 0, 0}));
  EXPECT_EQ(result.counts.pieces_beyond, 1u);
  EXPECT_EQ(result.counts.records_beyond, 5u);
}

TEST(ClusterRecords, WeightsWithoutBoundsDoNoHarm) {
  const float huge = std::numeric_limits<float>::infinity();
  const std::vector<ScoredPair> pairs{scored(0, 1, huge), scored(1, 2, -huge), scored(0, 2, NAN), scored(2, 3, 1e30f)};
  EXPECT_EQ(cluster_records(4, pairs, {.method = Method::average}).cluster, (Labels{0, 0, 2, 2}));
}

void same_as_twin(uint32_t records, const std::vector<ScoredPair>& pairs, ClusterOptions options) {
  for (const Method method : {Method::connected, Method::best_link, Method::average, Method::complete}) {
    options.method = method;
    const ClusterResult result = cluster_records(records, pairs, options);
    RC_ASSERT(result.cluster == slow_cluster(records, pairs, options));
    std::vector<ScoredPair> turned(pairs.rbegin(), pairs.rend());
    for (ScoredPair& pair : turned) std::swap(pair.left, pair.right);
    RC_ASSERT(cluster_records(records, turned, options).cluster == result.cluster);
  }
}

RC_GTEST_PROP(ClusterProperty, SameAsSlowTwin, ()) {
  const auto records = *rc::gen::inRange<uint32_t>(1, 14);
  const auto pairs = test::arbitrary_scored(records, records, 50);
  same_as_twin(records, pairs,
               {.threshold = static_cast<float>(*rc::gen::inRange(-2, 5)),
                .absent = static_cast<float>(*rc::gen::inRange(-6, 1)) / 2,
                .size_max = *rc::gen::element<uint64_t>(3, 100)});
}

// Small pieces are one cluster as they stand; how small depends on the weights.
RC_GTEST_PROP(ClusterProperty, SameAsSlowTwinWhereLinksAreStrong, ()) {
  const auto records = *rc::gen::inRange<uint32_t>(1, 14);
  auto pairs = test::arbitrary_scored(records, records, 20);
  const auto more = static_cast<float>(*rc::gen::inRange(3, 40));
  for (ScoredPair& pair : pairs) pair.weight += more;
  same_as_twin(records, pairs,
               {.threshold = static_cast<float>(*rc::gen::inRange(-2, 5)),
                .absent = static_cast<float>(*rc::gen::inRange(-6, 1)) / 2,
                .size_max = *rc::gen::element<uint64_t>(1, 2, 3, 100)});
}

RC_GTEST_PROP(ClusterProperty, SameAsSlowTwinUnderConstraints, ()) {
  const auto records = *rc::gen::inRange<uint32_t>(1, 14);
  const auto pairs = test::arbitrary_scored(records, records, 50);
  const auto source =
      *rc::gen::container<std::vector<uint16_t>>(records, rc::gen::element<uint16_t>(0, 1, 2, 3, 4, 5, 64, 65, 129));
  const auto a = *rc::gen::container<std::vector<Code>>(records, rc::gen::inRange<Code>(0, 4));
  const auto b = *rc::gen::container<std::vector<Code>>(records, rc::gen::inRange<Code>(0, 3));
  ClusterOptions options{.threshold = 1};
  if (*rc::gen::arbitrary<bool>()) options.source = source;
  if (*rc::gen::arbitrary<bool>()) options.differ = {a, b};
  same_as_twin(records, pairs, options);
}

// A dense piece: long queues, tables that grow, lists that are taken over.
TEST(ClusterRecords, LargerPiecesAsTheTwinForAnyNumberOfThreads) {
  constexpr uint32_t records = 110;
  test::Random random(11);
  std::vector<ScoredPair> pairs;
  for (uint32_t a = 0; a < records; ++a) {
    for (uint32_t b = 0; b < a; ++b) {
      const bool same = a % 7 == b % 7;
      if (random.below(100) < (same ? 80 : 12))
        pairs.push_back(scored(a, b, static_cast<float>(random.below(64)) / 8 - (same ? 1 : 6)));
    }
  }
  for (const Method method : {Method::best_link, Method::average, Method::complete}) {
    const ClusterOptions options{.method = method, .threshold = 1};
    const Labels expected = slow_cluster(records, pairs, options);
    test::with_threads([&](size_t) { EXPECT_EQ(cluster_records(records, pairs, options).cluster, expected); });
  }
}

// Half a million records in pieces of one to eight: as cut into pieces by hand.
TEST(ClusterRecords, ManyPiecesAtOnce) {
  constexpr uint32_t pieces = 60'000, width = 8;
  test::Random random(3);
  std::vector<ScoredPair> pairs, first;
  for (uint32_t p = 0; p < pieces; ++p) {
    for (unsigned i = random.below(12); i > 0; --i) {
      const uint32_t base = p * width;
      pairs.push_back(
          scored(base + random.below(width), base + random.below(width), static_cast<float>(random.below(40)) / 4));
    }
    if (p == 40) first = pairs;
  }
  std::ranges::shuffle(pairs, random.engine());
  const ClusterOptions options{.method = Method::average, .threshold = 2};
  const Labels expected = slow_cluster(41 * width, first, options);
  Labels once;
  test::with_threads([&](size_t) {
    const ClusterResult result = cluster_records(pieces * width, pairs, options);
    EXPECT_TRUE(std::ranges::equal(std::span(result.cluster).first(41 * width), expected));
    if (once.empty()) once = result.cluster;
    EXPECT_EQ(result.cluster, once);
  });
}

}  // namespace
}  // namespace tessera
