// ratios_test.cc: has a kernel lost its speed?
//
// Each kernel is run beside its slow twin on the same values, in turn, in one process: the ratio of the best times hardly
// depends on the machine. The bounds are about half of the least that was measured, or less, so that only a lost idea
// fails: a probe without prefetch, a table that is searched, a string made for each value.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "block/block.h"
#include "decide/decide.h"
#include "kernels/date.h"
#include "kernels/nhs_number.h"
#include "kernels/similarity.h"
#include "kernels/similarity_batch.h"
#include "reference/kernels/slow.h"
#include "reference/kernels/slow_similarity.h"

namespace tessera {
namespace {

volatile uint64_t sink;  // what keeps a result from being left out

// Best time of the twin over best time of the kernel.
template <class Kernel, class Twin>
double ratio(Kernel kernel, Twin twin) {
  const auto seconds = [](auto& work) {
    const auto start = std::chrono::steady_clock::now();
    sink = work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  double best_kernel = 1e9, best_twin = 1e9;
  for (int round = 0; round < 7; ++round) {
    best_kernel = std::min(best_kernel, seconds(kernel));
    best_twin = std::min(best_twin, seconds(twin));
  }
  const double found = best_twin / best_kernel;
  ::testing::Test::RecordProperty("ratio", std::to_string(found));
  std::printf("             %.1f times as fast as the twin\n", found);
  return found;
}

std::vector<std::string> numbers(size_t count) {
  std::mt19937_64 random(1);
  std::vector<std::string> out(count);
  for (auto& text : out) text = std::to_string(1'000'000'000 + random() % 9'000'000'000);
  return out;
}

TEST(Guard, NhsNumber) {
  const auto texts = numbers(20000);
  const auto all = [&](auto kernel) {
    return [&texts, kernel] {
      uint64_t sum = 0;
      for (const auto& text : texts) sum += kernel(text).word;
      return sum;
    };
  };
  EXPECT_GT(ratio(all([](const std::string& text) { return nhs_number(std::string_view(text), false); }),
                  all([](const std::string& text) { return slow::nhs_number(text, false); })),
            6.0);
}

TEST(Guard, Date) {
  std::mt19937_64 random(2);
  std::vector<std::string> texts(20000);
  for (auto& text : texts) {
    char made[16];
    std::snprintf(made, sizeof made, "%02u%02u%04u", static_cast<unsigned>(1 + random() % 28),
                  static_cast<unsigned>(1 + random() % 12), static_cast<unsigned>(1920 + random() % 100));
    text = made;
  }
  const auto format = DateFormat::compile("%d%m%Y");
  ASSERT_TRUE(format);
  const auto all = [&](auto kernel) {
    return [&texts, kernel] {
      uint64_t sum = 0;
      for (const auto& text : texts) sum += kernel(text).word;
      return sum;
    };
  };
  // The slow twin tries every day there is: the C library's reader is a fairer mark.
  const auto by_library = [](const std::string& text) {
    std::tm parts{};
    strptime(text.c_str(), "%d%m%Y", &parts);
    return Value{.word = static_cast<uint64_t>(parts.tm_year)};
  };
  EXPECT_GT(ratio(all([&](const std::string& text) { return format->read(text); }), all(by_library)), 2.0);
}

TEST(Guard, Probe) {
  constexpr uint32_t rows = 1'000'000;
  std::mt19937_64 random(3);
  std::vector<uint64_t> keys(rows), asked(200'000);
  for (auto& key : keys) key = random() | 1;
  for (size_t i = 0; i < asked.size(); ++i) asked[i] = i % 2 ? keys[random() % rows] : random() | 1;
  const KeyIndex index(keys);
  std::unordered_map<uint64_t, uint32_t> map;
  map.reserve(rows);
  for (uint32_t row = 0; row < rows; ++row) map.emplace(keys[row], row);
  std::vector<Candidate> found;
  EXPECT_GT(ratio(
                [&] {
                  found.clear();
                  index.probe(asked, found);
                  return uint64_t{found.size()};
                },
                [&] {
                  uint64_t sum = 0;
                  for (const uint64_t key : asked) {
                    const auto at = map.find(key);
                    sum += at == map.end() ? 0 : at->second;
                  }
                  return sum;
                }),
            1.8);
}

// The eight ranks look at eleven conditions: a table answers with one load.
TEST(Guard, PassTable) {
  std::mt19937_64 random(4);
  constexpr size_t conditions = 11;
  std::vector<PassBits> passes(8);
  for (size_t i = 0; i < passes.size(); ++i)
    passes[i] = {.rank = static_cast<int>(i) + 1,
                 .alternatives = {{random() % (1 << conditions), 0}, {random() % (1 << conditions), 1ULL << i}}};
  const PassTable table(passes, conditions);
  ASSERT_TRUE(table.tabulated());
  std::vector<Pattern> patterns(100'000);
  for (auto& pattern : patterns) pattern = random() % (1 << conditions);
  const auto one_by_one = [&](Pattern pattern) {
    PassMask mask = 0;
    for (size_t i = 0; i < passes.size(); ++i)
      for (const auto& way : passes[i].alternatives)
        if ((pattern & way.need) == way.need && !(pattern & way.forbid)) mask |= PassMask{1} << i;
    return mask;
  };
  for (const Pattern pattern : patterns) ASSERT_EQ(table.passes_of(pattern), one_by_one(pattern));
  EXPECT_GT(ratio(
                [&] {
                  uint64_t sum = 0;
                  for (const Pattern pattern : patterns) sum += table.passes_of(pattern);
                  return sum;
                },
                [&] {
                  uint64_t sum = 0;
                  for (const Pattern pattern : patterns) sum += one_by_one(pattern);
                  return sum;
                }),
            10.0);
}

// Pairs of texts of 3 to 11 letters, like names.
struct TextPairs {
  std::vector<ShortText> a, b;
  explicit TextPairs(size_t count) : a(count), b(count) {
    std::mt19937_64 random(5);
    for (auto* side : {&a, &b})
      for (ShortText& text : *side)
        for (size_t i = 0, length = 3 + random() % 9; i < length; ++i)
          text.bytes[i] = static_cast<char>('A' + random() % 26);
  }
};

std::string_view characters(const ShortText& text) { return {text.bytes, strnlen(text.bytes, sizeof text.bytes)}; }

// One pair at a time, by bits: beside whole tables.
TEST(Guard, SimilarityOfOnePair) {
  const TextPairs pairs(5000);
  const auto all = [&](auto kernel) {
    return [&pairs, kernel] {
      uint64_t sum = 0;
      for (size_t i = 0; i < pairs.a.size(); ++i) sum += kernel(characters(pairs.a[i]), characters(pairs.b[i]));
      return sum;
    };
  };
  const auto by_table = [](slow::Edits edits) {
    return [edits](std::string_view a, std::string_view b) {
      return slow::distance(slow::characters(a, true), slow::characters(b, true), edits);
    };
  };
  EXPECT_GT(ratio(all([](std::string_view a, std::string_view b) { return levenshtein(a, b, true); }),
                  all(by_table(slow::Edits::levenshtein))),
            5.0);
  EXPECT_GT(ratio(all([](std::string_view a, std::string_view b) { return optimal_alignment(a, b, true); }),
                  all(by_table(slow::Edits::optimal_alignment))),
            5.0);
  EXPECT_GT(ratio(all([](std::string_view a, std::string_view b) { return uint64_t{jaro_winkler(a, b, true) > 0.8}; }),
                  all([](std::string_view a, std::string_view b) {
                    return uint64_t{slow::jaro_winkler(slow::characters(a, true), slow::characters(b, true)) > 0.8};
                  })),
            1.5);
}

// Many pairs at a time: beside one at a time, where the processor has lanes.
TEST(Guard, SimilarityInLanes) {
  if (kernels() == Kernels::scalar) GTEST_SKIP() << "no lanes";
  const TextPairs pairs(20000);
  std::vector<double> likeness(pairs.a.size());
  std::vector<uint8_t> distance(pairs.a.size());
  const auto all = [&](Kernels variant, auto which, auto& out) {
    return [&, which, variant] {
      (similarity_kernels(variant).*which)(pairs.a.data(), pairs.b.data(), pairs.a.size(), out.data());
      return static_cast<uint64_t>(out.back());
    };
  };
  EXPECT_GT(ratio(all(kernels(), &SimilarityKernels::jaro_winkler, likeness),
                  all(Kernels::scalar, &SimilarityKernels::jaro_winkler, likeness)),
            4.0);
  EXPECT_GT(ratio(all(kernels(), &SimilarityKernels::levenshtein, distance),
                  all(Kernels::scalar, &SimilarityKernels::levenshtein, distance)),
            4.0);
  EXPECT_GT(ratio(all(kernels(), &SimilarityKernels::optimal_alignment, distance),
                  all(Kernels::scalar, &SimilarityKernels::optimal_alignment, distance)),
            4.0);
}

}  // namespace
}  // namespace tessera
