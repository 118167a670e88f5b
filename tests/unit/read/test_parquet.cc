// What comes out of Parquet files, written here through Arrow and through Parquet's own writer.
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>
#include <rapidcheck.h>

#include <random>

#include "helpers.h"

namespace tessera::test {
namespace {

using Texts = std::vector<Cell>;
using Numbers = std::vector<std::optional<int64_t>>;

std::shared_ptr<arrow::Array> texts(const Texts& values, const std::shared_ptr<arrow::DataType>& type = arrow::utf8()) {
  auto builder = *arrow::MakeBuilder(type);
  for (const Cell& value : values) {
    auto& own = dynamic_cast<arrow::BinaryBuilder&>(*builder);
    EXPECT_TRUE((value ? own.Append(*value) : own.AppendNull()).ok());
  }
  return *builder->Finish();
}

// Any type that takes whole numbers.
template <class Builder>
std::shared_ptr<arrow::Array> numbers(const Numbers& values, const std::shared_ptr<arrow::DataType>& type) {
  Builder builder(type, arrow::default_memory_pool());
  using T = typename Builder::value_type;
  for (const auto& value : values) {
    EXPECT_TRUE((value ? builder.Append(static_cast<T>(*value)) : builder.AppendNull()).ok());
  }
  return *builder.Finish();
}

using Properties = std::shared_ptr<parquet::WriterProperties>;

struct Columns {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  void add(const std::string& name, const std::shared_ptr<arrow::Array>& array, bool nullable = true) {
    fields.push_back(arrow::field(name, array->type(), nullable));
    arrays.push_back(array);
  }
};

void write(const std::string& path, const Columns& columns, int64_t group_rows = 1 << 20,
           const Properties& properties = parquet::default_writer_properties(), bool int96 = false) {
  const auto table = arrow::Table::Make(arrow::schema(columns.fields), columns.arrays);
  auto file = *arrow::io::FileOutputStream::Open(path);
  parquet::ArrowWriterProperties::Builder arrow_properties;
  if (int96) arrow_properties.enable_deprecated_int96_timestamps();
  const auto status = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), file, group_rows, properties,
                                                 arrow_properties.build());
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_TRUE(file->Close().ok());
}

class Parquet : public ::testing::Test {
 protected:
  Folder folder;
  std::string path = folder.file("a.parquet");
  Input input = input_of({path});
};

TEST_F(Parquet, NumbersTextAndDays) {
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>({9000000000, -1, std::nullopt}, arrow::int64()));
  columns.add("nhs", texts({"943 476 5919", std::nullopt, ""}));
  columns.add("dob", numbers<arrow::Date32Builder>({0, -25567, std::nullopt}, arrow::date32()));
  write(path, columns);
  const auto got = read_all(input, {"dob", "id", "nhs", "id"});
  ASSERT_FALSE(got.error) << got.error->message;
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"0", "9000000000", "943 476 5919", "9000000000"}),
                                        row({"-25567", "-1", "-", "-1"}), Row{Cell{}, Cell{}, Cell{""}, Cell{}}}));
  using enum RawColumn::Form;
  EXPECT_EQ(got.forms, (std::vector{day, number, text, number}));
  EXPECT_EQ(got.morsels, 1u);
  const auto shape = look_at(input);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->columns, (std::vector<std::string>{"id", "nhs", "dob"}));
  EXPECT_EQ(shape->forms, (std::vector{number, text, day}));
  EXPECT_EQ(shape->rows, 3u);
  EXPECT_TRUE(shape->rows_exact);
}

TEST_F(Parquet, EveryTypeThatHasAMeaning) {
  const Numbers values = {7, 0, std::nullopt, 100};
  Columns columns;
  columns.add("i8", numbers<arrow::Int8Builder>(values, arrow::int8()));
  columns.add("u32", numbers<arrow::UInt32Builder>({4294967295, 0, std::nullopt, 100}, arrow::uint32()));
  columns.add("u64", numbers<arrow::UInt64Builder>(values, arrow::uint64()));
  columns.add("f", numbers<arrow::FloatBuilder>(values, arrow::float32()));
  columns.add("d", numbers<arrow::DoubleBuilder>({9434765919, 0, std::nullopt, -3}, arrow::float64()));
  columns.add("b", numbers<arrow::BooleanBuilder>({1, 0, std::nullopt, 1}, arrow::boolean()));
  columns.add("ms", numbers<arrow::TimestampBuilder>({86400000, -1, std::nullopt, 86399999},
                                                     arrow::timestamp(arrow::TimeUnit::MILLI)));
  columns.add("us", numbers<arrow::TimestampBuilder>({86400000000, -1, std::nullopt, 0},
                                                     arrow::timestamp(arrow::TimeUnit::MICRO)));
  columns.add("ns", numbers<arrow::TimestampBuilder>({86400000000000, -1, std::nullopt, 0},
                                                     arrow::timestamp(arrow::TimeUnit::NANO)));
  columns.add("text", texts({"a", "b", std::nullopt, "c"}));
  columns.add("raw", texts({"a", "b", std::nullopt, "c"}, arrow::binary()));
  arrow::FixedSizeBinaryBuilder fixed(arrow::fixed_size_binary(2));
  arrow::Decimal128Builder decimal(arrow::decimal128(9, 2));
  arrow::Decimal128Builder big(arrow::decimal128(30, 0));
  for (const auto& value : values) {
    ASSERT_TRUE((value ? fixed.Append("ab") : fixed.AppendNull()).ok());
    ASSERT_TRUE((value ? decimal.Append(arrow::Decimal128(-12345)) : decimal.AppendNull()).ok());
    ASSERT_TRUE(
        (value ? big.Append(*arrow::Decimal128::FromString("123456789012345678901234567890")) : big.AppendNull()).ok());
  }
  columns.add("fixed", *fixed.Finish());
  columns.add("decimal", *decimal.Finish());
  columns.add("big", *big.Finish());
  std::vector<std::string> names;
  for (const auto& f : columns.fields) names.push_back(f->name());
  const std::vector<Row> wanted = {row({"7", "4294967295", "7", "7", "9434765919", "true", "1", "1", "1", "a", "a",
                                        "ab", "-123.45", "123456789012345678901234567890"}),
                                   row({"0", "0", "0", "0", "0", "false", "-1", "-1", "-1", "b", "b", "ab", "-123.45",
                                        "123456789012345678901234567890"}),
                                   Row(14),
                                   row({"100", "100", "100", "100", "-3", "true", "0", "0", "0", "c", "c", "ab",
                                        "-123.45", "123456789012345678901234567890"})};
  for (const bool dictionary : {true, false}) {
    parquet::WriterProperties::Builder builder;
    if (!dictionary) builder.disable_dictionary();
    write(path, columns, 1 << 20, builder.build());
    const auto got = read_all(input, names);
    ASSERT_FALSE(got.error) << got.error->message;
    EXPECT_EQ(got.rows, wanted);
  }
}

TEST_F(Parquet, FractionsReadBackTheSameAndNotANumberIsNull) {
  arrow::DoubleBuilder builder;
  ASSERT_TRUE(builder.AppendValues({0.1, -2.5e300, std::nan(""), 1e15, 9007199254740993.0}).ok());
  Columns columns;
  columns.add("d", *builder.Finish());
  write(path, columns);
  const auto got = read_all(input, {"d"});
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"0.1"}), row({"-2.5e+300"}), row({"-"}), row({"1000000000000000"}),
                                        row({"9007199254740992"})}));
}

TEST_F(Parquet, OldTimestampsOf96Bits) {
  Columns columns;
  columns.add("t", numbers<arrow::TimestampBuilder>({-1, 0, 86400}, arrow::timestamp(arrow::TimeUnit::SECOND)));
  write(path, columns, 1 << 20, parquet::default_writer_properties(), true);
  EXPECT_EQ(read_all(input, {"t"}).rows, (std::vector<Row>{row({"-1"}), row({"0"}), row({"1"})}));
}

TEST_F(Parquet, TypesWithoutAMeaningAreErrorsOnlyWhereNeeded) {
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>({1}, arrow::int64()));
  columns.add("time", numbers<arrow::Time32Builder>({1}, arrow::time32(arrow::TimeUnit::MILLI)));
  columns.add("u64", numbers<arrow::UInt64Builder>({-1}, arrow::uint64()));
  arrow::ListBuilder list(arrow::default_memory_pool(), std::make_shared<arrow::Int64Builder>());
  ASSERT_TRUE(list.Append().ok());
  columns.add("list", *list.Finish());
  arrow::StructBuilder group(arrow::struct_({arrow::field("id", arrow::int64())}), arrow::default_memory_pool(),
                             {std::make_shared<arrow::Int64Builder>()});
  ASSERT_TRUE(group.AppendNull().ok());
  columns.add("group", *group.Finish());
  write(path, columns);
  EXPECT_EQ(read_all(input, {"id"}).rows, (std::vector<Row>{row({"1"})}));
  for (const auto& [name, word] :
       {std::pair{"time", "Time"}, {"list", "nested"}, {"group", "nested"}, {"u64", "above"}}) {
    const auto got = read_all(input, {"id", name});
    ASSERT_TRUE(got.error) << name;
    EXPECT_EQ(got.error->code, ErrorCode::data);
    EXPECT_NE(got.error->message.find(path), std::string::npos);
    EXPECT_NE(got.error->message.find("\"" + std::string(name) + "\""), std::string::npos) << got.error->message;
    EXPECT_NE(got.error->message.find(word), std::string::npos) << got.error->message;
  }
  EXPECT_EQ(look_at(input)->columns.size(), 5u);
}

TEST_F(Parquet, ColumnWhollyInADictionaryComesWithIndices) {
  Columns columns;
  Texts sex;
  for (int i = 0; i < 5000; ++i) sex.push_back(i % 7 == 0 ? Cell{} : Cell{i % 2 == 0 ? "M" : "F"});
  columns.add("sex", texts(sex));
  write(path, columns, 2000);
  auto source = open_source(input, {"sex", "sex"});
  ASSERT_TRUE(source);
  const auto scratch = make_read_scratch();
  std::vector<uint64_t> ids;
  size_t i = 0;
  for (;;) {
    auto morsel = (*source)->next();
    ASSERT_TRUE(morsel);
    if (!*morsel) break;
    use_scratch(**morsel, *scratch);
    RawBatch batch;
    std::vector<Reject> rejects;
    while (*(*morsel)->next(batch, rejects)) {
      const RawColumn& column = batch.columns[0];
      ASSERT_EQ(column.indices.size(), batch.rows);
      EXPECT_EQ(column.texts.size(), 2u);
      EXPECT_EQ(batch.columns[1].dictionary_id, column.dictionary_id);
      if (ids.empty() || ids.back() != column.dictionary_id) ids.push_back(column.dictionary_id);
      for (size_t k = 0; k < batch.rows; ++k, ++i) ASSERT_EQ(cell_of(column, k), sex[i]);
    }
  }
  EXPECT_EQ(i, sex.size());
  EXPECT_EQ(ids.size(), 3u);  // one for each row group, never 0, never the same
  EXPECT_EQ(std::ranges::count(ids, 0u), 0);
}

TEST_F(Parquet, BatchesEndWithThePagesOfAnyColumnAndLoseNothing) {
  // Any mixture: pages of all sizes and versions, dictionaries that overflow, nulls, encodings, codecs.
  EXPECT_TRUE(rc::check([&](uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](size_t bound) { return random() % bound; };
    const size_t rows = below(3000);
    const size_t null_one_in = below(3) == 0 ? 0 : 1 + below(20);
    Texts words;
    Texts few;
    Numbers ids;
    Numbers days;
    const auto null = [&] { return null_one_in != 0 && below(null_one_in) == 0; };
    const bool one_width = below(3) == 0;
    const std::string end = below(3) == 0 ? "\u00e9" : "e";
    for (size_t i = 0; i < rows; ++i) {
      words.push_back(null() ? Cell{}
                             : Cell{std::string(one_width ? 0 : below(30), static_cast<char>('a' + below(26))) +
                                    std::to_string(10000 + below(90000)) + end});
      few.push_back(null() ? Cell{} : Cell{std::string(one_width ? 2 : below(5), 'x')});
      ids.push_back(static_cast<int64_t>(random()));
      days.push_back(null() ? std::optional<int64_t>{} : std::optional{static_cast<int64_t>(below(40000)) - 20000});
    }
    Columns columns;
    columns.add("words", texts(words));
    columns.add("few", texts(few));
    columns.add("id", numbers<arrow::Int64Builder>(ids, arrow::int64()), false);
    columns.add("day", numbers<arrow::Date32Builder>(days, arrow::date32()));
    parquet::WriterProperties::Builder builder;
    builder.data_pagesize(100 + static_cast<int64_t>(below(5000)))
        ->write_batch_size(1 + static_cast<int64_t>(below(100)));
    builder.dictionary_pagesize_limit(200 + static_cast<int64_t>(below(20000)));
    if (below(2) == 0) builder.data_page_version(parquet::ParquetDataPageVersion::V2);
    if (below(2) == 0) builder.disable_statistics();
    if (below(2) == 0) builder.enable_page_checksum();
    const parquet::Compression::type codecs[] = {parquet::Compression::UNCOMPRESSED, parquet::Compression::ZSTD,
                                                 parquet::Compression::SNAPPY};
    builder.compression(codecs[below(3)]);
    if (below(3) == 0) {
      builder.disable_dictionary();
      const parquet::Encoding::type encodings[] = {parquet::Encoding::PLAIN, parquet::Encoding::DELTA_BYTE_ARRAY,
                                                   parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY};
      builder.encoding("words", encodings[below(3)])->encoding("few", encodings[below(3)]);
      if (below(2) == 0) builder.encoding("id", parquet::Encoding::DELTA_BINARY_PACKED);
    }
    write(path, columns, 1 + static_cast<int64_t>(below(2000)), builder.build());
    const auto got = read_all(input, {"words", "id", "few", "day"}, {.batch_rows = 1 + below(700)});
    RC_ASSERT(!got.error);
    RC_ASSERT(got.rows.size() == rows);
    for (size_t i = 0; i < rows; ++i) {
      const Row wanted{words[i], std::to_string(*ids[i]), few[i], days[i] ? Cell{std::to_string(*days[i])} : Cell{}};
      RC_ASSERT(got.rows[i] == wanted);
      RC_ASSERT(got.places[i] == i);
    }
  }));
}

TEST_F(Parquet, ARowGroupOfASmallInputIsReadInParts) {
  constexpr size_t rows = 150'000;
  Texts few, many;
  Numbers ids;
  std::vector<Row> wanted;
  for (size_t i = 0; i < rows; ++i) {
    few.push_back(i % 7 == 0 ? Cell{} : Cell{"value " + std::to_string(i % 40)});
    many.push_back(i % 1000 < 3 ? Cell{} : Cell{"text " + std::to_string(i * i)});
    ids.push_back(static_cast<int64_t>(i));
    wanted.push_back({Cell{std::to_string(i)}, few.back(), many.back()});
  }
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>(ids, arrow::int64()), false);
  columns.add("few", texts(few));
  columns.add("many", texts(many));
  for (const auto version : {parquet::ParquetDataPageVersion::V1, parquet::ParquetDataPageVersion::V2}) {
    // Pages end at other rows than parts do, and each column's at its own; or just where a part does.
    const int64_t page_rows = version == parquet::ParquetDataPageVersion::V1 ? 7'777 : 4'096;
    write(path, columns, 1 << 20,
          parquet::WriterProperties::Builder()
              .data_page_version(version)
              ->data_pagesize(version == parquet::ParquetDataPageVersion::V1 ? 20'000 : 1 << 20)
              ->max_rows_per_page(page_rows)
              ->disable_dictionary("many")
              ->build());
    const auto got = read_all(input, {"id", "few", "many"});
    ASSERT_FALSE(got.error) << got.error->message;
    EXPECT_EQ(got.morsels, 5u);  // four of 2^15 rows, and what is left
    EXPECT_TRUE(got.rows == wanted);
  }
}

// The power of 2 that is nearest to a part, of which there are 8 at most; a short rest goes along, and what is left of less
// than two parts is halved.
TEST_F(Parquet, PartsAreAPowerOf2) {
  using Parts = std::vector<uint64_t>;
  for (const auto& [rows, parts] : std::vector<std::pair<size_t, Parts>>{
           {0, {}},
           {1, {1}},
           {65'535, {65'535}},
           {65'536, {32'768, 32'768}},
           {65'537, {32'768, 32'769}},
           {98'303, {49'152, 49'151}},
           {100'000, {32'768, 32'768, 34'464}},
           {500'000, {65'536, 65'536, 65'536, 65'536, 65'536, 65'536, 53'392, 53'392}}}) {
    Columns columns;
    Numbers ids;
    for (size_t i = 0; i < rows; ++i) ids.push_back(static_cast<int64_t>(i));
    columns.add("id", numbers<arrow::Int64Builder>(ids, arrow::int64()), false);
    write(path, columns, 1 << 20, parquet::WriterProperties::Builder().build());
    const auto got = read_all(input, {"id"});
    ASSERT_FALSE(got.error) << got.error->message;
    EXPECT_EQ(got.morsel_rows, parts) << rows;
    ASSERT_EQ(got.rows.size(), rows);
    for (size_t i = 0; i < rows; ++i) ASSERT_EQ(got.rows[i][0], std::to_string(i));
  }
}

TEST_F(Parquet, WhereIsJudgedOnEveryForm) {
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>({1, 2, 3, 4, 5}, arrow::int64()));
  columns.add("day",
              numbers<arrow::Date32Builder>({-1, 0, 19723, std::nullopt, 47482},
                                            arrow::date32()));  // 1969-12-31 1970-01-01 2024-01-01 null 2100-01-01
  columns.add("sex", texts({"M", "F", "M", std::nullopt, "F"}));
  const auto kept = [&](const Filter& filter) {
    input.where = filter;
    std::vector<std::string> ids;
    const auto got = read_all(input, {"id"});
    EXPECT_FALSE(got.error);
    for (const Row& r : got.rows) ids.push_back(*r[0]);
    return ids;
  };
  const auto filter = [](Filter::Op op, const std::string& column, const std::string& value, bool numeric) {
    Filter f;
    f.op = op;
    f.column = column;
    f.values = {value};
    f.numeric = {numeric};
    return f;
  };
  for (const bool dictionary : {true, false}) {
    parquet::WriterProperties::Builder builder;
    if (!dictionary) builder.disable_dictionary();
    write(path, columns, 3, builder.build());
    EXPECT_EQ(kept(filter(Op::lt, "day", "2024-01-01", false)), (Ids{"1", "2"}));
    EXPECT_EQ(kept(filter(Op::ge, "day", "1970-01-01", false)), (Ids{"2", "3", "5"}));
    EXPECT_EQ(kept(filter(Op::eq, "day", "2024-01-01", false)), (Ids{"3"}));
    EXPECT_EQ(kept(filter(Op::eq, "day", "0", true)), (Ids{}));
    EXPECT_EQ(kept(filter(Op::eq, "sex", "F", false)), (Ids{"2", "5"}));
    EXPECT_EQ(kept(filter(Op::ne, "sex", "F", false)), (Ids{"1", "3"}));
    EXPECT_EQ(kept(filter(Op::gt, "id", "2.5", true)), (Ids{"3", "4", "5"}));
    EXPECT_EQ(kept(filter(Op::eq, "id", "2", false)), (Ids{"2"}));
    EXPECT_EQ(kept(filter(Op::eq, "id", "2.0", false)), (Ids{}));
  }
}

TEST_F(Parquet, BytesThatAreNotTextRejectTheRow) {
  using parquet::Encoding;
  for (const auto encoding :
       {Encoding::RLE_DICTIONARY, Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY}) {
    Columns columns;
    columns.add("id", numbers<arrow::Int64Builder>({1, 2, 3, 4}, arrow::int64()));
    columns.add("name", texts({"Zo\xC3\xAB", "Zo\xEBs", std::nullopt, "Zoes"}, arrow::binary()));
    parquet::WriterProperties::Builder builder;
    if (encoding != Encoding::RLE_DICTIONARY) builder.disable_dictionary("name")->encoding("name", encoding);
    write(path, columns, 1 << 20, builder.build());
    input.fields = {field("given_name", {"name"})};
    const auto got = read_all(input, {"id", "name"});
    ASSERT_FALSE(got.error);
    EXPECT_EQ(got.rows, (std::vector<Row>{row({"1", "Zo\xC3\xAB"}), row({"3", "-"}), row({"4", "Zoes"})}));
    ASSERT_EQ(reject_rows(got), (std::vector<uint64_t>{1}));
    EXPECT_EQ(got.rejects[0].reason, RejectReason::undecodable);
    EXPECT_EQ(got.rejects[0].field, 0);
  }
}

TEST_F(Parquet, FilesThatAreNotWhatTheyShouldBe) {
  Columns columns;
  Numbers ids;
  for (int i = 0; i < 20000; ++i) ids.push_back(i * 7919);
  columns.add("id", numbers<arrow::Int64Builder>(ids, arrow::int64()));
  write(path, columns);
  const std::string whole = content_of(path);
  std::string wrong_magic = whole;
  wrong_magic[0] = 'X';
  std::string wrong_footer = whole;
  wrong_footer[wrong_footer.size() - 7] ^= 0x40;
  std::string garbled = whole;
  std::fill(garbled.begin() + 4, garbled.begin() + 400, '\x7F');
  const std::pair<std::string, const char*> cases[] = {{whole.substr(0, whole.size() / 2), "truncated"},
                                                       {whole.substr(0, 5), "truncated"},
                                                       {"", "empty"},
                                                       {"id,dob\n1,2\n", "is not a Parquet file"},
                                                       {wrong_magic, "is not a Parquet file"},
                                                       {wrong_footer, "cannot be read"},
                                                       {garbled, "row group 1"}};
  for (const auto& [bytes, word] : cases) {
    const auto got = read_all(input_of({folder.write("b.parquet", bytes)}), {"id"});
    ASSERT_TRUE(got.error) << word;
    EXPECT_EQ(got.error->code, ErrorCode::data);
    EXPECT_NE(got.error->message.find("b.parquet"), std::string::npos);
    EXPECT_NE(got.error->message.find(word), std::string::npos) << got.error->message;
  }
}

TEST_F(Parquet, ColumnsOfSeveralFilesMustAgree) {
  Columns first;
  first.add("id", numbers<arrow::Int64Builder>({1}, arrow::int64()));
  first.add("x", texts({"a"}));
  write(path, first);
  Columns wider;
  wider.add("x", texts({"b"}));
  wider.add("id", numbers<arrow::Int32Builder>({2}, arrow::int32()));
  write(folder.file("b.parquet"), wider);
  input.paths.push_back(folder.file("b.parquet"));
  EXPECT_EQ(read_all(input, {"id", "x"}).rows, (std::vector<Row>{row({"1", "a"}), row({"2", "b"})}));
  Columns other;
  other.add("id", texts({"3"}));
  write(folder.file("c.parquet"), other);
  input.paths.push_back(folder.file("c.parquet"));
  const auto changed = read_all(input, {"id"});
  ASSERT_TRUE(changed.error);
  EXPECT_EQ(changed.error->code, ErrorCode::data);
  EXPECT_NE(changed.error->message.find("c.parquet: column \"id\" is text, but it is a number in"), std::string::npos)
      << changed.error->message;
  EXPECT_EQ(read_all(input, {"x"}).error->code, ErrorCode::usage);
  input.fields = {field("x", {"x"})};
  EXPECT_EQ(look_at(input).error().code, ErrorCode::usage);
}

TEST_F(Parquet, NoRowsAndNoGroups) {
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>({}, arrow::int64()));
  write(path, columns);
  const auto got = read_all(input, {"id"});
  ASSERT_FALSE(got.error);
  EXPECT_EQ(got.seen, 0u);
  EXPECT_EQ(read_all(input, {}).seen, 0u);
}

TEST_F(Parquet, RowsAreCountedWithoutColumns) {
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>({1, 2, 3}, arrow::int64()));
  write(path, columns, 2);
  EXPECT_EQ(read_all(input, {}).seen, 3u);
}

TEST_F(Parquet, Digests) {
  Columns columns;
  columns.add("id", numbers<arrow::Int64Builder>({1, 2, 3}, arrow::int64()));
  write(path, columns);
  EXPECT_TRUE(read_all(input, {"id"}).files[0].digest.starts_with("xxh3-128-footer:"));
  EXPECT_EQ(read_all(input, {"id"}).files[0].digest.size(), 16u + 32u);
  input.digest = Digest::full;
  EXPECT_TRUE(read_all(input, {"id"}).files[0].digest.starts_with("xxh3-128:"));
  input.digest = Digest::none;
  EXPECT_EQ(read_all(input, {"id"}).files[0].digest, "");
}

}  // namespace
}  // namespace tessera::test
