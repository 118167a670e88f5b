// Do Parquet files hold what was given, cut at the same rows for any cut into batches?
#include <oneapi/tbb/global_control.h>
#include <parquet/column_reader.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <cstring>

#include "tables.h"

namespace tessera::testing {
namespace {

using Group = parquet::RowGroupReader;

template <class Reader, class Value, class Convert>
auto read_column(Group& group, int column, Convert convert) {
  auto reader = std::static_pointer_cast<Reader>(group.Column(column));
  const auto rows = group.metadata()->num_rows();
  const bool nullable = reader->descr()->max_definition_level() > 0;
  std::vector<std::optional<decltype(convert(Value{}))>> out;
  while (static_cast<int64_t>(out.size()) < rows) {
    std::vector<int16_t> levels(1000, 1);
    std::vector<Value> values(1000);
    int64_t value_count = 0;
    const int64_t count =
        reader->ReadBatch(1000, nullable ? levels.data() : nullptr, nullptr, values.data(), &value_count);
    int64_t value = 0;
    for (int64_t i = 0; i < count; ++i) {
      if (levels[static_cast<size_t>(i)] == 0)
        out.push_back(std::nullopt);
      else
        out.push_back(convert(values[static_cast<size_t>(value++)]));
    }
    EXPECT_EQ(value, value_count);
  }
  return out;
}

auto read_texts(Group& group, int column) {
  return read_column<parquet::ByteArrayReader, parquet::ByteArray>(group, column, [](parquet::ByteArray text) {
    return std::string(reinterpret_cast<const char*>(text.ptr), text.len);
  });
}
auto read_int64s(Group& group, int column) {
  return read_column<parquet::Int64Reader, int64_t>(group, column, [](int64_t value) { return value; });
}
auto read_int32s(Group& group, int column) {
  return read_column<parquet::Int32Reader, int32_t>(group, column, [](int32_t v) { return int64_t{v}; });
}

TEST(Parquet, ReadsBackAsWritten) {
  Table table;
  table.columns.resize(6);
  table.columns[0].as = {"id", OutType::int64, false};
  table.columns[1].as = {"rank", OutType::int32, false};
  table.columns[2].as = {"weight", OutType::float64};
  table.columns[3].as = {"dob", OutType::date};
  table.columns[4].as = {"name", OutType::text};
  table.columns[5].as = {"carried", OutType::int64};
  for (size_t i = 0; i < 5000; ++i) {
    const auto number = static_cast<int64_t>(i * 2654435761u % 1000003);
    table.columns[0].numbers.emplace_back(number - 500000);
    table.columns[1].numbers.emplace_back(number % 8);
    table.columns[2].reals.push_back(number % 5 == 0 ? std::nullopt : std::optional(static_cast<double>(number) / 7));
    table.columns[3].numbers.push_back(number % 3 == 0 ? std::nullopt : std::optional(number % 40000 - 20000));
    table.columns[4].texts.push_back(
        number % 4 == 0 ? std::nullopt : std::optional(std::string(static_cast<size_t>(number % 30), 'x')));
    table.columns[5].numbers.push_back(number % 2 == 0 ? std::nullopt : std::optional(number << 40));
  }
  const Folder folder;
  const OutputFile file = write_table(folder / "t", FileFormat::parquet, table, 999);
  EXPECT_EQ(file.rows, 5000u);

  auto reader = parquet::ParquetFileReader::OpenFile(folder / "t");
  ASSERT_EQ(reader->metadata()->num_row_groups(), 1);
  auto group = reader->RowGroup(0);
  EXPECT_EQ(read_int64s(*group, 0), table.columns[0].numbers);
  EXPECT_EQ(read_int32s(*group, 1), table.columns[1].numbers);
  EXPECT_EQ((read_column<parquet::DoubleReader, double>(*group, 2, [](double v) { return v; })),
            table.columns[2].reals);
  EXPECT_EQ(read_int32s(*group, 3), table.columns[3].numbers);
  EXPECT_EQ(read_texts(*group, 4), table.columns[4].texts);
  EXPECT_EQ(read_int64s(*group, 5), table.columns[5].numbers);

  const auto* schema = reader->metadata()->schema();
  EXPECT_TRUE(schema->Column(3)->logical_type()->is_date());
  EXPECT_TRUE(schema->Column(4)->logical_type()->is_string());
  EXPECT_TRUE(schema->Column(0)->schema_node()->is_required());
  EXPECT_TRUE(schema->Column(5)->schema_node()->is_optional());
  EXPECT_EQ(group->metadata()->ColumnChunk(0)->compression(), parquet::Compression::ZSTD);
  EXPECT_TRUE(group->metadata()->ColumnChunk(0)->is_stats_set());
}

TEST(Parquet, EmptyTableHasItsColumns) {
  Table table;
  table.columns.resize(1);
  table.columns[0].as = {"id", OutType::int64};
  const Folder folder;
  write_table(folder / "t", FileFormat::parquet, table, 1);
  auto reader = parquet::ParquetFileReader::OpenFile(folder / "t");
  EXPECT_EQ(reader->metadata()->num_rows(), 0);
  EXPECT_EQ(reader->metadata()->schema()->Column(0)->name(), "id");
}

// A little over one full row group, with texts, nulls and numbers.
Table large() {
  Table table;
  table.columns.resize(3);
  table.columns[0].as = {"id", OutType::int64, false};
  table.columns[1].as = {"rank", OutType::int32};
  table.columns[2].as = {"text", OutType::text};
  for (size_t i = 0; i < (size_t{1} << 20) + 70'000; ++i) {
    const auto number = static_cast<int64_t>(i * 2654435761u % 1000003);
    table.columns[0].numbers.emplace_back(number);
    table.columns[1].numbers.push_back(number % 9 == 0 ? std::nullopt : std::optional(number % 8));
    table.columns[2].texts.push_back(number % 7 == 0 ? std::nullopt : std::optional(std::to_string(number % 2000)));
  }
  return table;
}

TEST(Parquet, BytesDoNotDependOnBatchesOrThreads) {
  const Table table = large();
  const Folder folder;
  const OutputFile whole = write_table(folder / "whole", FileFormat::parquet, table, table.rows());
  EXPECT_EQ(write_table(folder / "small", FileFormat::parquet, table, 8192).digest, whole.digest);
  EXPECT_EQ(write_table(folder / "odd", FileFormat::parquet, table, 100'003).digest, whole.digest);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  EXPECT_EQ(write_table(folder / "one", FileFormat::parquet, table, 8192).digest, whole.digest);

  auto reader = parquet::ParquetFileReader::OpenFile(folder / "odd");
  ASSERT_EQ(reader->metadata()->num_row_groups(), 2);
  EXPECT_EQ(reader->metadata()->RowGroup(0)->num_rows(), 1 << 20);
  EXPECT_EQ(reader->metadata()->RowGroup(1)->num_rows(), 70'000);
  std::vector<std::optional<std::string>> texts;
  for (int g = 0; g < 2; ++g) {
    for (auto& text : read_texts(*reader->RowGroup(g), 2)) texts.push_back(std::move(text));
  }
  EXPECT_TRUE(texts == table.columns[2].texts);
}

TEST(Parquet, LongTextsEndAGroupAtTheSameRow) {
  Table table;
  table.columns.resize(1);
  table.columns[0].as = {"text", OutType::text};
  const std::string text(6u << 20, 'x');
  for (int i = 0; i < 50; ++i) table.columns[0].texts.push_back(i % 10 == 0 ? std::nullopt : std::optional(text));
  const Folder folder;
  const OutputFile by_one = write_table(folder / "one", FileFormat::parquet, table, 1);
  const OutputFile by_seven = write_table(folder / "seven", FileFormat::parquet, table, 7);
  EXPECT_EQ(by_one.digest, by_seven.digest);
  auto reader = parquet::ParquetFileReader::OpenFile(folder / "one");
  ASSERT_EQ(reader->metadata()->num_row_groups(), 2);
  // 256 MiB take 42 texts of 6 MiB: rows 0 to 46 hold those and five nulls.
  EXPECT_EQ(reader->metadata()->RowGroup(0)->num_rows(), 47);
}

// Places in a dictionary come back as its tokens, nulls between them, over several groups and cuts into batches.
TEST(Parquet, TokensOfADictionary) {
  std::vector<OutToken> dictionary(50'000);
  for (size_t i = 0; i < dictionary.size(); ++i)
    for (size_t b = 0; b < 16; ++b) dictionary[i][b] = static_cast<std::byte>(i >> (b % 4 * 8));
  const std::vector<OutColumn> columns = {
      {.name = "maybe", .type = OutType::token, .dictionary = dictionary},
      {.name = "always", .type = OutType::token, .nullable = false, .dictionary = dictionary}};
  const size_t rows = 600'000;  // groups with tokens have a quarter of 2^20
  std::vector<uint32_t> places(rows), others(rows);
  std::vector<uint8_t> present(rows);
  for (size_t i = 0; i < rows; ++i) {
    places[i] = static_cast<uint32_t>(i * 7919 % dictionary.size());
    others[i] = static_cast<uint32_t>(i < 300'000 ? 17 : i % dictionary.size());
    present[i] = i % 5 != 0;
  }
  const Folder folder;
  const auto write = [&](const std::string& name, size_t batch) {
    auto writer = make_table_writer(folder / name, "t", FileFormat::parquet, columns);
    EXPECT_TRUE(writer);
    for (size_t begin = 0; begin < rows; begin += batch) {
      const size_t count = std::min(batch, rows - begin);
      const auto of = [&](const auto& all) { return std::span(all).subspan(begin, count); };
      OutBatch out{.rows = count, .columns = {}};
      out.columns.push_back({.present = of(present), .places = of(places)});
      out.columns.push_back({.places = of(others)});
      EXPECT_TRUE((*writer)->append((*writer)->prepare(out)));
    }
    return *(*writer)->close();
  };
  EXPECT_EQ(write("some", 16'384).digest, write("odd", 100'003).digest);
  auto reader = parquet::ParquetFileReader::OpenFile(folder / "odd");
  ASSERT_EQ(reader->metadata()->num_row_groups(), 3);
  size_t row = 0, wrong = 0;
  for (int g = 0; g < 3; ++g) {
    const auto maybe = read_texts(*reader->RowGroup(g), 0), always = read_texts(*reader->RowGroup(g), 1);
    const auto is = [&](const std::optional<std::string>& text, uint32_t place) {
      return text && std::memcmp(text->data(), dictionary[place].data(), 16) == 0 && text->size() == 16;
    };
    for (size_t i = 0; i < maybe.size(); ++i, ++row)
      wrong += static_cast<size_t>(present[row] != 0 ? !is(maybe[i], places[row]) : maybe[i].has_value()) +
               static_cast<size_t>(!is(always[i], others[row]));
  }
  EXPECT_EQ(row, rows);
  EXPECT_EQ(wrong, 0U);
}

// Over several groups and pieces; the last group ends within a piece.
TEST(Parquet, TextsOfADictionaryAndOfAWidthAreThoseTexts) {
  const ThreeWays made((size_t{1} << 20) + 70'001, 3000);
  const Folder folder;
  const OutputFile odd = made.write(folder / "odd", FileFormat::parquet, 100'003);
  EXPECT_EQ(made.write(folder / "small", FileFormat::parquet, 8191).digest, odd.digest);
  auto reader = parquet::ParquetFileReader::OpenFile(folder / "odd");
  ASSERT_EQ(reader->metadata()->num_row_groups(), 2);
  size_t row = 0, wrong = 0;
  for (int g = 0; g < 2; ++g) {
    const auto group = reader->RowGroup(g);
    const auto plain = read_texts(*group, 0), always = read_texts(*group, 3);
    EXPECT_EQ(read_texts(*group, 1), plain);
    EXPECT_EQ(read_texts(*group, 2), plain);
    for (size_t i = 0; i < plain.size(); ++i, ++row) {
      wrong += plain[i].has_value() != (made.present[row] != 0);
      wrong += always[i] != made.values[made.places[row]];
    }
  }
  EXPECT_EQ(row, made.places.size());
  EXPECT_EQ(wrong, 0U);
}

TEST(Parquet, LeftUnfinishedItWritesNoMore) {
  Table table;
  table.columns.resize(1);
  table.columns[0].as = {"id", OutType::int64};
  table.columns[0].numbers = {1, 2, 3};
  const Folder folder;
  {
    auto writer = make_table_writer(folder / "t", "t", FileFormat::parquet, table.names());
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->append(prepare_rows(**writer, table, 0, 3)));
  }
  EXPECT_THROW(parquet::ParquetFileReader::OpenFile(folder / "t"), std::exception);  // never a file that looks whole
}

}  // namespace
}  // namespace tessera::testing
