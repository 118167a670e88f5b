// emit.h: how do links become rows of the output?
//
//   links      from_id to_id rank ties  carried from ...  carried to ...  [pattern]
//   refused    from_id to_id rank reason
//   unmatched  id  carried ...
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "block/block.h"
#include "decide/decide.h"
#include "resolve/resolve.h"
#include "services/row_store.h"
#include "services/side.h"
#include "write/write.h"

namespace tessera {

// Table writers of one step; null: not asked for.
struct StepTables {
  std::unique_ptr<TableWriter> links, unmatched_from, unmatched_to, refused;
};

// Rows on their way out, in the order of the input.
struct EmittedChunks {
  std::vector<std::unique_ptr<TableWriter::Chunk>> links, unmatched_from, refused;
  Status append_to(StepTables& tables);  // one thread at a time
};

// Which to records have a link. Set from any thread.
class LinkedSet {
 public:
  explicit LinkedSet(size_t rows) : words_((rows + 63) / 64) {}
  void set(size_t row) {
    std::atomic_ref<uint64_t> word(words_[row / 64]);
    const uint64_t bit = uint64_t{1} << (row % 64);
    if (!(word.load(std::memory_order_relaxed) & bit)) word.fetch_or(bit, std::memory_order_relaxed);
  }
  // As has(), while other threads set.
  [[nodiscard]] bool seen(size_t row) {
    return std::atomic_ref(words_[row / 64]).load(std::memory_order_relaxed) >> (row % 64) & 1;
  }
  void prefetch(size_t row) const { __builtin_prefetch(words_.data() + row / 64); }
  [[nodiscard]] bool has(size_t row) const { return words_[row / 64] >> (row % 64) & 1; }
  [[nodiscard]] uint64_t count() const;

 private:
  std::vector<uint64_t> words_;
};

struct LinkCounts {
  std::vector<uint64_t> links;  // by pass
  uint64_t linked_from = 0;
  void add(const LinkCounts& other);
};

// One column being gathered.
struct GatheredColumn {
  std::vector<int64_t> numbers;
  std::vector<std::string_view> texts;
  std::vector<uint8_t> present;  // of numbers; empty: all
  void clear();
  void take(const RawColumn& column, std::span<const uint32_t> rows);
  void add(const CarriedValue& value, RawColumn::Form form);
  [[nodiscard]] OutValues values(RawColumn::Form form) const;
};

// Those rows of all columns. The batch views `into`, which has room for a column each.
OutBatch take_rows(std::span<const RawColumn> columns, std::span<const uint32_t> rows,
                   std::vector<GatheredColumn>& into);

class Emitter {
 public:
  // Buffers of one thread.
  struct Scratch {
    std::vector<GatheredColumn> from, to;
    std::vector<uint32_t> rows;   // by row of the output: the raw row to gather from
    std::vector<uint32_t> match;  // by row of the output: its match
    std::vector<uint32_t> begin;  // by distinct record: its matches
    std::vector<int64_t> rank, ties;
    std::vector<std::string_view> reasons, patterns;
    std::deque<std::string> texts;  // text read from disk, or made, that the chunk copies
    std::vector<CarriedValue> row;
    std::vector<std::byte> buffer;
    std::vector<uint8_t> linked;  // by raw row
    LinkCounts counts;
  };

  Emitter(const Job& job, const Side& from, const Side& to, const PassPlan& plan, const RowStore& store,
          LinkedSet& linked_to)
      : job_(job), from_(from), to_(to), plan_(plan), store_(store), linked_to_(linked_to) {}

  [[nodiscard]] std::vector<OutColumn> link_columns() const;
  [[nodiscard]] std::vector<OutColumn> refused_columns() const;

  // Links and refused pairs of one batch. `used` are the raw rows that count (empty: all of `rows`). `from` of a
  // match is the raw row; of links, if there are repeats, the number of a distinct record of the used rows.
  // Thread-safe with one scratch a thread.
  Status emit(std::span<const RawColumn> outputs, size_t rows, std::span<const uint32_t> used,
              std::span<const Match> links, const Repeats* repeats, std::span<const Match> refused,
              const StepTables& tables, Scratch& scratch, EmittedChunks& out) const;

 private:
  void mark(std::span<const Match> links) const;
  void count(std::span<const Match> links, const Repeats* repeats, LinkCounts& counts) const;
  // Rows of the output: which raw row each is of, and which match.
  struct RowsOut {
    std::span<const uint32_t> rows, match;
  };
  Status emit_links(std::span<const RawColumn> outputs, std::span<const Match> links, const StepTables& tables,
                    Scratch& scratch, EmittedChunks& out) const;
  Status gather(std::span<const RawColumn> outputs, std::span<const Match> matches, RowsOut out, bool carried,
                Scratch& scratch) const;
  void add_pattern(const Match& match, Scratch& scratch) const;

  const Job& job_;
  const Side& from_;
  const Side& to_;
  const PassPlan& plan_;
  const RowStore& store_;
  LinkedSet& linked_to_;
};

}  // namespace tessera
