// similarity.cc: how many pairs of names can one core compare in a second?
//
// The names are those of the generator, in capitals; in half of the pairs the second is the first with one mistake, as
// most candidates are, in the others it is drawn like the first. Some answers are checked one by one first, all are summed
// (the counter "sum"), so that a peer can be held to them: bench/similarity_peer.py. The pairs are 32 bytes each and
// come from memory; equality, which does nothing else, shows what that costs.
//
//   TESSERA_BENCH_PAIRS=N      how many, 1 million if not said
//   TESSERA_BENCH_KEEP=FOLDER  writes texts.txt, one a line, and pairs.bin, two 32-bit numbers of lines for each pair
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <string>

#include "generate/names.h"
#include "kernels/name.h"
#include "kernels/similarity.h"
#include "kernels/similarity_batch.h"

namespace {

using namespace tessera;

size_t pair_count() {
  const char* asked = std::getenv("TESSERA_BENCH_PAIRS");
  return asked ? std::strtoull(asked, nullptr, 10) : 1'000'000;
}

std::string name(std::mt19937_64& random) {
  static const generate_detail::Names names;
  const auto origin = generate_detail::Names::origin(random());
  const auto drawn = random() % 2 == 0
                         ? names.family(origin, random())
                         : names.given(origin, random() % 2 == 0, 1930 + static_cast<int>(random() % 80), random());
  std::string out;
  fold_name(drawn.view(), false, out);
  return out.substr(0, sizeof ShortText::bytes);
}

std::string with_mistake(std::mt19937_64& random, std::string text) {
  const size_t at = random() % text.size();
  switch (random() % 4) {
    case 0: text.erase(at, 1); break;
    case 1: text.insert(at, 1, text[random() % text.size()]); break;
    case 2: std::swap(text[at], text[std::min(at + 1, text.size() - 1)]); break;
    default: text[at] = static_cast<char>('A' + random() % 26);
  }
  return text.substr(0, sizeof ShortText::bytes);
}

struct NamePairs {
  std::vector<ShortText> a, b;
};

const NamePairs& name_pairs() {
  static const NamePairs all = [] {
    constexpr size_t names = 1 << 16;
    std::mt19937_64 random(11);
    std::vector<std::string> texts;
    while (texts.size() < names)
      if (auto text = name(random); !text.empty()) texts.push_back(std::move(text));
    for (size_t i = 0; i < names; ++i) texts.push_back(with_mistake(random, texts[i]));
    std::vector<std::pair<uint32_t, uint32_t>> numbers(pair_count());
    NamePairs made{std::vector<ShortText>(numbers.size()), std::vector<ShortText>(numbers.size())};
    for (size_t i = 0; i < numbers.size(); ++i) {
      const auto first = static_cast<uint32_t>(random() % names);
      numbers[i] = {first, i % 2 == 0 ? first + names : static_cast<uint32_t>(random() % names)};
      std::ranges::copy(texts[numbers[i].first], made.a[i].bytes);
      std::ranges::copy(texts[numbers[i].second], made.b[i].bytes);
    }
    if (const char* folder = std::getenv("TESSERA_BENCH_KEEP")) {
      std::ofstream lines(folder + std::string("/texts.txt"));
      for (const auto& text : texts) lines << text << '\n';
      std::ofstream(folder + std::string("/pairs.bin"), std::ios::binary)
          .write(reinterpret_cast<const char*>(numbers.data()),
                 static_cast<std::streamsize>(numbers.size() * sizeof numbers[0]));
    }
    return made;
  }();
  return all;
}

std::string_view characters(const ShortText& text) { return {text.bytes, strnlen(text.bytes, sizeof text.bytes)}; }

template <class Out, class One>
void run(benchmark::State& state, Kernels variant, SimilarityKernels::Kernel<Out> SimilarityKernels::* which, One one) {
  const NamePairs& pairs = name_pairs();
  const auto kernel = similarity_kernels(variant).*which;
  std::vector<Out> out(pairs.a.size());
  kernel(pairs.a.data(), pairs.b.data(), out.size(), out.data());
  double sum = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    if (i < 20'000 && out[i] != static_cast<Out>(one(characters(pairs.a[i]), characters(pairs.b[i]))))
      return state.SkipWithError("a pair has another answer alone");
    sum += static_cast<double>(out[i]);
  }
  for (auto _ : state) {
    kernel(pairs.a.data(), pairs.b.data(), out.size(), out.data());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(out.size()));
  state.counters["sum"] = sum;
}

}  // namespace

int main(int argc, char** argv) {
  using K = SimilarityKernels;
  using View = std::string_view;
  for (const Kernels variant : {Kernels::scalar, Kernels::avx2, Kernels::avx512}) {
    if (variant > kernels()) break;
    const auto add = [variant](const char* name, auto which, auto one) {
      benchmark::RegisterBenchmark((std::string(name) + "/" + name_of(variant)).c_str(), [=](benchmark::State& state) {
        run(state, variant, which, one);
      })->Unit(benchmark::kMillisecond);
    };
    add("jaro", &K::jaro, [](View a, View b) { return jaro(a, b, true); });
    add("jaro_winkler", &K::jaro_winkler, [](View a, View b) { return jaro_winkler(a, b, true); });
    add("levenshtein", &K::levenshtein, [](View a, View b) { return levenshtein(a, b, true); });
    add("optimal_alignment", &K::optimal_alignment, [](View a, View b) { return optimal_alignment(a, b, true); });
    add("equal", &K::equal, [](View a, View b) { return a == b; });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
