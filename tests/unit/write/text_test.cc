// Do lines of CSV and JSON say exactly what the table holds?
#include <rapidcheck.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tables.h"

namespace tessera::testing {
namespace {

Table sample() {
  Table table;
  table.columns.push_back(text_column("id", {"a", "b,c", std::nullopt, ""}));
  table.columns.push_back(
      number_column("n", OutType::int64, {0, std::numeric_limits<int64_t>::min(), 7, std::nullopt}));
  table.columns.push_back(number_column("r", OutType::int32, {1, std::nullopt, -3, 4}));
  table.columns.push_back(real_column("w", {0.1, -2.5, std::nullopt, 1e300}));
  table.columns.push_back(number_column("d", OutType::date, {0, -25567, std::nullopt, 19782}));
  return table;
}

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  const Folder folder;
  write_table(folder / "t.csv", FileFormat::csv, sample(), 2);
  EXPECT_EQ(content_of(folder / "t.csv"),
            "id,n,r,w,d\n"
            "a,0,1,0.1,1970-01-01\n"
            "\"b,c\",-9223372036854775808,,-2.5,1900-01-01\n"
            ",7,-3,,\n"
            "\"\",,4,1e+300,2024-02-29\n");
}

TEST(Ndjson, LeavesNullsOut) {
  const Folder folder;
  write_table(folder / "t.ndjson", FileFormat::ndjson, sample(), 3);
  EXPECT_EQ(content_of(folder / "t.ndjson"),
            "{\"id\":\"a\",\"n\":0,\"r\":1,\"w\":0.1,\"d\":\"1970-01-01\"}\n"
            "{\"id\":\"b,c\",\"n\":-9223372036854775808,\"w\":-2.5,\"d\":\"1900-01-01\"}\n"
            "{\"n\":7,\"r\":-3}\n"
            "{\"id\":\"\",\"r\":4,\"w\":1e+300,\"d\":\"2024-02-29\"}\n");
}

TEST(Ndjson, LeavesOutWhatJsonCannotSay) {
  const Folder folder;
  Table table;
  table.columns.push_back(real_column("w", {std::numeric_limits<double>::infinity(), 1.0}));
  write_table(folder / "t.ndjson", FileFormat::ndjson, table, 2);
  EXPECT_EQ(content_of(folder / "t.ndjson"), "{}\n{\"w\":1}\n");
}

TEST(Csv, EmptyTableHasItsHeader) {
  const Folder folder;
  Table table;
  table.columns.push_back(text_column("a \"b\"", {}));
  const OutputFile file = write_table(folder / "t.csv", FileFormat::csv, table, 1);
  EXPECT_EQ(content_of(folder / "t.csv"), "\"a \"\"b\"\"\"\n");
  EXPECT_EQ(file.rows, 0u);
}

// The slow obvious reader of what Csv writes.
std::vector<std::vector<std::optional<std::string>>> read_csv(const std::string& text) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  size_t at = 0;
  while (at < text.size()) {
    rows.emplace_back();
    for (bool more = true; more;) {
      std::optional<std::string> value;
      if (text[at] == '"') {
        value = "";
        for (++at; text[at] != '"' || text[at + 1] == '"'; ++at) {
          if (text[at] == '"') ++at;
          *value += text[at];
        }
        ++at;
      } else {
        for (; text[at] != ',' && text[at] != '\n'; ++at) value = value.value_or("") + text[at];
      }
      rows.back().push_back(value);
      more = text[at++] == ',';
    }
  }
  return rows;
}

rc::Gen<std::string> awkward_text() {
  return rc::gen::container<std::string>(
      rc::gen::weightedOneOf<char>({{4, rc::gen::element(',', '"', '\n', '\r', '\\', '\t', '\x01', '\x7f')},
                                    {6, rc::gen::inRange<char>(' ', '~')}}));
}

rc::Gen<std::optional<std::string>> text_or_null() {
  return rc::gen::map(rc::gen::maybe(awkward_text()),
                      [](rc::Maybe<std::string> text) { return text ? std::optional(*text) : std::nullopt; });
}

Table two_text_columns(const std::vector<std::pair<std::optional<std::string>, std::string>>& rows) {
  Table table;
  table.columns.resize(2);
  table.columns[0].as = {"a"};
  table.columns[1].as = {"b"};
  for (const auto& [a, b] : rows) {
    table.columns[0].texts.push_back(a);
    table.columns[1].texts.push_back(b);
  }
  return table;
}

auto awkward_rows() {
  return rc::gen::container<std::vector<std::pair<std::optional<std::string>, std::string>>>(
      rc::gen::pair(text_or_null(), awkward_text()));
}

TEST(Text, OfADictionaryAndOfAWidthIsThatText) {
  const ThreeWays made(8, 3);
  const Folder folder;
  made.write(folder / "csv", FileFormat::csv, 3);
  EXPECT_EQ(content_of(folder / "csv"),
            "plain,places,wide,always\n,,,10000\n10002,10002,10002,10002\n10001,10001,10001,10001\n"
            "10000,10000,10000,10000\n10002,10002,10002,10002\n10001,10001,10001,10001\n"
            "10000,10000,10000,10000\n,,,10002\n");
  made.write(folder / "ndjson", FileFormat::ndjson, 5);
  const std::string lines = content_of(folder / "ndjson");
  EXPECT_TRUE(
      lines.starts_with("{\"always\":\"10000\"}\n"
                        "{\"plain\":\"10002\",\"places\":\"10002\",\"wide\":\"10002\",\"always\":\"10002\"}\n"))
      << lines;
}

TEST(Csv, ReadsBackAsWritten) {
  const Folder folder;
  int round = 0;
  const bool held = rc::check([&] {
    const auto rows = *awkward_rows();
    const std::string path = folder / std::to_string(++round);
    const auto file = write_table(path, FileFormat::csv, two_text_columns(rows), *rc::gen::inRange<size_t>(1, 5));
    const auto found = read_csv(content_of(path));
    RC_ASSERT(file.rows == rows.size());
    RC_ASSERT(found.size() == rows.size() + 1);
    for (size_t i = 0; i < rows.size(); ++i) {
      RC_ASSERT(found[i + 1] == (std::vector<std::optional<std::string>>{rows[i].first, rows[i].second}));
    }
  });
  EXPECT_TRUE(held);
}

TEST(Ndjson, ReadsBackAsWritten) {
  const Folder folder;
  int round = 0;
  const bool held = rc::check([&] {
    const auto rows = *awkward_rows();
    const std::string path = folder / std::to_string(++round);
    write_table(path, FileFormat::ndjson, two_text_columns(rows), *rc::gen::inRange<size_t>(1, 5));
    std::ifstream lines(path);
    std::string line;
    for (const auto& [a, b] : rows) {
      RC_ASSERT(static_cast<bool>(std::getline(lines, line)));
      nlohmann::json expected = {{"b", b}};
      if (a) expected["a"] = *a;
      RC_ASSERT(nlohmann::json::parse(line) == expected);
    }
    RC_ASSERT(!std::getline(lines, line));
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace tessera::testing
