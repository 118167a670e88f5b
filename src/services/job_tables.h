// job_tables.h: what does every job that writes a directory hold?
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/publish.h"
#include "tessera/engine.h"
#include "write/write.h"

namespace tessera {

struct JobTables;
// bridge.cc: a writer of links that keeps each pair of pseudonyms once, with the rank, or the weight, of its best link.
Result<std::unique_ptr<TableWriter>> open_bridge(const JobTables& tables, const std::vector<OutColumn>& columns);

// Where what does not fit in memory waits: where the user says, else beside the output.
inline Result<SpillDirectory> spill_beside(const Job& job, const RunOptions& options) {
  const auto parent = std::filesystem::path(job.output.directory).lexically_normal().parent_path();
  return SpillDirectory::begin(!options.spill_directory.empty() ? options.spill_directory
                               : parent.empty()                 ? "."
                                                                : parent.string());
}

class Clock {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The tables of an output directory, and what became of those that are closed.
struct JobTables {
  OutputDirectory directory;
  FileFormat format;
  std::vector<OutputFile> files;
  bool bridge = false;      // links are written as a bridging file: services/bridge.h
  std::string bridge_note;  // what it says of its sides: services/bridge_note.h

  [[nodiscard]] Result<std::unique_ptr<TableWriter>> open(const std::string& table,
                                                          const std::vector<OutColumn>& columns) const {
    if (bridge && table == "links") return open_bridge(*this, columns);
    const std::string name = table + ending_of(format);
    return make_table_writer(directory.file(name), name, format, columns);
  }
  Status close(std::unique_ptr<TableWriter>& writer) {
    if (!writer) return {};
    TESSERA_ASSIGN(OutputFile file, writer->close());
    files.push_back(std::move(file));
    writer.reset();
    return {};
  }
};

}  // namespace tessera
