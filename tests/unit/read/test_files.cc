// Compressed files, digests, formats told by name, looking at files.
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <xxhash.h>

#include "helpers.h"
#include "read/text_file.h"

namespace tessera::test {
namespace {

void write_compressed(const std::string& path, std::string_view text, arrow::Compression::type type) {
  auto codec = *arrow::util::Codec::Create(type);
  auto file = *arrow::io::FileOutputStream::Open(path);
  auto packed = *arrow::io::CompressedOutputStream::Make(codec.get(), file);
  ASSERT_TRUE(packed->Write(text.data(), static_cast<int64_t>(text.size())).ok());
  ASSERT_TRUE(packed->Close().ok());
}

std::string digest_of_bytes(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  char text[33];
  std::snprintf(text, sizeof text, "%016lx%016lx", static_cast<unsigned long>(hash.high64),
                static_cast<unsigned long>(hash.low64));
  return std::string("xxh3-128:") + text;
}

std::string many_rows(size_t count) {
  std::string text = "a,b\n";
  for (size_t i = 0; i < count; ++i) text += std::to_string(i) + ",some words that go on\n";
  return text;
}

TEST(Files, CompressedTextReadsAsThePlainText) {
  const Folder folder;
  const std::string text = many_rows(20000);
  const auto plain = read_all(input_of({folder.write("a.csv", text)}), {"a", "b"}, {.batch_bytes = 10000});
  ASSERT_EQ(plain.rows.size(), 20000u);
  for (const char* ending : {".csv.gz", ".CSV.ZST"}) {
    const std::string path = folder.file(std::string("a") + ending);
    write_compressed(path, text, ending[5] == 'g' ? arrow::Compression::GZIP : arrow::Compression::ZSTD);
    const auto got = read_all(input_of({path}), {"a", "b"}, {.batch_bytes = 10000});
    ASSERT_FALSE(got.error) << got.error->message;
    EXPECT_EQ(got.rows, plain.rows);
    EXPECT_EQ(got.files[0].digest, digest_of_bytes(content_of(path)));
    EXPECT_EQ(got.files[0].bytes, std::filesystem::file_size(path));
  }
  const std::string lines = folder.file("a.jsonl.zst");
  write_compressed(lines, "{\"a\":1}\n{\"a\":2}\n", arrow::Compression::ZSTD);
  EXPECT_EQ(read_all(input_of({lines}), {"a"}).rows.size(), 2u);
}

TEST(Files, SeveralMembersOfAGzipFileAreReadAsOne) {
  const Folder folder;
  write_compressed(folder.file("1.gz"), "a,b\n1,2\n", arrow::Compression::GZIP);
  write_compressed(folder.file("2.gz"), "3,4\n", arrow::Compression::GZIP);
  const auto both = folder.write("both.csv.gz", content_of(folder.file("1.gz")) + content_of(folder.file("2.gz")));
  EXPECT_EQ(read_all(input_of({both}), {"a"}).rows.size(), 2u);
}

TEST(Files, DamagedCompressedTextIsAnError) {
  const Folder folder;
  for (const auto& [ending, type] : {std::pair{".gz", arrow::Compression::GZIP}, {".zst", arrow::Compression::ZSTD}}) {
    const std::string path = folder.file(std::string("a.csv") + ending);
    write_compressed(path, many_rows(50000), type);
    const std::string whole = content_of(path);
    for (const std::string& bad :
         {whole.substr(0, whole.size() / 2), std::string("not compressed at all, but named so")}) {
      const auto got = read_all(input_of({folder.write(std::string("b.csv") + ending, bad)}), {"a"});
      ASSERT_TRUE(got.error) << ending;
      EXPECT_EQ(got.error->code, ErrorCode::data);
      EXPECT_NE(got.error->message.find("b.csv"), std::string::npos);
    }
  }
}

TEST(Files, DigestsAreOfTheWholeFile) {
  const Folder folder;
  for (const size_t rows : {size_t{1}, size_t{100000}}) {
    const std::string text = many_rows(rows);
    Input input = input_of({folder.write("a.csv", text)});
    EXPECT_EQ(read_all(input, {"a"}).files[0].digest, digest_of_bytes(text));
    input.digest = Digest::none;
    EXPECT_EQ(read_all(input, {"a"}).files[0].digest, "");
  }
}

TEST(Files, FormatsAreToldByTheEnding) {
  const Folder folder;
  EXPECT_EQ(read_all(input_of({folder.write("a.txt", "a\n1\n")}), {"a"}).rows.size(), 1u);
  EXPECT_EQ(read_all(input_of({folder.write("a.dat", "a\n1\n")}), {"a"}).error->code, ErrorCode::usage);
  EXPECT_EQ(read_all(input_of({folder.file("a.dat")}, FileFormat::csv), {"a"}).rows.size(), 1u);
  EXPECT_EQ(
      read_all(input_of({folder.write("a.csv", "a\n1\n"), folder.write("a.jsonl", "{\"a\":1}\n")}), {"a"}).error->code,
      ErrorCode::usage);
  EXPECT_EQ(format_ending("x.y/a"), "");
  EXPECT_EQ(format_ending("x.y/A.Csv.gz"), ".csv");
}

TEST(Files, FilesThatCannotBeOpened) {
  const Folder folder;
  for (const std::string& path : {folder.file("none.csv"), folder.file("none.parquet"), folder.file("none.jsonl")}) {
    const auto got = read_all(input_of({path}), {"a"});
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->code, ErrorCode::data);
    EXPECT_NE(got.error->message.find(path), std::string::npos);
    EXPECT_FALSE(look_at(input_of({path})));
  }
  std::filesystem::create_directory(folder.file("d.csv"));
  EXPECT_NE(read_all(input_of({folder.file("d.csv")}), {"a"}).error->message.find("directory"), std::string::npos);
}

TEST(Files, LookingAtCsv) {
  const Folder folder;
  const auto big = folder.write("a.csv", many_rows(100000));
  const auto shape = look_at(input_of({big}));
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(shape->forms, (std::vector{RawColumn::Form::text, RawColumn::Form::text}));
  EXPECT_FALSE(shape->rows_exact);
  EXPECT_NEAR(static_cast<double>(shape->rows), 100000, 5000);
  EXPECT_EQ(shape->bytes, std::filesystem::file_size(big));
  EXPECT_EQ(look_at(input_of({folder.write("s.csv", "a,b\n1,2\n3,4\n")}))->rows, 2u);

  Input both = input_of({big, folder.write("b.csv", "a\n1\n")});
  EXPECT_TRUE(look_at(both));  // nobody needs b
  both.fields = {field("x", {"b"})};
  const auto missing = look_at(both);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::usage);
  EXPECT_NE(missing.error().message.find("b.csv: there is no column \"b\"; its columns are a"), std::string::npos);
}

}  // namespace
}  // namespace tessera::test
