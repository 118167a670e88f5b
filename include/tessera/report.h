// report.h: what happened? Counts and timings of one run, without identifiers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tessera {

// How the values of one field of one input came out.
struct FieldProfile {
  std::string field;
  uint64_t valid = 0;
  uint64_t null = 0;                        // empty or a spelling of missing
  std::map<std::string, uint64_t> invalid;  // reason -> rows; the value became null
};

struct InputReport {
  std::string name;
  uint64_t rows = 0;      // used
  uint64_t filtered = 0;  // left out by `where`
  uint64_t rejected = 0;
  std::vector<FieldProfile> fields;
  struct File {
    std::string path;
    uint64_t bytes = 0;
    std::string digest;  // "xxh3-128:HEX", "xxh3-128-footer:HEX" or empty
  };
  std::vector<File> files;
};

struct RankCount {
  int rank = 0;
  uint64_t links = 0;
  uint64_t ties = 0;     // from records whose best rank was shared by several to records
  uint64_t refused = 0;  // links refused by a refuse rule
};

struct StepReport {
  std::string from, to;
  std::vector<RankCount> ranks;
  uint64_t linked_from = 0;  // distinct from records with a link
  uint64_t linked_to = 0;    // distinct to records with a link
  uint64_t candidates = 0;   // pairs that met
  uint64_t probes = 0;
  uint64_t partitions = 1;
  uint64_t spill_bytes = 0;
  uint64_t reference_bytes = 0;
};

struct Timing {
  std::string stage;
  double seconds = 0;
};

struct OutputFile {
  std::string name;  // within the output directory
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::string digest;
};

struct LinkReport {
  std::string job;
  std::vector<InputReport> inputs;
  std::vector<StepReport> steps;
  std::vector<Timing> timings;  // wall seconds
  std::vector<OutputFile> outputs;
  std::string kernels;  // scalar, avx2, avx512
  unsigned threads = 0;
  uint64_t peak_memory_bytes = 0;
  double seconds = 0;
};

}  // namespace tessera
