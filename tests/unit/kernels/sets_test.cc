// What two texts, two lists or two names share.
#include "kernels/sets.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>

#include "kernels/nicknames.h"
#include "kernels/qgrams.h"
#include "reference/kernels/slow_pieces.h"

using namespace tessera;

namespace {

rc::Gen<std::string> short_texts() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                          rc::gen::element<std::string>("A", "B", "N", "AN", "\xc3\xa9", "\xe6\x9d\x8e", "\xff", " ")),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

std::vector<uint32_t> codes_of(const std::set<uint32_t>& set) { return {set.begin(), set.end()}; }

}  // namespace

TEST(Jaccard, CountsWhatBothHave) {
  EXPECT_DOUBLE_EQ(jaccard("NIGHT", "NACHT", 2, false), 1.0 / 7);
  EXPECT_DOUBLE_EQ(jaccard("NIGHT", "THING", 1, false), 1);
  EXPECT_DOUBLE_EQ(jaccard("ab", "bc", 1, true), 1.0 / 3);
  EXPECT_DOUBLE_EQ(jaccard("", "A", 1, true), 0);
  EXPECT_DOUBLE_EQ(jaccard("A", "AB", 2, false), 0) << "a short text is one piece";
  EXPECT_DOUBLE_EQ(jaccard("é", "è", 1, false), 0);
  EXPECT_DOUBLE_EQ(jaccard("é", "è", 1, true), 1.0 / 3) << "as bytes they share the first";
}

TEST(Cosine, WeighsByCounts) {
  EXPECT_DOUBLE_EQ(cosine("NIGHT", "NACHT", 2, false), 0.25);
  EXPECT_DOUBLE_EQ(cosine("AAB", "AB", 1, false), 3 / std::sqrt(10.0));
  EXPECT_DOUBLE_EQ(cosine("", "A", 2, false), 0);
}

RC_GTEST_PROP(Pieces, AgreeWithTheirSlowTwins, ()) {
  const std::string a = *short_texts(), b = *short_texts();
  const unsigned q = *rc::gen::inRange(1u, 6u);
  for (const bool bytes : {false, true}) {
    RC_ASSERT(std::abs(jaccard(a, b, q, bytes) - slow::jaccard(a, b, q, bytes)) < 1e-15);
    RC_ASSERT(std::abs(cosine(a, b, q, bytes) - slow::cosine(a, b, q, bytes)) < 1e-12);
    RC_ASSERT(jaccard(a, b, q, bytes) == jaccard(b, a, q, bytes));
    RC_ASSERT(cosine(a, b, q, bytes) == cosine(b, a, q, bytes));
    RC_ASSERT(jaccard(a, a, q, bytes) == 1 && cosine(a, a, q, bytes) == 1);
  }
}

RC_GTEST_PROP(Pieces, AgreeOnAnyBytes, (const std::string& a, const std::string& b)) {
  for (const unsigned q : {1u, 2u, 3u, 9u})
    for (const bool bytes : {false, true})
      RC_ASSERT(std::abs(jaccard(a, b, q, bytes) - slow::jaccard(a, b, q, bytes)) < 1e-15);
}

TEST(Initials, AreTheFirstCharacter) {
  EXPECT_TRUE(is_initial_of("J", "JOHN"));
  EXPECT_TRUE(is_initial_of("J.", "JOHN"));
  EXPECT_TRUE(is_initial_of("É", "ÉLISE"));
  EXPECT_TRUE(is_initial_of("J", "J"));
  EXPECT_FALSE(is_initial_of("JO", "JOHN"));
  EXPECT_FALSE(is_initial_of("JOHN", "J"));
  EXPECT_FALSE(is_initial_of("K", "JOHN"));
  EXPECT_FALSE(is_initial_of("", "JOHN"));
  EXPECT_FALSE(is_initial_of("J", ""));
}

TEST(Prefixes, AreNotEmpty) {
  EXPECT_TRUE(is_prefix_of("ALEX", "ALEXANDER"));
  EXPECT_TRUE(is_prefix_of("ALEX", "ALEX"));
  EXPECT_FALSE(is_prefix_of("ALEXANDER", "ALEX"));
  EXPECT_FALSE(is_prefix_of("", "ALEX"));
}

RC_GTEST_PROP(Lists, AreSets, (const std::set<uint32_t>& a, const std::set<uint32_t>& b)) {
  const auto left = codes_of(a), right = codes_of(b);
  std::vector<uint32_t> shared, either;
  std::ranges::set_intersection(left, right, std::back_inserter(shared));
  std::ranges::set_union(left, right, std::back_inserter(either));
  RC_ASSERT(items_in_common(left, right) == shared.size());
  const double jaccard = either.empty() ? 0 : static_cast<double>(shared.size()) / static_cast<double>(either.size());
  RC_ASSERT(items_jaccard(left, right) == jaccard);
}

TEST(TokenLikeness, IsOfTheLighterSide) {
  const std::vector<double> weights = {0, 3, 1, 1, 6, 0};
  const std::vector<uint32_t> flat = {1, 2, 4}, lane = {2, 4}, other = {3}, nothing = {5}, none;
  EXPECT_DOUBLE_EQ(token_likeness(flat, lane, weights), 1);
  EXPECT_DOUBLE_EQ(token_likeness(flat, std::vector<uint32_t>{3, 4}, weights), 6.0 / 7);
  EXPECT_DOUBLE_EQ(token_likeness(flat, other, weights), 0);
  EXPECT_DOUBLE_EQ(token_likeness(flat, none, weights), 0);
  EXPECT_DOUBLE_EQ(token_likeness(nothing, nothing, weights), 0) << "what weighs nothing says nothing";
}

RC_GTEST_PROP(TokenLikeness, IsSymmetricAndFromZeroToOne, ()) {
  const auto weights = *rc::gen::container<std::vector<uint16_t>>(20, rc::gen::arbitrary<uint16_t>());
  // Not a generated set: of so few codes it would ask for more different ones than there are, and give up.
  const auto codes =
      rc::gen::map(rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange(0u, 20u)),
                   [](const std::vector<uint32_t>& some) { return codes_of({some.begin(), some.end()}); });
  const auto a = *codes, b = *codes;
  std::vector<double> by_code;
  for (const uint16_t weight : weights) by_code.push_back(weight / 7.0);
  const double likeness = token_likeness(a, b, by_code);
  RC_ASSERT(likeness >= 0 && likeness <= 1);
  RC_ASSERT(likeness == token_likeness(b, a, by_code));
}

TEST(Nicknames, AreFormsOfOneName) {
  const Nicknames& ours = Nicknames::ours();
  EXPECT_GT(ours.pairs(), 1500u);
  EXPECT_TRUE(ours.alike("WILLIAM", "BILL"));
  EXPECT_TRUE(ours.alike("BILL", "LIAM"));
  EXPECT_TRUE(ours.alike("JACK", "JAKE"));
  EXPECT_TRUE(ours.alike("JACK", "IAN"));
  EXPECT_FALSE(ours.alike("JAKE", "IAN")) << "not handed on";
  EXPECT_TRUE(ours.alike("PEGGY", "RITA"));
  EXPECT_TRUE(ours.alike("NOT A NAME", "NOT A NAME"));
  EXPECT_FALSE(ours.alike("WILLIAM", "JOHN"));
  EXPECT_FALSE(ours.alike("WILLIAM", "NOT A NAME"));
}

// Every pair of the file is alike, in both directions, and the file is sorted and without repeats.
TEST(Nicknames, TheFileIsInTheBinary) {
  std::ifstream file(std::string(TESSERA_SOURCE) + "/configs/nicknames.csv");
  ASSERT_TRUE(file);
  std::string line, before;
  std::getline(file, line);
  EXPECT_EQ(line, "NAME,FORM");
  size_t pairs = 0;
  while (std::getline(file, line)) {
    const size_t comma = line.find(',');
    const std::string name = line.substr(0, comma), form = line.substr(comma + 1);
    EXPECT_NE(name, form);
    EXPECT_LT(before, line) << line;
    EXPECT_EQ(line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ,"), std::string::npos) << line;
    EXPECT_TRUE(Nicknames::ours().alike(name, form) && Nicknames::ours().alike(form, name)) << line;
    before = line;
    ++pairs;
  }
  EXPECT_EQ(pairs, Nicknames::ours().pairs());
}

TEST(Nicknames, CanBeReplaced) {
  const auto table = Nicknames::parse("\xef\xbb\xbfname,form\r\nZoë,\"Zo\"\r\n\r\nMary Ann,Molly\n", "t.csv");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_TRUE(table->alike("ZOE", "ZO"));
  EXPECT_TRUE(table->alike("MOLLY", "MARY ANN"));
  EXPECT_FALSE(table->alike("WILLIAM", "BILL"));
  EXPECT_EQ(table->pairs(), 2u);
}

TEST(Nicknames, SayWhereAFileIsNoTable) {
  const std::pair<const char*, const char*> bad[] = {{"", "t.csv:1: empty"},
                                                     {"A,B\n", "t.csv:1: no header"},
                                                     {"NAME,FORM\nWILLIAM\n", "t.csv:2: not two columns"},
                                                     {"NAME,FORM\nA,B,C\n", "t.csv:2: not two columns"},
                                                     {"NAME,FORM\nA,B\n\nA,-\n", "t.csv:4: an empty name"}};
  for (const auto& [text, message] : bad) {
    const auto table = Nicknames::parse(text, "t.csv");
    ASSERT_FALSE(table) << text;
    EXPECT_EQ(table.error().code, ErrorCode::data);
    EXPECT_TRUE(table.error().message.starts_with(message)) << table.error().message;
  }
  const auto none = Nicknames::read("there/is/no/such.csv");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::resource);
}
