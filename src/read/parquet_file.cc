// parquet_file.cc: what does the footer of a Parquet file say? (see parquet_file.h)
#include "read/parquet_file.h"

#include <arrow/io/file.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>

#include <atomic>
#include <string_view>

#include "read/columns.h"

namespace tessera {

namespace {

// Says what is wrong before the library does, in words for a person.
Status check_magic(const InputFile& file) {
  char head[4] = {};
  char tail[8] = {};
  if (file.bytes() == 0) return fail(ErrorCode::data, fmt::format("{}: empty: not a Parquet file", file.path()));
  TESSERA_ASSIGN(const size_t got, file.read_at(0, head, 4));
  const std::string_view magic("PAR1");
  if (got == 4 && std::string_view(head, 4) == "PARE") {
    return fail(ErrorCode::data, fmt::format("{}: is an encrypted Parquet file, which cannot be read", file.path()));
  }
  if (got < 4 || std::string_view(head, 4) != magic) {
    return fail(ErrorCode::data, fmt::format("{}: is not a Parquet file: it does not begin with PAR1", file.path()));
  }
  if (file.bytes() >= 12) TESSERA_TRY(file.read_at(file.bytes() - 8, tail, 8));
  if (std::string_view(tail + 4, 4) != magic) {
    return fail(ErrorCode::data,
                fmt::format("{}: is a truncated Parquet file: it does not end with PAR1", file.path()));
  }
  return {};
}

}  // namespace

std::string reason_of(const std::exception& error) {
  std::string text = error.what();
  const size_t end = text.find('\n');
  return end == std::string::npos ? text : text.substr(0, end);
}

Result<ParquetFile> open_parquet_file(const std::string& path) {
  TESSERA_ASSIGN(InputFile file, InputFile::open(path));
  TESSERA_TRY(check_magic(file));
  return guarded(path, [&]() -> Result<ParquetFile> {
    auto opened = arrow::io::ReadableFile::Open(path);
    if (!opened.ok()) return fail(ErrorCode::data, fmt::format("{}: cannot be read", path));
    static std::atomic<uint64_t> last{0};
    ParquetFile out{std::move(file), ++last, parquet::ReadMetaData(*opened), {}, {}};
    if (out.metadata->is_encryption_algorithm_set()) {
      return fail(ErrorCode::data, fmt::format("{}: is an encrypted Parquet file, which cannot be read", path));
    }
    return out;
  });
}

std::vector<std::string> top_columns(const parquet::FileMetaData& metadata) {
  const parquet::schema::GroupNode& root = *metadata.schema()->group_node();
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(root.field_count()));
  for (int i = 0; i < root.field_count(); ++i) names.push_back(root.field(i)->name());
  return names;
}

Result<std::pair<int, ParquetType>> find_leaf(const parquet::FileMetaData& metadata, const std::string& name,
                                              const std::string& path) {
  const parquet::SchemaDescriptor& schema = *metadata.schema();
  const parquet::schema::GroupNode& root = *schema.group_node();
  int found = -1;
  for (int i = 0; i < root.field_count(); ++i) {
    if (root.field(i)->name() != name) continue;
    if (found >= 0) return fail(ErrorCode::data, fmt::format("{}: column \"{}\" is there twice", path, name));
    found = i;
  }
  if (found < 0) return std::unexpected(no_such_column(name, path, top_columns(metadata)));
  for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
    if (schema.GetColumnRoot(leaf) != root.field(found).get()) continue;
    auto type = parquet_type(*schema.Column(leaf));
    if (!type) return fail(type.error().code, fmt::format("{}: column \"{}\" {}", path, name, type.error().message));
    return std::pair{leaf, *type};
  }
  return fail(ErrorCode::data, fmt::format("{}: column \"{}\" is nested and empty", path, name));
}

}  // namespace tessera
