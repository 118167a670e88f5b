// model_tables.cc: which tables does a step with a model write? (see model_tables.h)
#include "services/model_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/model_emit.h"
#include "services/pieces.h"

namespace tessera {

namespace {

constexpr size_t written_records = size_t{1} << 15;

// What a piece of rows has beside ids and carried columns.
struct MoreColumns {
  std::vector<uint32_t> records;
  RecordColumns::Gathered gathered;
  std::vector<int64_t> numbers[3];
  std::vector<double> reals[2];
  std::vector<uint8_t> present;
};
using AddColumns = std::function<Status(size_t at, std::span<const uint32_t> records, MoreColumns&, OutBatch&)>;

// Rows of records that `wanted` lists, with more columns beside their ids, a piece at a time.
Status write_records(const RecordColumns& columns, std::span<const uint32_t> wanted, TableWriter& writer,
                     const AddColumns& add) {
  return write_in_pieces(wanted.size(), written_records, writer,
                         [&](size_t at, size_t count) -> Result<std::unique_ptr<TableWriter::Chunk>> {
                           const auto some = wanted.subspan(at, count);
                           RecordColumns::Gathered gathered;
                           MoreColumns more;
                           TESSERA_TRY(columns.gather(some, gathered));
                           OutBatch batch{.rows = some.size()};
                           const auto ids = gathered.out.begin() + static_cast<ptrdiff_t>(columns.id_columns());
                           batch.columns.assign(gathered.out.begin(), ids);
                           if (add) TESSERA_TRY(add(at, some, more, batch));
                           batch.columns.insert(batch.columns.end(), ids, gathered.out.end());
                           return writer.prepare(batch);
                         });
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
  std::vector<uint32_t> all(side.rows()), sizes(side.rows(), 0);
  for (uint32_t i = 0; i < all.size(); ++i) {
    all[i] = i;
    ++sizes[cluster[i]];
  }
  return write_records(columns, all, writer,
                       [&](size_t, std::span<const uint32_t> records, MoreColumns& more, OutBatch& batch) -> Status {
                         for (const uint32_t record : records) {
                           more.records.push_back(cluster[record]);
                           more.numbers[0].push_back(sizes[cluster[record]]);
                         }
                         TESSERA_TRY(ids.gather(more.records, more.gathered));
                         batch.columns.insert(batch.columns.end(), more.gathered.out.begin(), more.gathered.out.end());
                         batch.columns.push_back({.numbers = more.numbers[0]});
                         return {};
                       });
}

Status write_cluster_metrics(const ModelSide& side, std::span<const ClusterMetrics> metrics, float sure,
                             TableWriter& writer) {
  std::vector<uint32_t> first;
  for (const ClusterMetrics& cluster : metrics) first.push_back(cluster.cluster);
  return write_records(
      RecordColumns(side, "cluster_", false), first, writer,
      [&](size_t at, std::span<const uint32_t> records, MoreColumns& more, OutBatch& batch) -> Status {
        auto& [members, links, bridges] = more.numbers;
        auto& [density, weight] = more.reals;
        for (const ClusterMetrics& cluster : metrics.subspan(at, records.size())) {
          members.push_back(cluster.records);
          links.push_back(static_cast<int64_t>(cluster.links));
          bridges.push_back(static_cast<int64_t>(cluster.bridges));
          density.push_back(cluster.density());
          more.present.push_back(cluster.least_weight < sure);
          weight.push_back(more.present.back() ? cluster.least_weight : 0);
        }
        batch.columns.insert(batch.columns.end(), {{.numbers = members}, {.numbers = links}, {.reals = density}});
        batch.columns.insert(batch.columns.end(), {{.numbers = bridges}, {.reals = weight, .present = more.present}});
        return {};
      });
}

Status write_clusters_of(ModelRun& run, std::span<const ScoredPair> pairs, ModelTables& tables) {
  const Clusters& how = run.step.step->clusters;
  ClusterOptions options{
      .method = how.method, .threshold = static_cast<float>(run.report.cluster_weight), .size_max = how.size_max};
  if (how.one_per_input) options.source = run.left.table.source;
  for (const std::string& field : how.differ)
    for (ColumnId c = 0; c < run.step.plan.columns.size(); ++c)
      if (run.step.plan.columns[c].base && run.step.plan.columns[c].expression.text == field)
        options.differ.push_back(run.left.table.columns[c]);
  const ClusterResult clusters = cluster_records(run.left.rows(), pairs, options);
  run.report.makes_clusters = true;
  run.report.clusters = clusters.counts.clusters;
  run.report.clustered = clusters.counts.clustered;
  run.report.largest_cluster = clusters.counts.largest;
  run.report.refused = clusters.counts.refused;
  if (clusters.counts.pieces_beyond > 0)
    run.report.warnings.push_back(fmt::format(
        "{} connected pieces with {} records are larger than \"size_max\" ({}): their records are clustered "
        "by connection alone",
        clusters.counts.pieces_beyond, clusters.counts.records_beyond, how.size_max));
  TESSERA_TRY(write_clusters(run.left, clusters.cluster, *tables.clusters));
  if (!tables.cluster_metrics) return {};
  return write_cluster_metrics(run.left, cluster_metrics(clusters.cluster, pairs, options.threshold), weight_of_passes,
                               *tables.cluster_metrics);
}

Status write_unlinked(const ModelSide& side, std::span<const uint8_t> linked, TableWriter& writer) {
  std::vector<uint32_t> wanted;
  for (uint32_t i = 0; i < linked.size(); ++i)
    if (!linked[i]) wanted.push_back(i);
  return write_records(RecordColumns(side, "", true), wanted, writer, {});
}

}  // namespace tessera
