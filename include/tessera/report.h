// report.h: what happened? Counts and timings of one run, without identifiers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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
  std::string tokens;  // of a pseudonymised data set: what it says of itself, as JSON
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

// What a model did in a step.
struct ModelReport {
  struct Rule {
    std::string text;
    uint64_t pairs = 0;     // compared: that no earlier rule brought
    uint64_t kept = 0;      // of them at or above the threshold
    uint64_t left_out = 0;  // of blocks that were narrowed
  };
  struct Level {
    std::string label;
    bool null_level = false;
    double m = 0, u = 0, weight = 0;
  };
  struct Comparison {
    std::string name;
    std::vector<Level> levels;
  };
  std::string similarity;  // of a step with "similar": "dice of clk at least 0.8, 1024 bits"; then of no model
  std::string source;      // where the parameters come from: "estimated", or the file of the model
  std::vector<Rule> rules;
  std::vector<Comparison> comparisons;
  double lambda = 0;
  double related = 0;  // share of pairs of people of one home; 0: no such class
  double threshold_weight = 0, threshold_probability = 0;
  uint64_t pairs = 0, kept = 0;  // compared; at or above the threshold
  uint64_t random_pairs = 0;     // for u
  bool estimated = false, converged = true;
  unsigned rounds = 0;
  std::optional<double> estimated_met;  // share of true pairs that the rules bring, estimated
  std::vector<std::string> warnings;
  uint64_t links = 0;  // written, after resolution
  bool makes_clusters = false;
  uint64_t clusters = 0, clustered = 0, largest_cluster = 0;  // of two records or more; records in them
  uint64_t refused = 0;                                       // links that a constraint refused
  uint64_t ties = 0, close = 0;                               // records, links: see Resolve and LinkStep::close
  double cluster_weight = 0;                                  // threshold of a link for clusters
};

struct StepReport {
  std::string from, to;  // with `within`: from names the inputs, to is empty
  std::optional<ModelReport> model;
  std::vector<RankCount> ranks;
  uint64_t linked_from = 0;  // distinct from records with a link
  uint64_t linked_to = 0;    // distinct to records with a link
  uint64_t candidates = 0;   // pairs that met
  uint64_t probes = 0;
  uint64_t partitions = 1;
  uint64_t spill_bytes = 0;
  uint64_t reference_bytes = 0;
};

// What a bridging file holds, and how it differs from the one before.
struct BridgeReport {
  struct Side {
    std::string key_id, check, domain;  // empty: ids were kept
    uint64_t pseudonyms = 0;            // different ones
    uint64_t with_several = 0;          // of them with more than one partner
  };
  Side from, to;
  uint64_t pairs = 0;
  struct Change {
    uint64_t added = 0, removed = 0, changed = 0;  // changed: the pair has another rank or probability
  };
  std::optional<Change> since;  // the previous file, if one was named
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
  std::vector<std::pair<std::string, std::string>> tokens;  // output file -> what it says of its tokens, as JSON
  std::optional<BridgeReport> bridge;
  std::string kernels;  // scalar, avx2, avx512
  unsigned threads = 0;
  uint64_t peak_memory_bytes = 0;
  double seconds = 0;
};

}  // namespace tessera
