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
#include "record/filter_schema.h"
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

// The inputs whose records are the left and the right ones of a pair; of `within`, the same on both sides.
struct ModelSides {
  std::vector<const Input*> left, right;
  bool within = false;
  bool between_only = false;
};

// A model file, of Tessera or of Splink; which of them, its keys tell. `path` is where the text comes from.
// Gains in `notes`, if it is there: what was changed or left out, for explain.
// Fails: usage (2) with every mistake and its place, as a job; a Splink condition that cannot be expressed names the
// comparison, the level and the column of the text.
[[nodiscard]] Result<Model> parse_model(const std::string& path, std::string text, const ModelSides& sides,
                                        std::vector<std::string>* notes = nullptr);

// A model as its file says it: parse_model() gives the same model again, to the bit. `fit` is a JSON object with
// the diagnostics of the fit, kept for readers and not read. Requires: `fit` is a JSON object or empty.
[[nodiscard]] std::string model_json(const Model& model, std::string_view fit = {});

// The model as settings of Splink 4 and 5 for DuckDB. `link_type`: dedupe_only, link_only or link_and_dedupe.
// Fails: usage (2), naming the comparison and level, or the rule, that has no form in SQL.
[[nodiscard]] Result<std::string> splink_json(const Model& model, std::string_view link_type);

// A linkage schema of clkhash, version 1, 2 or 3, as the latest. `path` is where the text comes from.
// Fails: usage (2) with every mistake and its place, as a job.
[[nodiscard]] Result<FilterSchema> parse_filter_schema(const std::string& path, std::string text);

// The JSON Schema of model files, as it stands in configs/schema/model.schema.json.
[[nodiscard]] std::string model_schema_text();

// The JSON Schema (2020-12) of job files, as it stands in configs/schema/job.schema.json.
[[nodiscard]] std::string job_schema_text();

// The text of a job file. Fails: usage (2): not there, not readable, not a file, over job_bytes_max.
[[nodiscard]] Result<std::string> read_job_text(const std::string& path);

}  // namespace tessera
