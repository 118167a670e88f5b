// components.cc: how many edges a second does connected_components take?
//
//   bench_components RECORDS EDGES SPREAD ROUNDS [SEED]
//
// Edges are numbered; edge i joins two records drawn by a hash of i, at most SPREAD apart (0: anywhere). bench/components.py
// draws the same, runs SciPy on them and compares count and checksum of the components before it tells the times. Then
// clusters of RECORDS records and four times as many pairs, by every method.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "resolve/resolve.h"

namespace {

using namespace tessera;

uint64_t mixed(uint64_t i) {
  uint64_t x = (i + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

template <class F>
double seconds_of(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void cluster_all(uint32_t records) {
  // Pieces of eight records: most pairs within a piece are met, a few between neighbours are wrong.
  std::vector<ScoredPair> pairs;
  for (uint32_t i = 0; i < records * 4; ++i) {
    const uint64_t x = mixed(i);
    const auto piece = static_cast<uint32_t>(x % (records / 8)) * 8;
    const auto a = piece + static_cast<uint32_t>(x >> 40 & 7), b = piece + static_cast<uint32_t>(x >> 44 & 7);
    if (a == b || b >= records) continue;
    const bool same = (a & 4) == (b & 4);
    pairs.push_back({a, b, (same ? 8.f : x >> 60 == 0 ? 2.f : -6.f) + static_cast<float>(x >> 48 & 255) / 64, 0});
  }
  using Method = Clusters::Method;
  for (const auto& [name, method] :
       {std::pair("connected", Method::connected), std::pair("best_link", Method::best_link),
        std::pair("average", Method::average), std::pair("complete", Method::complete)}) {
    ClusterResult result;
    const double seconds = seconds_of([&] { result = cluster_records(records, pairs, {.method = method}); });
    fmt::print("cluster {} records {} pairs {} seconds {:.3f} clusters {}\n", name, records, pairs.size(), seconds,
               result.counts.clusters);
  }
  ChosenLinks links;
  const double seconds =
      seconds_of([&] { links = choose_links(records, records, pairs, {.how = {Cardinality::one, Cardinality::one}}); });
  fmt::print("one-to-one records {} pairs {} seconds {:.3f} links {}\n", records, pairs.size(), seconds,
             links.links.size());
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return fmt::print(stderr, "bench_components RECORDS EDGES SPREAD ROUNDS [SEED]\n"), 2;
  const auto number = [&](int i) { return std::strtoull(words[i], nullptr, 10); };
  const uint64_t records = number(1), edges = number(2), spread = number(3), rounds = number(4);
  const uint64_t seed = count > 5 ? number(5) : 0;
  std::vector<uint32_t> left(edges), right(edges);
  for (uint64_t i = 0; i < edges; ++i) {
    const uint64_t x = mixed(i + seed);
    left[i] = static_cast<uint32_t>((x >> 32) * records >> 32);
    const uint64_t other = x & 0xffffffff;
    right[i] = static_cast<uint32_t>(spread == 0 ? other * records >> 32 : (left[i] + other % spread) % records);
  }
  std::vector<uint32_t> label;
  for (uint64_t r = 0; r < rounds; ++r) {
    const double seconds = seconds_of([&] { label = connected_components(records, left, right); });
    uint64_t components = 0, checksum = 0;
    for (uint64_t i = 0; i < records; ++i) {
      components += label[i] == i;
      checksum += (i + 1) * label[i];
    }
    fmt::print("components {} checksum {} seconds {:.4f}\n", components, checksum, seconds);
  }
  if (seed == 0) cluster_all(static_cast<uint32_t>(std::min<uint64_t>(records, 10'000'000)));
  return 0;
}
