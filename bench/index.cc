// index.cc: how near does a probe of the key index come to what the memory can do?
//
// The limit: reading one word of a random cache line of the same table, prefetched as far
// ahead. Both in one run, on the same memory size. The answers are checked first.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>

#include "base/memory.h"
#include "block/block.h"

namespace {

using namespace tessera;

size_t entries() {
  const char* asked = std::getenv("TESSERA_BENCH_ENTRIES");
  return asked ? std::strtoull(asked, nullptr, 10) : 10'000'000;
}

uint64_t key(uint64_t i) {
  uint64_t x = (i + 1) * 0x9e3779b97f4a7c15;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  return x ^ x >> 29;
}

const KeyIndex& index_of_keys() {
  static const KeyIndex index = [] {
    std::vector<uint64_t> keys(entries());
    for (size_t i = 0; i < keys.size(); ++i) keys[i] = key(i);
    return KeyIndex(keys);
  }();
  return index;
}

constexpr size_t batch = 16384;

std::vector<uint64_t> probes(bool present) {
  std::mt19937_64 random(7);
  std::vector<uint64_t> out(batch * 64);
  for (auto& hash : out) hash = present ? key(random() % entries()) : random() | 1;
  return out;
}

void probe(benchmark::State& state, bool present) {
  const KeyIndex& index = index_of_keys();
  const auto hashes = probes(present);
  std::vector<Candidate> found;
  index.probe(std::span(hashes).first(batch), found);
  if (present)
    for (size_t i = 0, c = 0; i < batch; ++i) {
      while (c < found.size() && (found[c].probe < i || key(found[c].row) != hashes[i])) ++c;
      if (c == found.size()) return state.SkipWithError("a key that is there was not found");
    }
  size_t at = 0;
  for (auto _ : state) {
    found.clear();
    index.probe(std::span(hashes).subspan(at, batch), found);
    benchmark::DoNotOptimize(found.data());
    at = (at + batch) % hashes.size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch));
  state.counters["bytes_per_entry"] = static_cast<double>(index.bytes()) / static_cast<double>(index.entries());
}

void random_reads(benchmark::State& state) {
  const size_t lines = index_of_keys().bytes() / 64;
  static const Arena table(lines * 64);
  std::mt19937_64 random(8);
  std::vector<uint32_t> order(batch * 64);
  for (auto& line : order) line = static_cast<uint32_t>(random() % lines);
  for (size_t i = 0; i < lines; ++i) table.data()[i * 64] = std::byte{1};
  constexpr size_t ahead = 24;
  size_t at = 0;
  for (auto _ : state) {
    uint64_t sum = 0;
    for (size_t i = 0; i < batch; ++i) {
      if (i + ahead < batch) __builtin_prefetch(table.data() + size_t{order[at + i + ahead]} * 64);
      sum += static_cast<uint64_t>(table.data()[size_t{order[at + i]} * 64]);
    }
    benchmark::DoNotOptimize(sum);
    at = (at + batch) % order.size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch));
}

BENCHMARK_CAPTURE(probe, present, true);
BENCHMARK_CAPTURE(probe, absent, false);
BENCHMARK(random_reads);

}  // namespace

BENCHMARK_MAIN();
