// read.h: how do rows come out of files?
//
//   Source  a list of files  ── next() ──>  Morsel  a row group, or a block of lines
//   Morsel                   ── next() ──>  RawBatch  some thousand rows
//
// Source::next is called from one thread at a time, in order; it only finds where
// the next morsel lies (and, for text, reads its bytes). Morsels are decoded in
// parallel, each by one thread. So order is kept and reading overlaps with work.
//
// Not here: what values mean (standardise/).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "record/raw.h"
#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

class Morsel {
 public:
  virtual ~Morsel() = default;
  // Fills `out` with the next batch; false when there is none (out is untouched).
  // Buffers behind `out` live until the next call. Appends what cannot be used to
  // `rejects`. Fails: data (3) with the file's name and what is wrong.
  virtual Result<bool> next(RawBatch& out, std::vector<Reject>& rejects) = 0;
  // After next() returned false: rows of the file that this morsel covered
  // (used, filtered and rejected), and how many `where` left out.
  [[nodiscard]] virtual uint64_t rows_seen() const = 0;
  [[nodiscard]] virtual uint64_t rows_filtered() const = 0;
  // Index of its file in Input::paths.
  [[nodiscard]] virtual uint32_t file() const = 0;
};

// Buffers that morsels take and give back, so that memory touched once is used
// again. One per thread; never shared by two live morsels.
class ReadScratch;
struct ReadScratchDeleter {
  void operator()(ReadScratch*) const;
};
using ReadScratchPtr = std::unique_ptr<ReadScratch, ReadScratchDeleter>;
ReadScratchPtr make_read_scratch();

class Source {
 public:
  virtual ~Source() = default;
  // The next morsel in order of files and rows; nullptr at the end.
  virtual Result<std::unique_ptr<Morsel>> next() = 0;
  // Per file, after the last morsel: bytes and digest.
  [[nodiscard]] virtual std::vector<InputReport::File> files() const = 0;
};

struct ReadOptions {
  uint64_t batch_bytes = 4ull << 20;      // text block size; for Parquet bounds rows a batch
  size_t batch_rows = 16384;              // rows a batch at most
  uint64_t line_bytes_max = 16ull << 20;  // a longer row of text is an error: it would not fit in memory
};

// Opens the files of an input to read `columns` (each must exist; duplicates
// allowed) where `input.where` holds. Columns of the filter need not be among
// `columns`. Fails: data (3), or usage (2) for a column that is not there, naming those that are.
Result<std::unique_ptr<Source>> open_source(const Input& input, const std::vector<std::string>& columns,
                                            const ReadOptions& options = {});

// A morsel decodes with the buffers of its thread: call before the first next().
void use_scratch(Morsel&, ReadScratch&);

// Reads headers and metadata only.
struct InputShape {
  std::vector<std::string> columns;    // of the first file; the others must have them too
  std::vector<RawColumn::Form> forms;  // as read() will give them
  uint64_t rows = 0;                   // exact for Parquet, else estimated from size
  bool rows_exact = false;
  uint64_t bytes = 0;
};
Result<InputShape> look_at(const Input& input);

// What the key-value metadata of a Parquet file say under `key`; empty: nothing, or it is no Parquet file.
Result<std::string> parquet_note(const std::string& path, const std::string& key);

// The format of an input's files. Fails: usage (2) if their endings do not tell one.
Result<FileFormat> format_of(const Input& input);

}  // namespace tessera
