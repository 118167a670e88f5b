// stored.cc: how do stored matches become links?
//
// Matches of a range of the from input are read and sorted in memory. Where to records
// take one link each, all ranges are first decided pass by pass. Then the from input is
// walked a second time, for ids and carried columns only, and each morsel meets its links.
#include <algorithm>
#include <map>
#include <mutex>

#include "services/step.h"

namespace tessera {

namespace {

// The ranges in use, read once and shared by the morsels in flight.
class Ranges {
 public:
  explicit Ranges(const MatchStore& store) : store_(store) {}
  using Shared = std::shared_ptr<const std::vector<Match>>;

  Result<Shared> of(uint64_t morsel) {
    const size_t range = store_.range_of(morsel);
    const std::lock_guard lock(mutex_);
    if (const auto found = held_.find(range); found != held_.end()) return found->second;
    auto matches = std::make_shared<std::vector<Match>>();
    TESSERA_TRY(store_.get(range, *matches));
    if (held_.size() > 1) held_.erase(held_.begin());  // morsels come in order: the lowest range is done with
    held_[range] = matches;
    return matches;
  }

 private:
  const MatchStore& store_;
  std::mutex mutex_;
  std::map<size_t, Shared> held_;
};

// The matches of rows of one morsel, taken batch by batch in order.
class MorselMatches {
 public:
  MorselMatches(const Ranges::Shared& range, uint64_t morsel) : range_(range) {
    const auto of_morsel = std::ranges::equal_range(*range, morsel, {}, [](const Match& m) { return m.from >> 32; });
    at_ = of_morsel.begin();
    end_ = of_morsel.end();
  }
  // Appends those of the rows of a batch; from becomes the raw row.
  void take(const RawBatch& raw, std::vector<Match>& out) {
    for (size_t row = 0; row < raw.rows && at_ != end_; ++row) {
      for (; at_ != end_ && (at_->from & 0xffffffff) == raw.place(row); ++at_) {
        out.push_back(*at_);
        out.back().from = row;
      }
    }
  }

 private:
  Ranges::Shared range_;
  std::vector<Match>::const_iterator at_, end_;
};

Status decide_together(StepRun& run, MatchStore& store) {
  PoolResolver resolver(run.plan.step->resolve, run.to_report.rows, run.plan.passes.table.passes().size(),
                        run.store.less());
  auto for_each_chunk = [&](const PoolResolver::Visitor& visit) -> Status {
    std::vector<Match> matches;
    for (size_t range = 0; range < store.ranges(); ++range) {
      TESSERA_TRY(check_interrupted());
      TESSERA_TRY(store.get(range, matches));
      if (matches.empty()) continue;
      visit(matches);
      TESSERA_TRY(store.put(range, matches));
    }
    store.sorted();
    return {};
  };
  return resolver.run(for_each_chunk, run.ties);
}

}  // namespace

Status write_stored(StepRun& run, const StoredMatches& stored) {
  const Side& side = run.plan.from;
  const Resolve& how = run.plan.step->resolve;
  const bool together = how.each_to == Cardinality::one;
  TESSERA_TRY(stored.matches->flush());
  if (stored.refused) TESSERA_TRY(stored.refused->flush());
  if (together) TESSERA_TRY(decide_together(run, *stored.matches));

  const Emitter emitter(run.job, side, run.plan.to, run.plan.passes, run.store, *run.linked_to);
  const IdLess less = run.store.less();
  // Rows that were rejected for their words must not come out as unmatched.
  const bool with_words = run.tables.unmatched_from && side.has_required();
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(with_words), run.walk.read));
  FromLocals locals = from_locals(run);
  Progress progress("writing links of " + side.input->name, side.shape.rows, run.walk.show_progress);
  Ranges ranges(*stored.matches);
  std::unique_ptr<Ranges> refused_ranges;
  if (stored.refused) refused_ranges = std::make_unique<Ranges>(*stored.refused);

  struct Out {
    EmittedChunks chunks;
    uint64_t rows = 0;
  };
  auto process = [&](Morsel& morsel, uint64_t number, std::vector<Reject>& rejects, Out& out) -> Status {
    FromLocal& local = *locals.local();
    TESSERA_ASSIGN(const auto range, ranges.of(number));
    MorselMatches matches(range, number);
    Ranges::Shared refused_range = std::make_shared<std::vector<Match>>();
    if (refused_ranges) {
      TESSERA_ASSIGN(refused_range, refused_ranges->of(number));
    }
    MorselMatches refused(refused_range, number);
    RawBatch raw;
    SideReader reader(side, with_words);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) return {};
      const auto outputs = side.outputs(raw, with_words);
      words_again(side, raw, with_words, local.words, rejects, *local.standardise);
      if (local.words.rows == 0) continue;
      local.found.clear();
      local.refused.clear();
      matches.take(raw, local.found);
      refused.take(raw, local.refused);
      if (together) {
        std::erase_if(local.found, [](const Match& m) { return m.ties == 0; });
      } else {
        resolve_each(local.found, how, less, local.ties);
      }
      TESSERA_TRY(emitter.emit(outputs, raw.rows, local.words.raw_row, local.found, nullptr, local.refused, run.tables,
                               local.emit, out.chunks));
      out.rows += local.words.rows;
    }
  };
  auto finish = [&](const Morsel&, std::vector<Reject>&, Out& out) -> Status {
    progress.add(out.rows);
    return out.chunks.append_to(run.tables);
  };
  TESSERA_TRY(walk<Out>(*source, run.walk, process, finish));
  add_counts(run, locals);
  run.report.spill_bytes += stored.matches->bytes() + (stored.refused ? stored.refused->bytes() : 0);
  return {};
}

}  // namespace tessera
