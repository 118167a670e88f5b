// What comes out of CSV files, by example. Arbitrary ones: test_csv_any.cc.
#include "helpers.h"

namespace tessera::test {
namespace {

class Csv : public ::testing::Test {
 protected:
  Everything read(std::string_view text, const std::vector<std::string>& columns, const ReadOptions& options = {}) {
    input.paths = {folder.write("a.csv", text)};
    return read_all(input, columns, options);
  }
  Folder folder;
  Input input = input_of({});
};

TEST_F(Csv, ColumnsComeInTheOrderAskedForAndEmptyIsNull) {
  const auto got = read("a,b,c\n1,2,3\n4,,6\n,\"\",9", {"c", "a", "b", "c"});
  ASSERT_FALSE(got.error);
  EXPECT_EQ(got.rows,
            (std::vector<Row>{row({"3", "1", "2", "3"}), row({"6", "4", "-", "6"}), row({"9", "-", "-", "9"})}));
  EXPECT_EQ(got.places, (std::vector<uint64_t>{0, 1, 2}));
}

TEST_F(Csv, QuotesKeepDelimitersLineEndsAndQuotes) {
  const auto got = read("a,b\n\"x,\"\"y\"\"\n,z\",\"\"\"\"\nO\"Neil,5\" pipe\n\"p\"q,\"r\" \n", {"a", "b"});
  ASSERT_FALSE(got.error);
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"x,\"y\"\n,z", "\""}), row({"O\"Neil", "5\" pipe"}), row({"pq", "r "})}));
}

TEST_F(Csv, LineEndsOfAllKindsAndBlankLines) {
  const auto got = read("a,b\r\n1,2\r\n\r\n3,4\r5,6\n\n\n7,8\r\n", {"a", "b"});
  ASSERT_FALSE(got.error);
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"1", "2"}), row({"3", "4"}), row({"5", "6"}), row({"7", "8"})}));
  EXPECT_EQ(got.seen, 4u);
}

TEST_F(Csv, AnyDelimiter) {
  for (const char delimiter : {';', '\t', '|', ' '}) {
    input.delimiter = delimiter;
    const std::string d(1, delimiter);
    const auto got = read("a" + d + "b\n1,1" + d + "\"2" + d + "2\"\n", {"a", "b"});
    ASSERT_FALSE(got.error);
    EXPECT_EQ(got.rows, (std::vector<Row>{row({"1,1", "2" + d + "2"})}));
  }
  input.delimiter = '"';
  EXPECT_EQ(read("a\n", {"a"}).error->code, ErrorCode::usage);
}

TEST_F(Csv, WithoutHeaderColumnsAreNumbered) {
  input.header = false;
  const auto got = read("1,2\n3,4\n", {"column_2", "column_1"});
  ASSERT_FALSE(got.error);
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"2", "1"}), row({"4", "3"})}));
  const auto missing = read("1,2\n", {"column_3"});
  ASSERT_TRUE(missing.error);
  EXPECT_EQ(missing.error->code, ErrorCode::usage);
}

TEST_F(Csv, ByteOrderMarkIsSkippedAndUtf16Refused) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a\nx\n",
                 {"a"})
                .rows,
            (std::vector<Row>{row({"x"})}));
  const auto wide = read(std::string_view("\xFF\xFE"
                                          "a\0\n\0",
                                          6),
                         {"a"});
  ASSERT_TRUE(wide.error);
  EXPECT_EQ(wide.error->code, ErrorCode::data);
  EXPECT_NE(wide.error->message.find("UTF-16"), std::string::npos);
}

TEST_F(Csv, RowsBeforeAndAfterAreLeftOut) {
  input.skip_rows = 2;
  input.footer_rows = 2;
  const std::string text = "Extract of \"today\r\n\na,b\n1,2\n3,4\n5,6\nrows,3\nEND\n\n";
  for (const uint64_t bytes : {64u, 100u, 4096u}) {
    const auto got = read(text, {"a", "b"}, {.batch_bytes = bytes});
    ASSERT_FALSE(got.error) << got.error->message;
    EXPECT_EQ(got.rows, (std::vector<Row>{row({"1", "2"}), row({"3", "4"}), row({"5", "6"})}));
    EXPECT_TRUE(got.rejects.empty());
  }
}

TEST_F(Csv, FewerRowsThanFooters) {
  input.footer_rows = 3;
  const auto got = read("a,b\n1,2\nEND\n", {"a"});
  ASSERT_FALSE(got.error);
  EXPECT_TRUE(got.rows.empty());
  EXPECT_EQ(got.seen, 0u);
}

TEST_F(Csv, FootersOfEveryFile) {
  input.footer_rows = 1;
  input.paths = {folder.write("1.csv", "a\n1\n2\nEND\n"), folder.write("2.csv", "a\n3\nEND")};
  EXPECT_EQ(read_all(input, {"a"}).rows, (std::vector<Row>{row({"1"}), row({"2"}), row({"3"})}));
}

TEST_F(Csv, RaggedRowsAreRejectedWithTheirPlace) {
  const auto got = read("a,b\n1,2\n3\n4,5,6\n7,8\n", {"b"});
  ASSERT_FALSE(got.error);
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"2"}), row({"8"})}));
  EXPECT_EQ(got.places, (std::vector<uint64_t>{0, 3}));
  EXPECT_EQ(reject_rows(got), (std::vector<uint64_t>{1, 2}));
  for (const Reject& reject : got.rejects) EXPECT_EQ(reject.reason, RejectReason::ragged);
}

TEST_F(Csv, BytesThatAreNotTextRejectTheRowAndNameTheField) {
  input.fields = {field("other", {"c"}), field("given_name", {"b"})};
  std::string text = "a,b,c\n1,Zo\xC3\xAB,x\n2,Zo\xEB,x\n3,Zoe,\xEB\n4,Z";
  text += '\0';
  text += "e,x\n5,Zoe,x\n";
  const auto got = read(text, {"a", "b"});
  ASSERT_FALSE(got.error);
  // Row 2 is bad in a column that nobody needs.
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"1", "Zo\xC3\xAB"}), row({"3", "Zoe"}), row({"5", "Zoe"})}));
  EXPECT_EQ(got.places, (std::vector<uint64_t>{0, 2, 4}));
  ASSERT_EQ(reject_rows(got), (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(got.rejects[0].reason, RejectReason::undecodable);
  EXPECT_EQ(got.rejects[0].field, 1);
}

TEST_F(Csv, RowBadInTwoColumnsIsRejectedOnce) {
  const auto got = read("a,b\n\xFF,\xFF\nx,y\n", {"a", "b"});
  EXPECT_EQ(reject_rows(got), (std::vector<uint64_t>{0}));
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"x", "y"})}));
}

TEST_F(Csv, WesternEncodings) {
  input.encoding = Encoding::windows_1252;
  const auto windows = read("n\xE9,b\nZo\xEB,\x80 \x92\nx,\x81\n", {"n\xC3\xA9", "b"});
  ASSERT_FALSE(windows.error) << windows.error->message;
  EXPECT_EQ(windows.rows, (std::vector<Row>{row({"Zo\xC3\xAB", "\xE2\x82\xAC \xE2\x80\x99"})}));
  EXPECT_EQ(reject_rows(windows), (std::vector<uint64_t>{1}));  // 0x81 has no meaning
  input.encoding = Encoding::latin_1;
  const auto latin = read("n,b\nZo\xEB,\x80\n", {"n", "b"});
  EXPECT_EQ(latin.rows, (std::vector<Row>{row({"Zo\xC3\xAB", "\xC2\x80"})}));
}

TEST_F(Csv, QuoteOpenToTheEndIsAnErrorThatNamesItsRow) {
  for (const uint64_t bytes : {64u, 1u << 20}) {
    const auto got = read("a,b\n1,2\n3,4\n5,\"6\n7,8\n9,10\n", {"a"}, {.batch_bytes = bytes});
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->code, ErrorCode::data);
    EXPECT_NE(got.error->message.find("a.csv: row 3: a quote opens"), std::string::npos) << got.error->message;
  }
  const auto header = read("a,\"b\n1,2\n", {"a"});
  ASSERT_TRUE(header.error);
  EXPECT_EQ(header.error->code, ErrorCode::data);
}

TEST_F(Csv, RowLongerThanTheLimitIsAnErrorThatSaysSo) {
  const std::string text = "a,b\n1,2\n3," + std::string(5000, 'x') + "\n";
  for (const uint64_t bytes : {64u, 1000u, 1u << 20}) {
    const auto got = read(text, {"a"}, {.batch_bytes = bytes, .line_bytes_max = 4096});
    ASSERT_TRUE(got.error) << bytes;
    EXPECT_EQ(got.error->code, ErrorCode::data);
    EXPECT_NE(got.error->message.find("row 2 is longer than the limit of 4096 bytes"), std::string::npos)
        << got.error->message;
    EXPECT_FALSE(read(text, {"a"}, {.batch_bytes = bytes, .line_bytes_max = 6000}).error);
  }
  const auto quote = read("a,b\n1,\"2" + std::string(9000, '\n'), {"a"}, {.batch_bytes = 64, .line_bytes_max = 4096});
  ASSERT_TRUE(quote.error);
  EXPECT_NE(quote.error->message.find("is the closing quote missing?"), std::string::npos);
}

TEST_F(Csv, EmptyFileAndHeaderOnly) {
  for (const char* text : {"", "\xEF\xBB\xBF", "\n\r\n"}) {
    const auto got = read(text, {"a"});
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->code, ErrorCode::data);
    EXPECT_NE(got.error->message.find("empty: no header"), std::string::npos);
  }
  for (const char* text : {"a,b", "a,b\n", "a,b\r\n\r\n"}) {
    const auto got = read(text, {"a"});
    ASSERT_FALSE(got.error);
    EXPECT_EQ(got.seen, 0u);
  }
}

TEST_F(Csv, MissingAndDoubleColumns) {
  const auto missing = read("a,b\n1,2\n", {"a", "dob"});
  ASSERT_TRUE(missing.error);
  EXPECT_EQ(missing.error->code, ErrorCode::usage);
  EXPECT_NE(missing.error->message.find("there is no column \"dob\"; its columns are a, b"), std::string::npos);
  const auto twice = read("a,b,a\n1,2,3\n", {"a"});
  ASSERT_TRUE(twice.error);
  EXPECT_EQ(twice.error->code, ErrorCode::data);
  EXPECT_EQ(read("a,b,a\n1,2,3\n", {"b"}).rows, (std::vector<Row>{row({"2"})}));
}

TEST_F(Csv, FilesMayOrderTheirColumnsAsTheyLike) {
  input.paths = {folder.write("1.csv", "a,b\n1,2\n"), folder.write("2.csv", "b,x,a\n4,9,3\n")};
  const auto got = read_all(input, {"a", "b"});
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"1", "2"}), row({"3", "4"})}));
  input.paths.push_back(folder.write("3.csv", "a\n5\n"));
  EXPECT_EQ(read_all(input, {"a", "b"}).error->code, ErrorCode::usage);
}

TEST_F(Csv, MorselsAreOfTheSizeAskedFor) {
  std::string text = "a,b\n";
  for (int i = 0; i < 10000; ++i) text += std::to_string(i) + ",x\n";
  const auto got = read(text, {"a"}, {.batch_bytes = 4096, .batch_rows = 100});
  EXPECT_GE(got.morsels, text.size() / 4096);
  ASSERT_EQ(got.rows.size(), 10000u);
  for (size_t i = 0; i < 10000; ++i) {
    ASSERT_EQ(got.rows[i][0], std::to_string(i));
    ASSERT_EQ(got.places[i], i);
  }
}

}  // namespace
}  // namespace tessera::test
