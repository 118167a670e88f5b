// similarity_batch_test.cc: many pairs at a time give what one at a time gives, in each variant, to the last bit.
#include "kernels/similarity_batch.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "kernels/similarity.h"
#include "reference/kernels/slow_similarity.h"
#include "variants.h"

using namespace tessera;

namespace {

ShortText packed(const std::string& text) {
  ShortText out;
  std::memcpy(out.bytes, text.data(), std::min(text.size(), sizeof out.bytes));
  return out;
}

std::string unpacked(const ShortText& text) { return {text.bytes, strnlen(text.bytes, sizeof text.bytes)}; }

struct ShortPairs {
  std::vector<ShortText> a, b;
  void add(const std::string& x, const std::string& y) {
    a.push_back(packed(x));
    b.push_back(packed(y));
  }
};

template <class Out, class Kernel>
std::vector<Out> all(Kernel kernel, const ShortPairs& pairs) {
  std::vector<Out> out(pairs.a.size() + 1, Out{77});
  kernel(pairs.a.data(), pairs.b.data(), pairs.a.size(), out.data());
  EXPECT_EQ(out.back(), Out{77}) << "written behind the end";
  out.pop_back();
  return out;
}

// Each variant against the twins, which share nothing with it.
void hold(const ShortPairs& pairs) {
  std::vector<double> jaro, winkler;
  std::vector<uint8_t> levenshtein, aligned, equal;
  for (size_t i = 0; i < pairs.a.size(); ++i) {
    const auto a = slow::characters(unpacked(pairs.a[i]), true), b = slow::characters(unpacked(pairs.b[i]), true);
    jaro.push_back(slow::jaro(a, b));
    winkler.push_back(slow::jaro_winkler(a, b));
    levenshtein.push_back(static_cast<uint8_t>(slow::distance(a, b, slow::Edits::levenshtein)));
    aligned.push_back(static_cast<uint8_t>(slow::distance(a, b, slow::Edits::optimal_alignment)));
    equal.push_back(a == b);
  }
  for (const Kernels variant : variants()) {
    SCOPED_TRACE(name_of(variant));
    const SimilarityKernels& kernels = similarity_kernels(variant);
    EXPECT_EQ(all<double>(kernels.jaro, pairs), jaro);
    EXPECT_EQ(all<double>(kernels.jaro_winkler, pairs), winkler);
    EXPECT_EQ(all<uint8_t>(kernels.levenshtein, pairs), levenshtein);
    EXPECT_EQ(all<uint8_t>(kernels.optimal_alignment, pairs), aligned);
    EXPECT_EQ(all<uint8_t>(kernels.equal, pairs), equal);
  }
}

std::string random_text(std::mt19937_64& random, size_t length, unsigned alphabet) {
  std::string out(length, ' ');
  for (char& c : out) c = static_cast<char>('A' + random() % alphabet);
  return out;
}

std::string with_mistakes(std::mt19937_64& random, std::string text) {
  for (uint64_t left = random() % 4; left > 0 && !text.empty(); --left) {
    const size_t at = random() % text.size();
    switch (random() % 5) {
      case 0: text.erase(at, 1); break;
      case 1: text.insert(at, 1, text[random() % text.size()]); break;
      case 2: std::swap(text[at], text[std::min(at + 1, text.size() - 1)]); break;
      case 3: std::swap(text[at], text[random() % text.size()]); break;
      default: text[at] = '#';
    }
  }
  return text;
}

// Pairs of longer texts, in two parts.
struct HalvedPairs {
  std::vector<std::string> texts_a, texts_b;
  std::vector<ShortText> parts[4];
  void add(const std::string& x, const std::string& y) {
    texts_a.push_back(x.substr(0, halved_text_bytes));
    texts_b.push_back(y.substr(0, halved_text_bytes));
    for (const bool second : {false, true}) {
      const std::string& text = second ? texts_b.back() : texts_a.back();
      ShortText first = packed(text), rest{};
      if (text.size() > sizeof first) put_halved_text(text, first, rest);
      parts[2 * second].push_back(first);
      parts[2 * second + 1].push_back(rest);
    }
  }
};

void hold(const HalvedPairs& pairs) {
  const size_t count = pairs.texts_a.size();
  std::vector<double> jaro, winkler;
  for (size_t i = 0; i < count; ++i) {
    const auto a = slow::characters(pairs.texts_a[i], true), b = slow::characters(pairs.texts_b[i], true);
    jaro.push_back(slow::jaro(a, b));
    winkler.push_back(slow::jaro_winkler(a, b));
  }
  const HalvedTexts a{pairs.parts[0].data(), pairs.parts[1].data()}, b{pairs.parts[2].data(), pairs.parts[3].data()};
  for (const Kernels variant : variants()) {
    SCOPED_TRACE(name_of(variant));
    const auto of = [&](SimilarityKernels::HalvedKernel kernel) {
      std::vector<double> out(count + 1, 77);
      kernel(a, b, count, out.data());
      EXPECT_EQ(out.back(), 77) << "written behind the end";
      out.pop_back();
      return out;
    };
    EXPECT_EQ(of(similarity_kernels(variant).jaro_halved), jaro);
    EXPECT_EQ(of(similarity_kernels(variant).jaro_winkler_halved), winkler);
  }
}

}  // namespace

TEST(SimilarityBatch, KnownValues) {
  ShortPairs pairs;
  for (const auto& [a, b] : {std::pair{"MARTHA", "MARHTA"},
                             {"DIXON", "DICKSONX"},
                             {"DWAYNE", "DUANE"},
                             {"CA", "ABC"},
                             {"", ""},
                             {"", "A"},
                             {"A", ""},
                             {"A", "A"},
                             {"ABCXY", "ABCPQR"}})
    pairs.add(a, b);
  hold(pairs);
  std::vector<uint8_t> out(pairs.a.size());
  damerau_levenshtein_batch(pairs.a, pairs.b, 255, out.data());
  EXPECT_EQ(out[3], 2);
}

TEST(SimilarityBatch, NoPairs) { hold(ShortPairs{}); }

// Groups of one longest length each, and all lengths beside one another.
TEST(SimilarityBatch, AllLengths) {
  std::mt19937_64 random(5);
  for (const unsigned alphabet : {1u, 2u, 5u, 26u}) {
    ShortPairs mixed;
    for (size_t la = 0; la <= 16; ++la)
      for (size_t lb = 0; lb <= 16; ++lb) {
        ShortPairs alike;
        for (int i = 0; i < 9; ++i) alike.add(random_text(random, la, alphabet), random_text(random, lb, alphabet));
        hold(alike);
        mixed.a.insert(mixed.a.end(), alike.a.begin(), alike.a.end());
        mixed.b.insert(mixed.b.end(), alike.b.begin(), alike.b.end());
      }
    hold(mixed);
  }
}

// Every pair of texts of up to four letters of two: all ways in which matches and swaps can meet.
TEST(SimilarityBatch, AllTextsOfTwoLetters) {
  std::vector<std::string> texts = {""};
  for (size_t from = 0; texts[from].size() < 5; ++from) {
    texts.push_back(texts[from] + 'A');
    texts.push_back(texts[from] + 'B');
  }
  ShortPairs pairs;
  for (const auto& a : texts)
    for (const auto& b : texts) pairs.add(a, b);
  hold(pairs);
}

TEST(SimilarityBatch, NearPairs) {
  std::mt19937_64 random(6);
  ShortPairs pairs;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_text(random, random() % 17, 2 + static_cast<unsigned>(i) % 20);
    pairs.add(text, with_mistakes(random, text));
  }
  hold(pairs);
}

RC_GTEST_PROP(SimilarityBatch, AnyCountAndAnyLetters, (uint32_t seed)) {
  std::mt19937_64 random(seed);
  ShortPairs pairs;
  const auto count = *rc::gen::inRange(0, 140), alphabet = *rc::gen::inRange(1, 60);
  for (int i = 0; i < count; ++i) {
    const std::string text = random_text(random, random() % 17, static_cast<unsigned>(alphabet));
    pairs.add(text, i % 2 ? with_mistakes(random, text)
                          : random_text(random, random() % 17, static_cast<unsigned>(alphabet)));
  }
  hold(pairs);
}

TEST(SimilarityBatch, LongerTextsInTwoParts) {
  for (size_t length = 17; length <= halved_text_bytes; ++length) {
    std::string text(length, ' ');
    for (size_t i = 0; i < length; ++i) text[i] = static_cast<char>('@' + i);
    const std::string tight = text;  // nothing behind it belongs to it
    ShortText first, rest;
    std::memset(rest.bytes, 1, sizeof rest.bytes);
    put_halved_text(tight, first, rest);
    EXPECT_EQ(std::string(first.bytes, sizeof first.bytes), text.substr(0, sizeof first.bytes));
    EXPECT_EQ(unpacked(rest), text.substr(sizeof first.bytes));
    EXPECT_TRUE(std::all_of(rest.bytes + length - sizeof first.bytes, rest.bytes + sizeof rest.bytes,
                            [](char c) { return c == 0; }));
  }
}

TEST(SimilarityBatch, LongerTextsOfAllLengths) {
  std::mt19937_64 random(8);
  hold(HalvedPairs{});
  for (const unsigned alphabet : {1u, 2u, 5u, 26u}) {
    HalvedPairs mixed;
    for (size_t la = 0; la <= halved_text_bytes; ++la)
      for (size_t lb = 0; lb <= halved_text_bytes; ++lb) {
        const std::string a = random_text(random, la, alphabet), b = random_text(random, lb, alphabet);
        HalvedPairs alone;
        alone.add(a, b);
        hold(alone);
        mixed.add(a, b);
      }
    hold(mixed);
  }
}

TEST(SimilarityBatch, LongerTextsThatAreNear) {
  std::mt19937_64 random(9);
  HalvedPairs pairs;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = random_text(random, random() % 33, 2 + static_cast<unsigned>(i) % 30);
    pairs.add(text, with_mistakes(random, text));
  }
  hold(pairs);
}

RC_GTEST_PROP(SimilarityBatch, LongerTextsOfAnyCount, (uint32_t seed)) {
  std::mt19937_64 random(seed);
  HalvedPairs pairs;
  const auto count = *rc::gen::inRange(0, 140), alphabet = *rc::gen::inRange(1, 60);
  for (int i = 0; i < count; ++i) {
    const std::string text = random_text(random, random() % 33, static_cast<unsigned>(alphabet));
    pairs.add(text, i % 2 ? with_mistakes(random, with_mistakes(random, text))
                          : random_text(random, random() % 33, static_cast<unsigned>(alphabet)));
  }
  hold(pairs);
}

// The distance that lanes do not have: only what optimal alignment leaves open is computed.
TEST(SimilarityBatch, DamerauWithBounds) {
  std::mt19937_64 random(7);
  ShortPairs pairs;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_text(random, random() % 17, 2 + static_cast<unsigned>(i) % 5);
    pairs.add(text, i % 2 ? with_mistakes(random, text)
                          : random_text(random, random() % 17, 2 + static_cast<unsigned>(i) % 5));
  }
  std::vector<uint8_t> out(pairs.a.size());
  for (const uint8_t bound : std::initializer_list<uint8_t>{0, 1, 2, 3, 4, 7, 16, 255}) {
    damerau_levenshtein_batch(pairs.a, pairs.b, bound, out.data());
    for (size_t i = 0; i < out.size(); ++i) {
      const size_t expected = slow::distance(slow::characters(unpacked(pairs.a[i]), true),
                                             slow::characters(unpacked(pairs.b[i]), true), slow::Edits::damerau);
      ASSERT_EQ(out[i], std::min<size_t>(expected, bound + 1u)) << i << " bound " << int{bound};
    }
  }
}

// The functions that choose by themselves.
TEST(SimilarityBatch, Chosen) {
  ShortPairs pairs;
  for (int i = 0; i < 100; ++i) pairs.add("MARTHA", i % 2 ? "MARHTA" : "MARTHA");
  std::vector<double> likeness(100);
  std::vector<uint8_t> distance(100);
  jaro_batch(pairs.a, pairs.b, likeness.data());
  EXPECT_EQ(likeness[99], jaro("MARTHA", "MARHTA", true));
  jaro_winkler_batch(pairs.a, pairs.b, likeness.data());
  EXPECT_EQ(likeness[99], jaro_winkler("MARTHA", "MARHTA", true));
  const std::vector<ShortText> nothing(100);
  const HalvedTexts a{pairs.a.data(), nothing.data()}, b{pairs.b.data(), nothing.data()};
  jaro_halved_batch(a, b, 100, likeness.data());
  EXPECT_EQ(likeness[99], jaro("MARTHA", "MARHTA", true));
  jaro_winkler_halved_batch(a, b, 100, likeness.data());
  EXPECT_EQ(likeness[99], jaro_winkler("MARTHA", "MARHTA", true));
  levenshtein_batch(pairs.a, pairs.b, distance.data());
  EXPECT_EQ(distance[99], 2);
  optimal_alignment_batch(pairs.a, pairs.b, distance.data());
  EXPECT_EQ(distance[99], 1);
  equal_batch(pairs.a, pairs.b, distance.data());
  EXPECT_EQ(distance[98], 1);
  EXPECT_EQ(distance[99], 0);
}
