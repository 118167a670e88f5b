// job.h: is this text a job, and do its files have what it needs?
//
//   parse_job    the text alone: keys, types, names, settings that contradict
//   check_files  the files: there, readable, with the columns named
//   finish       the job, or all mistakes of both
//
// The room does not read data files itself; what looks at them is passed in.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "job/mistakes.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

constexpr uint64_t job_bytes_max = 16ull << 20;

// A place in the job that names a column of an input.
struct ColumnUse {
  size_t input = 0;  // index into Job::inputs
  std::string column;
  Place place;
};

// A place in the job that names one or more files.
struct PathUse {
  size_t input = 0;  // index into Job::inputs; of a list: its index into Job::lists
  bool list = false;
  std::vector<std::string> paths;
  Place place;
};

struct ParsedJob {
  Job job;
  Mistakes mistakes;
  std::vector<ColumnUse> columns;
  std::vector<PathUse> paths;
};

// `path` is where the text comes from: messages name it, and relative paths start at its folder.
// Globs are expanded; one that matches nothing is a mistake with `look_at_files`, else it stays as it is.
[[nodiscard]] ParsedJob parse_job(const std::string& path, std::string text, bool look_at_files = true);

// The columns of an input, in the order of its first file.
using ColumnsOf = std::function<Result<std::vector<std::string>>(const Input&)>;

// Adds to the mistakes every file that is not there or not readable, and every column that an input lacks or has twice.
// Fails: as columns_of, for the first file that cannot be understood.
Status check_files(ParsedJob& parsed, const ColumnsOf& columns_of);

[[nodiscard]] Result<Job> finish(ParsedJob parsed);

// The JSON Schema (2020-12) of job files, as it stands in configs/schema/job.schema.json.
[[nodiscard]] std::string job_schema_text();

// The text of a job file. Fails: usage (2): not there, not readable, not a file, over job_bytes_max.
[[nodiscard]] Result<std::string> read_job_text(const std::string& path);

}  // namespace tessera
