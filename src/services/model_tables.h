// model_tables.h: which tables does a step with a model write?
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "services/model_step.h"
#include "write/write.h"

namespace tessera {

// Null: not asked for.
struct ModelTables {
  std::unique_ptr<TableWriter> links, clusters, cluster_metrics, unmatched_from, unmatched_to;
};

using OpenTable =
    std::function<Result<std::unique_ptr<TableWriter>>(const std::string& table, const std::vector<OutColumn>&)>;

// Once the inputs are known; before any pair is scored.
Result<ModelTables> open_model_tables(const ModelRun& run, const std::string& suffix, const OpenTable& open);

// Every record and the id of its cluster: the id of the cluster's first record.
Status write_clusters(const ModelSide& side, std::span<const uint32_t> cluster, TableWriter& writer);

// Size, links, density and bridges of each cluster. A weight of `sure` is that of a pass: none.
Status write_cluster_metrics(const ModelSide& side, std::span<const ClusterMetrics> metrics, float sure,
                             TableWriter& writer);

constexpr float weight_of_passes = 1000;  // of a pair that a pass has linked
// The clusters that these pairs make, as the step says, and their metrics if they are wanted.
Status write_clusters_of(ModelRun& run, std::span<const ScoredPair> pairs, ModelTables& tables);

// Records for which `linked` is 0.
Status write_unlinked(const ModelSide& side, std::span<const uint8_t> linked, TableWriter& writer);

// One at a time; others may be written to meanwhile. Of a table that is closed: nothing.
using CloseTable = std::function<Status(std::unique_ptr<TableWriter>&)>;

// Reads, estimates, links and writes.
Status run_model_step(ModelRun& run, StepReport& report, const std::string& suffix, const OpenTable& open,
                      const CloseTable& close);

}  // namespace tessera
