// write.h: how do tables reach the disk?
//
// prepare() does what can be done in parallel (formatting, gathering); append() is
// called from one thread at a time in order and does the rest. The bytes of a file
// depend on its rows only: not on how they were cut into batches.
//
// Not here: when a file becomes visible (base/publish.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"
#include "write/model_report.h"

namespace tessera {

enum class OutType : uint8_t {
  text,
  int64,
  int32,
  float64,
  date,     // days since 1970 in `numbers`
  token,    // 16 bytes, in `tokens`; Parquet only
  boolean,  // 0 and 1 in `numbers`
};

using OutToken = std::array<std::byte, 16>;

struct OutColumn {
  std::string name;
  OutType type = OutType::text;
  bool nullable = true;   // false: no row is null; Parquet then says so, and is quicker to write
  bool distinct = false;  // of text: nearly every value occurs once; a dictionary would only cost
  unsigned width = 0;     // of text, if not 0: the characters of every value; no dictionary is made of them
  // Of tokens and of texts, if not empty: where those of all batches are, each once. Outlives the writer.
  std::span<const OutToken> dictionary{};
  std::span<const std::string_view> text_dictionary{};
  [[nodiscard]] bool has_dictionary() const { return !dictionary.empty() || !text_dictionary.empty(); }
};

// One column of a batch: the span that fits its type holds one value a row.

struct OutValues {
  std::span<const std::string_view> texts;  // data() == nullptr: null
  std::span<const int64_t> numbers;         // int64, int32, date, boolean
  std::span<const double> reals;
  std::span<const uint8_t> present;  // of all but texts: empty: all present
  std::span<const OutToken> tokens{};
  // Of a column with a width, instead of texts: one value after another, also where it is null.
  std::span<const char> characters{};
  std::span<const uint32_t> places{};  // of a column with a dictionary, instead of tokens or texts
};

struct OutBatch {
  size_t rows = 0;
  std::vector<OutValues> columns;
};

class TableWriter {
 public:
  class Chunk {
   public:
    virtual ~Chunk() = default;
  };
  virtual ~TableWriter() = default;
  // Copies what it needs of the batch. Thread-safe.
  [[nodiscard]] virtual std::unique_ptr<Chunk> prepare(const OutBatch&) const = 0;
  // Fails: resource (4) when the disk is full, with the path.
  virtual Status append(std::unique_ptr<Chunk>) = 0;
  // Flushes, syncs and closes; rows, bytes and digest of the file.
  virtual Result<OutputFile> close() = 0;
};

// Creates `path` with mode 0600. `name` is what the manifest calls it.
// Parquet: zstd, row groups of 2^20 rows (fewer where they would hold more than 256 MiB of text).
// `notes` go into the key-value metadata of Parquet; other formats have no place for them.
// CSV: RFC 4180, header, \n; null is empty, the empty text is "". ndjson: one object a row, nulls left out.
Result<std::unique_ptr<TableWriter>> make_table_writer(
    const std::string& path, const std::string& name, FileFormat format, const std::vector<OutColumn>& columns,
    const std::vector<std::pair<std::string, std::string>>& notes = {});

// ".parquet", ".csv", ".ndjson".
const char* ending_of(FileFormat);

// The manifest: configuration, digests, counts, timings, versions; no identifiers.
// Its schema: configs/schema/manifest.schema.json.
std::string manifest_json(const Job&, const LinkReport&);

}  // namespace tessera
