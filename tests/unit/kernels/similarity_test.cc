// similarity_test.cc: likeness of two texts: known values, edges, and the slow twins on texts of all sorts.
#include "kernels/similarity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reference/kernels/slow_similarity.h"

using namespace tessera;

namespace {

constexpr bool by_bytes = true, by_characters = false;

using Function = size_t (*)(std::string_view, std::string_view, bool, size_t);
const std::vector<std::pair<Function, slow::Edits>> distances = {
    {levenshtein, slow::Edits::levenshtein},
    {optimal_alignment, slow::Edits::optimal_alignment},
    {damerau_levenshtein, slow::Edits::damerau},
};

// A few characters of one to four bytes, so that repeats and near misses are common.
rc::Gen<std::string> texts(int length_max, int alphabet) {
  static const std::vector<std::string> letters = {"A", "B", "é", "É", "C", "中", "𝄞", "D", "ü", "E"};
  return rc::gen::exec([=] {
    std::string out;
    for (int left = *rc::gen::inRange(0, length_max + 1); left > 0; --left)
      out += letters[static_cast<size_t>(*rc::gen::inRange(0, alphabet))];
    return out;
  });
}

// A copy with some characters dropped, doubled, moved on or replaced.
std::string damaged(const std::string& text, bool bytes) {
  std::vector<std::string> parts;
  for (const char c : text)
    if (bytes || parts.empty() || (static_cast<unsigned char>(c) & 0xc0) != 0x80)
      parts.emplace_back(1, c);
    else
      parts.back() += c;
  for (int left = *rc::gen::inRange(0, 5); left > 0 && !parts.empty(); --left) {
    const auto at = static_cast<size_t>(*rc::gen::inRange(0, static_cast<int>(parts.size())));
    const auto other = static_cast<size_t>(*rc::gen::inRange(0, static_cast<int>(parts.size())));
    switch (*rc::gen::inRange(0, 5)) {
      case 0: parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 1: parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(at), parts[other]); break;
      case 2: std::swap(parts[at], parts[std::min(at + 1, parts.size() - 1)]); break;
      case 3: std::swap(parts[at], parts[other]); break;
      default: parts[at] = "X";
    }
  }
  std::string out;
  for (const auto& part : parts) out += part;
  return out;
}

void hold(const std::string& a, const std::string& b, bool bytes) {
  const auto x = slow::characters(a, bytes), y = slow::characters(b, bytes);
  RC_ASSERT(jaro(a, b, bytes) == slow::jaro(x, y));
  RC_ASSERT(jaro(b, a, bytes) == jaro(a, b, bytes));
  RC_ASSERT(jaro_winkler(a, b, bytes) == slow::jaro_winkler(x, y));
  for (const auto& [function, edits] : distances) {
    const size_t expected = slow::distance(x, y, edits);
    RC_ASSERT(function(a, b, bytes, no_bound) == expected);
    RC_ASSERT(function(b, a, bytes, no_bound) == expected);
    for (const size_t bound : {size_t{0}, size_t{1}, size_t{2}, size_t{3}, expected / 2, expected, expected + 1})
      RC_ASSERT(function(a, b, bytes, bound) == std::min(expected, bound + 1));
  }
}

void hold_near_and_far(const std::string& a, const std::string& b, bool bytes) {
  hold(a, b, bytes);
  hold(a, damaged(a, bytes), bytes);
}

}  // namespace

TEST(Jaro, KnownValues) {
  EXPECT_NEAR(jaro("MARTHA", "MARHTA", by_bytes), 0.9444, 1e-4);
  EXPECT_NEAR(jaro("DIXON", "DICKSONX", by_bytes), 0.7667, 1e-4);
  EXPECT_NEAR(jaro("DWAYNE", "DUANE", by_bytes), 0.8222, 1e-4);
  EXPECT_NEAR(jaro_winkler("MARTHA", "MARHTA", by_bytes), 0.9611, 1e-4);
  EXPECT_NEAR(jaro_winkler("DIXON", "DICKSONX", by_bytes), 0.8133, 1e-4);
  EXPECT_NEAR(jaro_winkler("DWAYNE", "DUANE", by_bytes), 0.84, 1e-4);
}

// Those of Winkler's report of 1994, to three places.
TEST(Jaro, ValuesOfTheCensusBureau) {
  struct Row {
    const char *a, *b;
    double jaro, winkler;
  };
  for (const Row& row :
       {Row{"SHACKLEFORD", "SHACKELFORD", .970, .982}, Row{"DUNNINGHAM", "CUNNIGHAM", .896, .896},
        Row{"NICHLESON", "NICHULSON", .926, .956}, Row{"JONES", "JOHNSON", .790, .832},
        Row{"MASSEY", "MASSIE", .889, .933}, Row{"ABROMS", "ABRAMS", .889, .922}, Row{"HARDIN", "MARTINEZ", .722, .722},
        Row{"ITMAN", "SMITH", .467, .467}, Row{"JERALDINE", "GERALDINE", .926, .926},
        Row{"MICHELLE", "MICHAEL", .869, .921}, Row{"JULIES", "JULIUS", .889, .933}, Row{"TANYA", "TONYA", .867, .880},
        Row{"SEAN", "SUSAN", .783, .805}, Row{"JON", "JOHN", .917, .933}, Row{"JON", "JAN", .778, .8}}) {
    EXPECT_NEAR(jaro(row.a, row.b, by_bytes), row.jaro, 6e-4) << row.a;
    EXPECT_NEAR(jaro_winkler(row.a, row.b, by_bytes), row.winkler, 6e-4) << row.a;
  }
}

TEST(Jaro, NothingAndOneCharacter) {
  EXPECT_EQ(jaro("", "", by_bytes), 0);
  EXPECT_EQ(jaro_winkler("", "A", by_characters), 0);
  EXPECT_EQ(jaro("A", "A", by_bytes), 1);
  EXPECT_EQ(jaro("A", "B", by_bytes), 0);
  EXPECT_EQ(jaro("AB", "BA", by_bytes), 0);  // the window of two characters is their own place
  EXPECT_EQ(jaro_winkler("SMITHSON", "SMITHSON", by_bytes), 1);
}

// Where registers end and begin, what is behind the end of a text, and letters of the prefix that come again.
TEST(Jaro, PrefixInCommonOfEveryLength) {
  const std::string text = "ABCDEFGHABCDEFGHIJKLMNOPABCDEFGHQR";
  const auto by_twin = [](const std::string& a, const std::string& b) {
    return slow::jaro(slow::characters(a, by_bytes), slow::characters(b, by_bytes));
  };
  for (size_t prefix = 0; prefix <= text.size(); ++prefix)
    for (const std::string rest : {"", "A", "BA", "HGFEDCBA", "\1\1"})
      for (const std::string& other : {std::string(), std::string(1, '\0'), std::string("ABAB"), std::string("QRH")}) {
        const std::string a = text.substr(0, prefix) + rest, b = text.substr(0, prefix) + other;
        EXPECT_EQ(jaro(a, b, by_bytes), by_twin(a, b)) << prefix << ' ' << rest << ' ' << other;
        EXPECT_EQ(jaro(b, a, by_bytes), by_twin(b, a)) << prefix << ' ' << rest << ' ' << other;
      }
}

// A third of 3/5 + 3/6 + 1 is .7, in doubles a little more: DuckDB and rapidfuzz give the prefix its due.
TEST(Jaro, PrefixAtSevenTenths) {
  EXPECT_GT(jaro("ABCXY", "ABCPQR", by_bytes), 0.7);
  EXPECT_EQ(jaro_winkler("ABCXY", "ABCPQR", by_bytes), 0.79);
  EXPECT_EQ(jaro_winkler("ABXY", "ABPQR", by_bytes), jaro("ABXY", "ABPQR", by_bytes));
}

TEST(Jaro, BytesAndCharacters) {
  EXPECT_NEAR(jaro_winkler("müller", "muller", by_bytes), 0.8643, 1e-4);  // what DuckDB says
  EXPECT_NEAR(jaro_winkler("müller", "muller", by_characters), 0.9, 1e-4);
  EXPECT_EQ(jaro("é", "É", by_characters), 0);
  EXPECT_GT(jaro("é", "É", by_bytes), 0);
}

TEST(EditDistance, KnownValues) {
  EXPECT_EQ(levenshtein("KITTEN", "SITTING", by_bytes), 3u);
  EXPECT_EQ(levenshtein("SATURDAY", "SUNDAY", by_bytes), 3u);
  EXPECT_EQ(levenshtein("CA", "ABC", by_bytes), 3u);
  EXPECT_EQ(optimal_alignment("CA", "ABC", by_bytes), 3u);
  EXPECT_EQ(damerau_levenshtein("CA", "ABC", by_bytes), 2u);
  EXPECT_EQ(levenshtein("MARTHA", "MARHTA", by_bytes), 2u);
  EXPECT_EQ(optimal_alignment("MARTHA", "MARHTA", by_bytes), 1u);
  EXPECT_EQ(damerau_levenshtein("MARTHA", "MARHTA", by_bytes), 1u);
  EXPECT_EQ(levenshtein("é", "e", by_bytes), 2u);
  EXPECT_EQ(levenshtein("é", "e", by_characters), 1u);
}

TEST(EditDistance, NothingAndBounds) {
  for (const auto& [function, edits] : distances) {
    EXPECT_EQ(function("", "", by_bytes, no_bound), 0u);
    EXPECT_EQ(function("", "ABC", by_characters, no_bound), 3u);
    EXPECT_EQ(function("ABC", "XYZ", by_bytes, 0), 1u);
    EXPECT_EQ(function("ABC", "ABC", by_bytes, 0), 0u);
    EXPECT_EQ(function(std::string(1000, 'A'), std::string(1000, 'B'), by_bytes, 7), 8u);
  }
}

TEST(EditDistance, Ratio) {
  EXPECT_EQ(levenshtein_ratio("", "", by_bytes), 1);
  EXPECT_EQ(levenshtein_ratio("", "A", by_bytes), 0);
  EXPECT_EQ(levenshtein_ratio("ABCD", "ABCE", by_bytes), 0.75);
  EXPECT_EQ(levenshtein_ratio("é", "e", by_characters), 0);
}

// Where a word ends.
TEST(EditDistance, LengthsAboutAWord) {
  for (const size_t length : {63u, 64u, 65u, 127u, 128u, 129u})
    for (const bool bytes : {by_bytes, by_characters}) {
      const std::string letter = bytes ? "x" : "é";
      std::string a, b;
      for (size_t i = 0; i < length; ++i) a += i % 3 ? letter : "A", b += i % 4 ? letter : "A";
      const auto x = slow::characters(a, bytes), y = slow::characters(b, bytes);
      for (const auto& [function, edits] : distances) {
        if (edits == slow::Edits::damerau && length > 70) continue;  // that twin looks at all pairs of cells
        EXPECT_EQ(function(a, b, bytes, no_bound), slow::distance(x, y, edits)) << length;
      }
      EXPECT_EQ(jaro(a, b, bytes), slow::jaro(x, y)) << length;
    }
}

TEST(EditDistance, BytesThatAreNoText) {
  EXPECT_EQ(levenshtein("\xff\xfe", "\xff", by_characters), 1u);
  EXPECT_EQ(levenshtein("A\xc3", "A\xe9", by_characters), 1u);
  EXPECT_EQ(jaro("\x80", "\x80", by_characters), 1);
}

// Long texts take time in proportion for Jaro, and stop early for a distance with a bound.
TEST(EditDistance, VeryLongTexts) {
  const std::string a(1'000'000, 'A'), b = "B" + a;
  EXPECT_GT(jaro(a, b, by_bytes), 0.99);
  EXPECT_EQ(levenshtein(a, b, by_bytes, 5), 1u);
  EXPECT_EQ(levenshtein(a.substr(0, 100), b, by_bytes, 5), 6u);
}

RC_GTEST_PROP(SimilarityTwins, ShortTexts, ()) {
  const int alphabet = *rc::gen::inRange(1, 11);
  hold_near_and_far(*texts(12, alphabet), *texts(12, alphabet), *rc::gen::arbitrary<bool>());
}

RC_GTEST_PROP(SimilarityTwins, AnyBytes, (const std::string& a, const std::string& b)) {
  hold_near_and_far(a, b, by_bytes);
}

RC_GTEST_PROP(SimilarityTwins, ShortWithLong, ()) { hold(*texts(20, 10), *texts(90, 10), *rc::gen::arbitrary<bool>()); }

// Without unrestricted swaps, for the same reason.
TEST(SimilarityTwins, LongTexts) {
  rc::check([] {
    const bool bytes = *rc::gen::arbitrary<bool>();
    const int alphabet = *rc::gen::inRange(1, 11);
    std::string a, b;
    for (int i = 0; i < 3; ++i) a += *texts(70, alphabet), b += *texts(70, alphabet);
    for (const std::string& other : {b, damaged(a, bytes)}) {
      const auto x = slow::characters(a, bytes), y = slow::characters(other, bytes);
      RC_ASSERT(jaro(a, other, bytes) == slow::jaro(x, y));
      RC_ASSERT(jaro_winkler(a, other, bytes) == slow::jaro_winkler(x, y));
      for (const auto& [function, edits] : {distances[0], distances[1]}) {
        const size_t expected = slow::distance(x, y, edits);
        RC_ASSERT(function(a, other, bytes, no_bound) == expected);
        RC_ASSERT(function(a, other, bytes, expected / 2) == std::min(expected, expected / 2 + 1));
      }
    }
  });
}
