// What comes out of JSON lines.
#include <random>

#include "helpers.h"

namespace tessera::test {
namespace {

class Ndjson : public ::testing::Test {
 protected:
  Everything read(std::string_view text, const std::vector<std::string>& columns, const ReadOptions& options = {}) {
    input.paths = {folder.write("a.ndjson", text)};
    return read_all(input, columns, options);
  }
  Folder folder;
  Input input = input_of({});
};

TEST_F(Ndjson, ValuesComeAsTheirText) {
  const auto got = read(R"({"a":"x","b":1,"c":true}
{"c":null,"b":-1.50e2 , "a" : "" }

  {"b" : false,"z":{"a":[1]},"a":"y"}  )",
                        {"a", "b", "c"});
  ASSERT_FALSE(got.error) << got.error->message;
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"x", "1", "true"}), row({"", "-1.50e2", "-"}), row({"y", "false", "-"})}));
  EXPECT_EQ(got.places, (std::vector<uint64_t>{0, 1, 2}));
}

TEST_F(Ndjson, StringsAndKeysAreUnescaped) {
  const auto got = read(R"({"n\u00e9":"O\"Neil\n\u00e9\ud83d\ude00","b":"\\"})"
                        "\r\n"
                        R"({"b":"\/","n)"
                        "\xC3\xA9"
                        R"(":"}{,:"})",
                        {"n\xC3\xA9", "b"});
  ASSERT_FALSE(got.error) << got.error->message;
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"O\"Neil\n\xC3\xA9\xF0\x9F\x98\x80", "\\"}), row({"}{,:", "/"})}));
}

TEST_F(Ndjson, TheLastOfTwoEqualKeysCounts) {
  EXPECT_EQ(read(R"({"a":1,"a":2})", {"a"}).rows, (std::vector<Row>{row({"2"})}));
}

TEST_F(Ndjson, LinesThatAreNoObjectsAreRejectedAndTheOthersKept) {
  const std::vector<std::string> bad = {"[1]",
                                        "7",
                                        "\"a\"",
                                        "{\"a\":1",
                                        "{\"a\" 1}",
                                        "{\"a\":1}}",
                                        "{\"a\":1}{\"a\":2}",
                                        "nothing",
                                        "{\"a\":12x}",
                                        "{\"a\":tru}",
                                        "{\"a\":01}",
                                        "{\"a\":\"x}",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "{\"a\":\"x\ty\x01\"}"};
  for (const std::string& line : bad) {
    const auto got = read("{\"a\":\"first\"}\n" + line + "\n{\"a\":\"last\"}\n", {"a"});
    ASSERT_FALSE(got.error);
    EXPECT_EQ(got.rows, (std::vector<Row>{row({"first"}), row({"last"})})) << line;
    ASSERT_EQ(reject_rows(got), (std::vector<uint64_t>{1})) << line;
    EXPECT_EQ(got.rejects[0].reason, RejectReason::not_an_object) << line;
  }
}

TEST_F(Ndjson, NestedValuesAreRejectedOnlyWhereNeeded) {
  input.fields = {field("dob", {"b"})};
  const auto got = read("{\"a\":{},\"b\":1}\n{\"a\":1,\"b\":[]}\n{\"a\":2,\"b\":{\"c\":1}}\n", {"b"});
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"1"})}));
  EXPECT_EQ(reject_rows(got), (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(got.rejects[0].field, 0);
}

TEST_F(Ndjson, BytesThatAreNotTextRejectTheLine) {
  const auto got = read("{\"a\":\"x\"}\n{\"a\":\"\xEB\"}\n{\"a\":\"a\\u0000b\"}\n", {"a"});
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"x"})}));
  ASSERT_EQ(reject_rows(got), (std::vector<uint64_t>{1, 2}));
  for (const Reject& reject : got.rejects) EXPECT_EQ(reject.reason, RejectReason::undecodable);
}

TEST_F(Ndjson, ColumnsAreTheKeysOfTheFirstHundredLines) {
  std::string text = "{\"a\":1}\n";
  for (int i = 0; i < 98; ++i) text += "{}\n";
  text += "{\"b\":2}\n{\"c\":3}\n";
  for (const uint64_t bytes : {64u, 1u << 20}) {
    EXPECT_FALSE(read(text, {"a", "b"}, {.batch_bytes = bytes}).error);
    const auto got = read(text, {"c"}, {.batch_bytes = bytes});
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->code, ErrorCode::usage);
  }
  EXPECT_EQ(look_at(input)->columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(look_at(input)->rows, 101u);
}

TEST_F(Ndjson, EmptyFilesAndLongLines) {
  EXPECT_EQ(read("", {"a"}).error->code, ErrorCode::data);
  EXPECT_EQ(read("nothing\n", {"a"}).error->code, ErrorCode::data);
  const auto first = folder.write("1.ndjson", "{\"a\":1}");
  input.paths = {first, folder.write("2.ndjson", ""), first};
  EXPECT_EQ(read_all(input, {"a"}).rows.size(), 2u);
  EXPECT_EQ(look_at(input)->rows, 2u);
  const std::string long_line = "{\"a\":1}\n{\"a\":\"" + std::string(5000, 'x') + "\"}\n";
  for (const uint64_t bytes : {64u, 1u << 20}) {
    const auto got = read(long_line, {"a"}, {.batch_bytes = bytes, .line_bytes_max = 4096});
    ASSERT_TRUE(got.error);
    EXPECT_NE(got.error->message.find("line 2 is longer"), std::string::npos) << got.error->message;
  }
  input.encoding = Encoding::latin_1;
  EXPECT_EQ(read("{\"a\":1}\n", {"a"}).error->code, ErrorCode::usage);
}

TEST_F(Ndjson, BlockAndBatchSizesChangeNothing) {
  std::mt19937_64 random(3);
  std::string text;
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(random() % 1000);
    switch (random() % 6) {
      case 0: text += "{\"a\":" + number + "}\n"; break;
      case 1: text += "{\"b\":\"" + std::string(random() % 90, 'y') + "\",\"a\":\"\\u0041" + number + "\"}\r\n"; break;
      case 2: text += "[]\n"; break;
      case 3: text += "\n"; break;
      case 4: text += "{\"x\":[{\"a\":1}],\"a\":null,\"b\":true}\n"; break;
      default: text += "{\"a\":\"" + number + "\",\"b\":{}}\n"; break;
    }
  }
  const auto whole = read("{\"a\":0,\"b\":0}\n" + text, {"a", "b"});
  ASSERT_FALSE(whole.error);
  for (int i = 0; i < 20; ++i) {
    const auto got = read("{\"a\":0,\"b\":0}\n" + text, {"a", "b"},
                          {.batch_bytes = 64 + random() % 1000, .batch_rows = 1 + random() % 30});
    ASSERT_FALSE(got.error);
    EXPECT_EQ(got.rows, whole.rows);
    EXPECT_EQ(got.places, whole.places);
    EXPECT_EQ(reject_rows(got), reject_rows(whole));
  }
}

}  // namespace
}  // namespace tessera::test
