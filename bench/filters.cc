// filters.cc: how many pairs of encoded filters are compared in a second, and how near is that to what the machine can do?
//
//   bench_filters FOLDER BITS THRESHOLD THREADS RUNS
//
// FOLDER/a.bin and b.bin hold filters of BITS bits, one after another. Prints the pairs at or above the threshold (Dice),
// a checksum of them, and the best time; then the same bytes counted over and over within the cache, 64 bits
// at a time, by the processor's own instruction: what a loop that counts every pair could not beat. bench/filters.py
// compares pairs and checksum with those of a peer before it tells the times.
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "block/similar_filters.h"

namespace {

using namespace tessera;

template <class F>
double seconds_of(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<uint64_t> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<uint64_t> out(static_cast<size_t>(file.tellg()) / sizeof(uint64_t));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size() * sizeof(uint64_t)));
  return out;
}

// Pairs of filters a second of one core that counts what each has in common with every one of a few others in the cache.
double pairs_in_cache(std::span<const uint64_t> filters, size_t words) {
  constexpr size_t count = 64, rounds = 200'000;
  uint64_t sum = 0;
  const double seconds = seconds_of([&] {
    for (size_t i = 0; i < rounds; ++i) {
      const uint64_t* const a = filters.data() + i % count * words;
      for (size_t j = 0; j < count; ++j)
        for (size_t word = 0; word < words; ++word)
          sum += static_cast<uint64_t>(std::popcount(a[word] & filters[j * words + word]));
    }
  });
  return sum == 0 ? 0 : static_cast<double>(rounds * count) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return fmt::print(stderr, "bench_filters FOLDER BITS THRESHOLD THREADS RUNS\n"), 2;
  const std::string folder = argv[1];
  const size_t words = std::strtoull(argv[2], nullptr, 10) / 64;
  const double threshold = std::strtod(argv[3], nullptr);
  const size_t threads = std::strtoull(argv[4], nullptr, 10), runs = std::strtoull(argv[5], nullptr, 10);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  const std::vector<uint64_t> a = read(folder + "/a.bin"), b = read(folder + "/b.bin");
  const FilterSet from{a, words}, to{b, words};
  std::vector<SimilarPair> found;
  double best = 1e9;
  for (size_t run = 0; run < runs; ++run)
    best = std::min(best, seconds_of([&] { found = similar_filters(from, to, {.at_least = threshold}); }));
  uint64_t checksum = 0;
  for (const SimilarPair& pair : found) checksum += (uint64_t{pair.from} + 1) * (pair.to + 7) * pair.common;
  fmt::print(
      "{{\"kernels\": \"{}\", \"pairs\": {}, \"checksum\": {}, \"seconds\": {}, \"a_second\": {}, "
      "\"counted_in_cache\": {}}}\n",
      name_of(kernels()), found.size(), checksum, best,
      static_cast<double>(from.count()) * static_cast<double>(to.count()) / best,
      pairs_in_cache(a, words) * static_cast<double>(threads));
  return 0;
}
