// What do the conditions come to that Splink's own library writes, in each dialect, and some that people write?
//
// splink_texts.tsv has one a line: dialect, level or rule (rule:COLUMN: exploded), the text, and what it is read as.
// The first part are all comparisons, levels and blocking rules of Splink 5.0.0. What a line says is read by eye
// before it is accepted.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "shown.h"

namespace tessera {
namespace {

struct Line {
  std::string dialect, what, text, wanted;
};

std::vector<Line> lines() {
  std::ifstream file(std::string(TESSERA_SOURCE) + "/tests/unit/sql/splink_texts.tsv");
  std::vector<Line> out;
  Line line;
  while (std::getline(file, line.dialect, '\t') && std::getline(file, line.what, '\t') &&
         std::getline(file, line.text, '\t') && std::getline(file, line.wanted))
    out.push_back(line);
  return out;
}

SqlDialect dialect_of(const std::string& name) {
  static const std::map<std::string, SqlDialect> names = {{"duckdb", SqlDialect::duckdb},
                                                          {"spark", SqlDialect::spark},
                                                          {"postgres", SqlDialect::postgres},
                                                          {"sqlite", SqlDialect::sqlite},
                                                          {"athena", SqlDialect::athena}};
  return names.at(name);
}

std::string shown(const SqlMistake& mistake) { return fmt::format("error at {}: {}", mistake.begin + 1, mistake.what); }

std::string read_as(const Line& line) {
  const SqlContext context = any_fields(dialect_of(line.dialect));
  if (line.what == "level") {
    const auto read = read_sql_condition(line.text, context);
    return read ? shown(*read) : shown(read.error());
  }
  std::vector<std::string> exploded;
  if (line.what.size() > 5) exploded.push_back(line.what.substr(5));
  const auto rules = read_sql_rule(line.text, exploded, context);
  if (!rules) return shown(rules.error());
  std::string out;
  for (const BlockingRule& rule : *rules) out += (out.empty() ? "" : " | ") + shown(rule);
  return out;
}

TEST(SplinkTexts, AreReadAsTheyMean) {
  const auto all = lines();
  EXPECT_GT(all.size(), 300u);
  for (const Line& line : all) EXPECT_EQ(read_as(line), line.wanted) << line.dialect << ": " << line.text;
}

// A text that is cut is a mistake with a place within it, or still a condition; never a crash.
TEST(SplinkTexts, CutAnywhere) {
  for (Line line : lines()) {
    const std::string whole = line.text;
    for (size_t length = 0; length < whole.size(); length += 5) {
      line.text = whole.substr(0, length);
      const auto read = read_sql_condition(line.text, any_fields(dialect_of(line.dialect)));
      if (read) continue;
      EXPECT_LE(read.error().begin, line.text.size());
      EXPECT_LE(read.error().end, line.text.size() + 1);
      EXPECT_FALSE(read.error().what.empty());
    }
  }
}

// What goes out to Splink comes back as the same condition.
TEST(SplinkTexts, OutAndInAgain) {
  size_t written = 0;
  const SqlContext context = any_fields(SqlDialect::duckdb);
  for (const Line& line : lines()) {
    if (line.dialect != "duckdb" || line.what != "level") continue;
    const auto read = read_sql_condition(line.text, context);
    if (!read || read->what != ModelCondition::What::measure) continue;
    const auto text = duckdb_condition(*read);
    if (!text) continue;
    const auto again = read_sql_condition(*text, context);
    ASSERT_TRUE(again) << *text << ": " << again.error().what;
    if (read->measure.what == Measure::What::items_in_common) continue;  // columns of lists become words
    if (text->find("CAST") != std::string::npos) continue;               // a cast of a cast
    EXPECT_EQ(shown(*again), shown(*read)) << *text;
    ++written;
  }
  EXPECT_GT(written, 30u);
}

TEST(Sql, DeepNestingIsAMistake) {
  const std::string deep = std::string(5000, '(') + "a_l = a_r" + std::string(5000, ')');
  const auto read = read_sql_condition(deep, any_fields(SqlDialect::duckdb));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().what.find("nested too deeply"), std::string::npos);
  std::string calls = "a_l";
  for (int i = 0; i < 60; ++i) calls = "coalesce(" + calls + ", '')";
  EXPECT_TRUE(read_sql_condition(calls + " = a_r", any_fields(SqlDialect::duckdb)));
}

}  // namespace
}  // namespace tessera
