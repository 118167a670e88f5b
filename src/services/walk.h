// walk.h: how is an input walked, in parallel and in order?
//
//   next morsel (one at a time) ── process (parallel) ── finish (one at a time, in order)
//
// A oneTBB pipeline with a fixed number of morsels under way, so memory does not grow
// with the input. The error of the lowest row wins, whatever the timing.
#pragma once

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "base/progress.h"
#include "read/read.h"
#include "services/side.h"
#include "tessera/engine.h"
#include "write/write.h"

namespace tessera {

// Counts the rows of one input and writes down those that cannot be used.
class Tally {
 public:
  // `rejects` may be null: counted only.
  Tally(const Input& input, TableWriter* rejects) : input_(input), rejects_(rejects) {}
  // After each morsel, in order. Fails: data (3) above the reject limit.
  Status add(const Morsel& morsel, std::vector<Reject>& rejects, uint64_t used);
  void report(InputReport& report) const;

 private:
  const Input& input_;
  TableWriter* rejects_;
  uint32_t file_ = 0;
  uint64_t file_rows_ = 0;  // of the file, before this morsel
  uint64_t rows_ = 0, filtered_ = 0, rejected_ = 0;
};

std::vector<OutColumn> reject_columns();

// What threads share and own during a walk.
struct WalkOptions {
  unsigned threads = 1;
  bool show_progress = false;
  bool show_forecast = false;
  bool strict = false;  // see RunOptions
  ReadOptions read;
};

// Place of a record in its input: the morsel's number in the upper half.
constexpr uint64_t place_of(uint64_t morsel, uint64_t row) { return morsel << 32 | row; }

// Times a stage.
template <class F>
Status timed(std::vector<Timing>& timings, std::string stage, F&& f) {
  const auto start = std::chrono::steady_clock::now();
  Status status = f();
  timings.push_back(
      {std::move(stage), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  return status;
}

// Whether progress is shown on stderr.
bool progress_wanted(const RunOptions& options);

// Out must be default constructible. `process` runs in parallel, `finish` in order.
template <class Out, class Process, class Finish>
Status walk(Source& source, const WalkOptions& options, Process&& process, Finish&& finish) {
  struct Work {
    std::unique_ptr<Morsel> morsel;
    uint64_t number = 0;
    std::vector<Reject> rejects;
    Status status;
    Out out;
  };
  using WorkPtr = std::shared_ptr<Work>;
  tbb::enumerable_thread_specific<ReadScratchPtr> scratch([] { return make_read_scratch(); });
  Status status;  // owned by the serial filters
  std::atomic<bool> stop = false;
  uint64_t number = 0;

  auto first = [&](tbb::flow_control& flow) -> WorkPtr {
    auto work = std::make_shared<Work>();
    work->number = number++;
    if (stop) {
      flow.stop();
      return {};
    }
    if (auto asked = check_interrupted(); !asked) {
      work->status = std::move(asked);
      stop = true;
      return work;
    }
    auto morsel = source.next();
    if (!morsel) {
      work->status = std::unexpected(std::move(morsel).error());
      stop = true;
      return work;
    }
    if (!*morsel) {
      flow.stop();
      return {};
    }
    work->morsel = std::move(*morsel);
    return work;
  };
  auto second = [&](WorkPtr work) -> WorkPtr {
    if (!work->morsel) return work;
    use_scratch(*work->morsel, *scratch.local());
    work->status = process(*work->morsel, work->number, work->rejects, work->out);
    if (!work->status) stop = true;
    return work;
  };
  auto third = [&](const WorkPtr& work) {
    if (!status) return;
    if (work->status && work->morsel) work->status = finish(*work->morsel, work->rejects, work->out);
    if (!work->status) {
      status = std::move(work->status);
      stop = true;
    }
  };
  tbb::parallel_pipeline(size_t{options.threads} + 1,
                         tbb::make_filter<void, WorkPtr>(tbb::filter_mode::serial_in_order, first) &
                             tbb::make_filter<WorkPtr, WorkPtr>(tbb::filter_mode::parallel, second) &
                             tbb::make_filter<WorkPtr, void>(tbb::filter_mode::serial_in_order, third));
  return status;
}

}  // namespace tessera
