// table.cc: the pipeline from chunk numbers to files.
#include "generate/table.h"

#include <oneapi/tbb/parallel_pipeline.h>

#include <atomic>
#include <cassert>
#include <numeric>

#include "base/interrupt.h"

namespace tessera::generate_detail {
namespace {

// What travels down the pipeline.
struct Load {
  struct Prepared {
    std::unique_ptr<TableWriter::Chunk> data, truth;
  };
  uint64_t chunk = 0;
  // One a table.
  std::vector<int64_t> first_ids;
  std::vector<std::unique_ptr<Rows>> rows;
  std::vector<Prepared> prepared;
};

OutBatch batch_of(const Rows& rows) {
  OutBatch batch{.rows = rows.persons.size()};
  for (const Rows::Column& column : rows.columns) {
    batch.columns.push_back({.texts = column.texts,
                             .numbers = column.numbers,
                             .present = column.present,
                             .characters = column.characters,
                             .places = column.places});
  }
  return batch;
}

}  // namespace

void Rows::clear(size_t column_count) {
  columns.resize(column_count);
  for (Column& column : columns) {
    column.texts.clear();
    column.numbers.clear();
    column.characters.clear();
    column.places.clear();
    column.present.clear();
  }
  persons.clear();
  block_ = used_ = 0;
}

void Rows::resize(const std::vector<OutColumn>& as, size_t row_count) {
  persons.resize(row_count);
  for (size_t c = 1; c < as.size(); ++c) {
    if (as[c].nullable) columns[c].present.resize(row_count);
    if (as[c].has_dictionary())
      columns[c].places.resize(row_count);
    else if (as[c].type == OutType::text)
      columns[c].characters.resize(row_count * as[c].width);
    else
      columns[c].numbers.resize(row_count);
  }
}

void Rows::next_block() {
  if (block_ < blocks_.size()) ++block_;
  if (block_ == blocks_.size()) blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes));
  used_ = 0;
}

Result<TableFiles> MadeTable::close() const {
  TableFiles files;
  TESSERA_ASSIGN(files.data, data->close());
  TESSERA_ASSIGN(files.truth, truth->close());
  return files;
}

static Result<MadeTable> begin_table(const Table& table, const OutputDirectory& directory, FileFormat format) {
  const std::string file = table.name + ending_of(format), truth_file = "truth_" + file;
  const std::vector<OutColumn> truth_columns = {table.columns.front(), {"PERSON", OutType::int64, false}};
  MadeTable begun;
  TESSERA_ASSIGN(begun.data, make_table_writer(directory.file(file), file, format, table.columns));
  TESSERA_ASSIGN(begun.truth, make_table_writer(directory.file(truth_file), truth_file, format, truth_columns));
  return begun;
}

Result<std::vector<MadeTable>> write_tables(const TableJob& job, const OutputDirectory& directory, FileFormat format,
                                            unsigned threads, Pool<Rows>& pool) {
  std::vector<MadeTable> writers;
  std::vector<int64_t> next_ids;
  for (const Table& table : job.tables) {
    TESSERA_ASSIGN(MadeTable begun, begin_table(table, directory, format));
    writers.push_back(std::move(begun));
    next_ids.push_back(table.first_id);
  }

  Status status;                   // the first failure
  std::atomic<bool> stop = false;  // status is a failure
  uint64_t next_chunk = 0;

  using oneapi::tbb::filter_mode;
  const auto begin = [&](oneapi::tbb::flow_control& flow) {
    if (next_chunk == job.chunks || stop || interrupted()) flow.stop();
    return std::make_shared<Load>(Load{.chunk = next_chunk++});
  };
  const auto make = [&](std::shared_ptr<Load> load) {
    for (const Table& table : job.tables) load->rows.emplace_back(pool.take())->clear(table.columns.size());
    job.make(load->chunk, load->rows);
    return load;
  };
  const auto count = [&](std::shared_ptr<Load> load) {
    load->first_ids = next_ids;
    for (size_t t = 0; t < next_ids.size(); ++t) next_ids[t] += static_cast<int64_t>(load->rows[t]->persons.size());
    return load;
  };
  const auto prepare = [&](std::shared_ptr<Load> load) {
    for (size_t t = 0; t < writers.size(); ++t) {
      std::unique_ptr<Rows>& rows = load->rows[t];
      auto& ids = rows->columns.front().numbers;
      ids.resize(rows->persons.size());
      std::iota(ids.begin(), ids.end(), load->first_ids[t]);
      load->prepared.push_back({.data = writers[t].data->prepare(batch_of(*rows)),
                                .truth = writers[t].truth->prepare(
                                    {.rows = ids.size(), .columns = {{.numbers = ids}, {.numbers = rows->persons}}})});
      pool.give(std::move(rows));
    }
    return load;
  };
  const auto append = [&](const std::shared_ptr<Load>& load) {
    for (size_t t = 0; t < writers.size() && status; ++t) {
      status = writers[t].data->append(std::move(load->prepared[t].data));
      if (status) status = writers[t].truth->append(std::move(load->prepared[t].truth));
    }
    if (!status) stop = true;
  };
  oneapi::tbb::parallel_pipeline(
      2 * size_t{threads} + 2,
      oneapi::tbb::make_filter<void, std::shared_ptr<Load>>(filter_mode::serial_in_order, begin) &
          oneapi::tbb::make_filter<std::shared_ptr<Load>, std::shared_ptr<Load>>(filter_mode::parallel, make) &
          oneapi::tbb::make_filter<std::shared_ptr<Load>, std::shared_ptr<Load>>(filter_mode::serial_in_order, count) &
          oneapi::tbb::make_filter<std::shared_ptr<Load>, std::shared_ptr<Load>>(filter_mode::parallel, prepare) &
          oneapi::tbb::make_filter<std::shared_ptr<Load>, void>(filter_mode::serial_in_order, append));
  TESSERA_TRY(std::move(status));
  TESSERA_TRY(check_interrupted());
  return writers;
}

}  // namespace tessera::generate_detail
