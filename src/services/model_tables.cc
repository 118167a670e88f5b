// model_tables.cc: which tables does a step with a model write? (see model_tables.h)
#include "services/model_tables.h"

#include <algorithm>

#include "services/model_emit.h"

namespace tessera {

namespace {

constexpr size_t written_records = size_t{1} << 15;

// Rows of records that `wanted` lists, with more columns beside their ids, a piece at a time.
Status write_records(const ModelSide& side, const RecordColumns& columns, std::span<const uint32_t> wanted,
                     TableWriter& writer, const std::function<Status(std::span<const uint32_t>, OutBatch&)>& more) {
  RecordColumns::Gathered gathered;
  (void)side;
  for (size_t at = 0; at < wanted.size(); at += written_records) {
    const auto some = wanted.subspan(at, std::min(written_records, wanted.size() - at));
    TESSERA_TRY(columns.gather(some, gathered));
    OutBatch batch{.rows = some.size()};
    const size_t ids = columns.id_columns();
    batch.columns.assign(gathered.out.begin(), gathered.out.begin() + static_cast<ptrdiff_t>(ids));
    if (more) TESSERA_TRY(more(some, batch));
    batch.columns.insert(batch.columns.end(), gathered.out.begin() + static_cast<ptrdiff_t>(ids), gathered.out.end());
    TESSERA_TRY(writer.append(writer.prepare(batch)));
  }
  return {};
}

std::vector<OutColumn> columns_of_clusters(const ModelSide& side) {
  const RecordColumns records(side, "", true);
  std::vector<OutColumn> columns = records.columns();
  const auto at = columns.begin() + static_cast<ptrdiff_t>(records.id_columns());
  OutColumn id = columns[records.id_columns() - 1];
  std::vector<OutColumn> more;
  if (records.id_columns() > 1) more.push_back({"cluster_input", OutType::text, false});
  id.name = "cluster_id";
  id.distinct = false;
  more.push_back(id);
  more.push_back({"size", OutType::int32, false});
  columns.insert(at, more.begin(), more.end());
  return columns;
}

std::vector<OutColumn> columns_of_metrics(const ModelSide& side) {
  std::vector<OutColumn> columns = RecordColumns(side, "cluster_", false).columns();
  columns.push_back({"records", OutType::int64, false});
  columns.push_back({"links", OutType::int64, false});
  columns.push_back({"density", OutType::float64, false});
  columns.push_back({"bridges", OutType::int64, false});
  columns.push_back({"least_weight", OutType::float64});
  return columns;
}

}  // namespace

Result<ModelTables> open_model_tables(const ModelRun& run, const std::string& suffix, const OpenTable& open) {
  ModelTables tables;
  const Output& output = run.job.output;
  const Resolve& how = run.step.step->resolve;
  const bool marks =
      !run.within() && (run.step.has_passes() || how.each_from == Cardinality::one || how.each_to == Cardinality::one);
  TESSERA_ASSIGN(tables.links, open("links" + suffix, PairEmitter(run, marks).columns()));
  if (run.within()) {
    if (!run.clusters()) return tables;
    TESSERA_ASSIGN(tables.clusters, open("clusters" + suffix, columns_of_clusters(run.left)));
    if (output.cluster_metrics) {
      TESSERA_ASSIGN(tables.cluster_metrics, open("cluster_metrics" + suffix, columns_of_metrics(run.left)));
    }
    return tables;
  }
  const auto wanted = [&](const ModelSide& side) {
    return std::ranges::find(output.unmatched, side.inputs[0]->side.input->name) != output.unmatched.end();
  };
  if (wanted(run.left)) {
    TESSERA_ASSIGN(tables.unmatched_from, open("unmatched_" + run.left.inputs[0]->side.input->name + suffix,
                                               RecordColumns(run.left, "", true).columns()));
  }
  if (wanted(run.right)) {
    TESSERA_ASSIGN(tables.unmatched_to, open("unmatched_" + run.right.inputs[0]->side.input->name + suffix,
                                             RecordColumns(run.right, "", true).columns()));
  }
  return tables;
}

Status write_clusters(const ModelSide& side, std::span<const uint32_t> cluster, TableWriter& writer) {
  const RecordColumns columns(side, "", true), ids(side, "", false);
  std::vector<uint32_t> all(side.rows()), sizes(side.rows(), 0), first;
  for (uint32_t i = 0; i < all.size(); ++i) {
    all[i] = i;
    ++sizes[cluster[i]];
  }
  RecordColumns::Gathered of_first;
  std::vector<int64_t> size;
  return write_records(side, columns, all, writer, [&](std::span<const uint32_t> rows, OutBatch& batch) -> Status {
    first.clear();
    size.clear();
    for (const uint32_t row : rows) {
      first.push_back(cluster[row]);
      size.push_back(sizes[cluster[row]]);
    }
    TESSERA_TRY(ids.gather(first, of_first));
    batch.columns.insert(batch.columns.end(), of_first.out.begin(), of_first.out.end());
    batch.columns.push_back({.numbers = size});
    return {};
  });
}

Status write_cluster_metrics(const ModelSide& side, std::span<const ClusterMetrics> metrics, float sure,
                             TableWriter& writer) {
  std::vector<uint32_t> first;
  for (const ClusterMetrics& cluster : metrics) first.push_back(cluster.cluster);
  const RecordColumns columns(side, "cluster_", false);
  std::vector<int64_t> records, links, bridges;
  std::vector<double> density, weight;
  std::vector<uint8_t> weighed;
  size_t at = 0;
  return write_records(side, columns, first, writer, [&](std::span<const uint32_t> rows, OutBatch& batch) -> Status {
    for (auto* numbers : {&records, &links, &bridges}) numbers->clear();
    for (auto* reals : {&density, &weight}) reals->clear();
    weighed.clear();
    for (const ClusterMetrics& cluster : metrics.subspan(at, rows.size())) {
      records.push_back(cluster.records);
      links.push_back(static_cast<int64_t>(cluster.links));
      bridges.push_back(static_cast<int64_t>(cluster.bridges));
      density.push_back(cluster.density());
      weighed.push_back(cluster.least_weight < sure);
      weight.push_back(weighed.back() ? cluster.least_weight : 0);
    }
    at += rows.size();
    batch.columns.insert(batch.columns.end(), {{.numbers = records}, {.numbers = links}, {.reals = density}});
    batch.columns.insert(batch.columns.end(), {{.numbers = bridges}, {.reals = weight, .present = weighed}});
    return {};
  });
}

Status write_unlinked(const ModelSide& side, std::span<const uint8_t> linked, TableWriter& writer) {
  std::vector<uint32_t> wanted;
  for (uint32_t i = 0; i < linked.size(); ++i)
    if (!linked[i]) wanted.push_back(i);
  return write_records(side, RecordColumns(side, "", true), wanted, writer, {});
}

}  // namespace tessera
