// Lists: small CSV files of values, and sets of words.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "standardise/list_file.h"
#include "standardise/missing.h"
#include "standardise/word_set.h"

using namespace tessera;

namespace {

using Values = std::vector<std::string>;

Values parse(const std::string& column, std::string_view text) {
  const auto values = parse_list({"communal", "communal.csv", column}, text);
  EXPECT_TRUE(values) << (values ? "" : values.error().message);
  return values.value_or(Values{});
}

}  // namespace

TEST(ListFile, WithoutAColumnIsTheFirstOfEachLine) {
  EXPECT_EQ(parse("", "SW1A 2AA\nM1 1AE\r\n\n LS1 4AP "), (Values{"SW1A 2AA", "M1 1AE", "LS1 4AP"}));
  EXPECT_EQ(parse("", "\xef\xbb\xbfSW1A 2AA,home\nM1 1AE,\n,x\n"), (Values{"SW1A 2AA", "M1 1AE"}));
  EXPECT_EQ(parse("", ""), Values{});
}

TEST(ListFile, WithAColumnIsFoundByItsHeader) {
  EXPECT_EQ(parse("POSTCODE", "NAME,POSTCODE\n\"A, B\nC \"\"D\"\"\",SW1A 2AA\nshort\nx,\"M1 1AE\"\n"),
            (Values{"SW1A 2AA", "M1 1AE"}));
}

TEST(ListFile, SaysWhatIsWrong) {
  const ListFile list{"communal", "communal.csv", "POSTCODE"};
  const auto no_column = parse_list(list, "NAME, CODE\nx,y\n");
  ASSERT_FALSE(no_column);
  EXPECT_EQ(no_column.error().code, ErrorCode::data);
  EXPECT_EQ(no_column.error().message, "list communal: communal.csv: no column \"POSTCODE\"; there are: NAME, CODE");
  EXPECT_FALSE(parse_list(list, "POSTCODE\n\"SW1A"));
  EXPECT_FALSE(read_list({"communal", "/no/such/file", ""}));
  EXPECT_FALSE(read_list({"communal", std::filesystem::temp_directory_path().string(), ""}));
}

TEST(WordSet, HoldsWhatWasAdded) {
  WordSet set;
  std::set<uint64_t> twin;
  for (uint64_t i = 0, word = 1; i < 2000; ++i, word = word * 6364136223846793005 + 1) {
    set.add(word);
    twin.insert(word);
    set.add(i % 700);
    if (i % 700 != 0) twin.insert(i % 700);
  }
  EXPECT_EQ(set.size(), twin.size());
  for (const uint64_t word : twin) EXPECT_TRUE(set.contains(word));
  for (uint64_t word = 1000; word < 3000; ++word) EXPECT_EQ(set.contains(word), twin.contains(word));
  EXPECT_FALSE(set.contains(0));
  EXPECT_FALSE(WordSet().contains(1));
}

TEST(MissingSpellings, MatchWholeTextsOfAnyCase) {
  const MissingSpellings missing({"NA", " unknown "}, {"9999999999"});
  for (const char* text : {"na", "NA", "Unknown", "9999999999"}) EXPECT_TRUE(missing.match(text)) << text;
  for (const char* text : {"", "n", "NAN", "NB", "999999999"}) EXPECT_FALSE(missing.match(text)) << text;
  const MissingSpellings none({}, {""});
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.match(""));
  const MissingSpellings longer({std::string(70, 'x')}, {});
  EXPECT_TRUE(longer.match(std::string(70, 'X')));
  EXPECT_FALSE(longer.match(std::string(71, 'X')));
}
