// forecast.cc: how much memory and disk will a step take?
//
// Held throughout: the program and its libraries; for each thread the decoded batch and
// the buffers of a morsel; the row group being written. On top of it comes the
// reference: packed records, payloads, an index for each anchor. When that does not
// fit, the reference is cut into so many parts that one fits with its index; where these are few, the from side is read
// once for each part of each anchor (rounds.cc).
#include "services/forecast.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/memory.h"
#include "base/text.h"
#include "block/block.h"

namespace tessera {

namespace {

constexpr uint64_t mib = uint64_t{1} << 20;
constexpr uint64_t program_bytes = 64 * mib;
constexpr uint64_t thread_bytes = 40 * mib;
constexpr uint64_t writer_bytes = 64 * mib;
constexpr uint64_t parts_max = 1024;
constexpr uint64_t stored_value_bytes = 24;  // of a carried text or id, about
constexpr uint64_t match_bytes = 48;

uint64_t thread_count(const RunOptions& options) { return std::max(1u, options.threads); }

}  // namespace

Result<Forecast> forecast_step(const LinkStep& step, const PassPlan& plan, const Side& from, const Side& to,
                               const Output& output, const RunOptions& options) {
  const PackedLayout layout(to.words, to.kinds);
  const PackedLayout from_layout(from.words, from.kinds);
  const uint64_t rows = to.shape.rows;
  const bool ids_only = to.out_forms.size() == 1 && to.out_forms[0] == RawColumn::Form::number;
  const uint64_t row_bytes =
      layout.stride() + sizeof(uint64_t) + (ids_only ? 0 : stored_value_bytes * to.out_forms.size());
  const uint64_t anchors = plan.anchors.size();
  const auto reference_bytes = [&](uint64_t count, uint64_t indexes) {
    return count * row_bytes + indexes * KeyIndex::bytes_for(count) + KeyIndex::build_bytes_for(count) + rows / 8;
  };
  Forecast out;
  out.reference_rows = rows;
  out.reference_rows_exact = to.shape.rows_exact;
  out.stream_bytes = program_bytes + thread_count(options) * thread_bytes + writer_bytes;
  out.budget_bytes = options.memory_bytes ? options.memory_bytes : machine_memory_bytes() / 4 * 3;
  out.reference_bytes = reference_bytes(rows, anchors);
  // An estimated number of rows may be too low.
  const uint64_t likely = out.reference_rows_exact ? out.reference_bytes : out.reference_bytes / 2 * 3;
  const uint64_t needed = out.stream_bytes + 32 * mib;
  if (out.budget_bytes < needed)
    return fail(
        ErrorCode::resource,
        fmt::format("a memory budget of {} is too small: --threads {} needs at least {} before any reference record; "
                    "raise --memory or lower --threads",
                    human_bytes(out.budget_bytes), thread_count(options), human_bytes(needed)));
  const uint64_t room = out.budget_bytes - out.stream_bytes;
  if (likely > room) {
    // One part of one anchor is in memory at a time, as records, as an index and as it came from disk.
    const auto part_bytes = [&](uint64_t parts) { return reference_bytes(rows / parts + 1, 1) / 4 * 5; };
    const auto parts_for = [&](uint64_t bytes) {
      uint64_t parts = 2;
      while (parts < parts_max && part_bytes(parts) > bytes) ++parts;
      return parts;
    };
    const uint64_t parts = parts_for(room);
    if (part_bytes(parts) > room)
      return fail(
          ErrorCode::resource,
          fmt::format("the {} records of \"{}\" do not fit a memory budget of {} even in {} parts; raise --memory",
                      human_count(rows), to.input->name, human_bytes(out.budget_bytes), parts_max));
    // Where to records take one link each, nothing is decided before all is known: no round could write.
    const bool may_go_round = step.resolve.each_to == Cardinality::many;
    if (may_go_round && anchors * parts <= options.rounds_max) out.rounds = anchors * parts;
    out.partitions = parts;
    out.spill_bytes = anchors * rows * (layout.stride() + 12) + from.shape.rows * match_bytes;
    if (out.rounds == 0) out.spill_bytes += anchors * from.shape.rows * (from_layout.stride() + 8);
    out.memory_bytes = out.stream_bytes + part_bytes(parts);
  } else {
    out.memory_bytes = out.stream_bytes + out.reference_bytes;
  }
  out.output_bytes = from.shape.rows * (output.format == FileFormat::parquet ? 10 : 30);
  return out;
}

std::string forecast_text(const Forecast& f) {
  std::string text =
      fmt::format("forecast\n  reference    {}{} records, {} packed and indexed\n  memory       {} of a budget of {}\n",
                  f.reference_rows_exact ? "" : "about ", human_count(f.reference_rows), human_bytes(f.reference_bytes),
                  human_bytes(f.memory_bytes), human_bytes(f.budget_bytes));
  if (f.partitions > 1)
    text += fmt::format("  partitions   {}: the reference does not fit, {}\n  spill        at most {}\n", f.partitions,
                        f.rounds > 0 ? fmt::format("it goes to disk and the from side is read {} times", f.rounds)
                                     : "both sides go to disk",
                        human_bytes(f.spill_bytes));
  text += fmt::format("  output       at most {}\n", human_bytes(f.output_bytes));
  return text;
}

}  // namespace tessera
