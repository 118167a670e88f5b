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

}  // namespace

Result<ModelTables> open_model_tables(const ModelRun& run, const std::string& suffix, const OpenTable& open) {
  ModelTables tables;
  const Output& output = run.job.output;
  const Resolve& how = run.step.step->resolve;
  const bool marks =
      !run.within() && (run.step.has_passes() || how.each_from == Cardinality::one || how.each_to == Cardinality::one);
  TESSERA_ASSIGN(tables.links, open("links" + suffix, PairEmitter(run, marks).columns()));
  if (run.within()) {
    TESSERA_ASSIGN(tables.clusters, open("clusters" + suffix, columns_of_clusters(run.left)));
    return tables;
  }
  if (output.unmatched_from) {
    TESSERA_ASSIGN(tables.unmatched_from, open("unmatched_" + run.left.inputs[0]->side.input->name + suffix,
                                               RecordColumns(run.left, "", true).columns()));
  }
  if (output.unmatched_to) {
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

Status write_unlinked(const ModelSide& side, std::span<const uint8_t> linked, TableWriter& writer) {
  std::vector<uint32_t> wanted;
  for (uint32_t i = 0; i < linked.size(); ++i)
    if (!linked[i]) wanted.push_back(i);
  return write_records(side, RecordColumns(side, "", true), wanted, writer, {});
}

}  // namespace tessera
