// partition.cc: what if the reference does not fit in memory?
//
// For each anchor both sides are cut by a hash of its words, so that a pair that has the
// anchor lies in parts of the same number. Each part is then joined like a small job.
//
//   to side    ── anchor 1 ─> part 0 | part 1 | part 2      from side ── anchor 1 ─> part 0 | ...
//              ── anchor 2 ─> part 0 | ...                            ── anchor 2 ─> part 0 | ...
//
// A pair belongs to the first anchor it has, wherever it is found, so it is found once;
// the matches of a record are brought together again by MatchStore. Same links, to the byte.
//
// Where the parts are few, the from side is not cut but read again for each: rounds.cc.
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <cstring>
#include <mutex>

#include "services/to_parts.h"

namespace tessera {

namespace {

// A record of a part of the from side is its place and its words.
class Partitioned {
 public:
  Partitioned(StepRun& run, ToParts to)
      : run_(run), to_(std::move(to)), from_layout_(run.plan.from.words, run.plan.from.kinds) {}

  Result<StoredMatches> matches();

 private:
  Status spill_from();
  Status join(size_t anchor, size_t part, StoredMatches& out);
  [[nodiscard]] size_t from_bytes() const { return sizeof(uint64_t) + from_layout_.stride(); }

  StepRun& run_;
  ToParts to_;
  const PackedLayout from_layout_;
  std::unique_ptr<SpillBins> from_;
  uint64_t morsels_ = 0;
};

Result<StoredMatches> Partitioned::matches() {
  TESSERA_ASSIGN(from_, SpillBins::make(run_.spill_directory, to_.anchors() * to_.parts(), part_buffer_bytes));
  TESSERA_TRY(spill_from());
  StoredMatches out;
  TESSERA_ASSIGN(out.matches, MatchStore::make(run_.spill_directory, morsels_, run_.plan.passes));
  if (run_.tables.refused) {
    TESSERA_ASSIGN(out.refused, MatchStore::make(run_.spill_directory, morsels_, run_.plan.passes));
  }
  Progress progress("joining parts", to_.anchors() * to_.parts(), run_.walk.show_progress);
  for (size_t anchor = 0; anchor < to_.anchors(); ++anchor) {
    for (size_t part = 0; part < to_.parts(); ++part) {
      TESSERA_TRY(check_interrupted());
      TESSERA_TRY(join(anchor, part, out));
      progress.add(1);
    }
  }
  run_.report.partitions = to_.parts();
  run_.report.spill_bytes += to_.bytes() + from_->bytes_written();
  return out;
}

Status Partitioned::spill_from() {
  const Side& side = run_.plan.from;
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), run_.walk.read));
  TESSERA_ASSIGN(const auto ids, id_check(side, run_.spill_directory));
  struct Local : FromLocal {
    Local(const Standardiser& standardiser, SpillBins& bins) : FromLocal(standardiser), appender(bins) {}
    SpillBins::Appender appender;
    std::vector<std::byte> packed;
    std::vector<uint64_t> hashes;
  };
  tbb::enumerable_thread_specific<std::unique_ptr<Local>> locals(
      [&] { return std::make_unique<Local>(side.standardiser, *from_); });
  Tally tally(*side.input, run_.rejects);
  Progress progress("partitioning " + side.input->name, side.shape.rows, run_.walk.show_progress);

  auto process = [&](Morsel& morsel, uint64_t number, std::vector<Reject>& rejects, uint64_t& rows) -> Status {
    Local& local = *locals.local();
    RawBatch raw;
    SideReader reader(side, true);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, rejects));
      if (!more) return {};
      from_words(run_, raw, rejects, local);
      TESSERA_TRY(run_.plan.from.standardiser.check_tokens(*local.standardise));
      const WordBatch& words = local.words;
      if (words.rows == 0) continue;
      if (ids) TESSERA_TRY(ids->add(side.outputs(raw, true)[0], words));
      local.packed.clear();
      from_layout_.pack(words, local.packed);
      for (size_t k = 0; k < to_.anchors(); ++k) {
        anchor_hashes(run_.plan.passes.anchors[k].from, words.words, words.rows, local.hashes);
        for (size_t i = 0; i < words.rows; ++i) {
          if (!local.hashes[i]) continue;
          const uint64_t place = place_of(number, raw.place(words.raw_row.empty() ? i : words.raw_row[i]));
          TESSERA_ASSIGN(std::byte * at,
                         local.appender.take(to_.bin_of(k, to_.part_of(local.hashes[i])), from_bytes()));
          std::memcpy(at, &place, sizeof place);
          std::memcpy(at + sizeof place, local.packed.data() + i * from_layout_.stride(), from_layout_.stride());
        }
      }
      rows += words.rows;
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& rejects, uint64_t rows) -> Status {
    ++morsels_;
    progress.add(rows);
    return tally.add(morsel, rejects, rows);
  };
  TESSERA_TRY(walk<uint64_t>(*source, run_.walk, process, finish));
  if (ids) TESSERA_TRY(ids->check());
  tally.report(run_.from_report);
  run_.from_report.files = source->files();
  add_profiles(side, locals, run_.from_report);
  for (const auto& local : locals) TESSERA_TRY(local->appender.flush());
  return {};
}

Status Partitioned::join(size_t anchor, size_t part, StoredMatches& out) {
  TESSERA_ASSIGN(const ToParts::Part to, to_.load(anchor, part));
  const Matcher matcher(run_.plan.passes, to.records, to_.indexes(anchor, to), Matcher::Wanted::all);
  struct Local {
    std::vector<std::byte> block, packed;
    std::vector<uint64_t> places;
    std::vector<std::vector<uint64_t>> words;
    MatchScratch match;
    std::vector<Match> found, refused;
  };
  tbb::enumerable_thread_specific<Local> locals;
  std::mutex mutex;
  Status status;
  const auto blocks = from_->blocks(to_.bin_of(anchor, part));
  auto join_block = [&](const SpillBins::Block& at) -> Status {
    Local& local = locals.local();
    local.block.clear();
    TESSERA_TRY(from_->read(at, local.block));
    const size_t count = local.block.size() / from_bytes();
    local.packed.resize(count * from_layout_.stride() + PackedLayout::slack);
    local.places.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const std::byte* from = local.block.data() + i * from_bytes();
      std::memcpy(&local.places[i], from, sizeof(uint64_t));
      std::memcpy(local.packed.data() + i * from_layout_.stride(), from + sizeof(uint64_t), from_layout_.stride());
    }
    from_layout_.unpack(local.packed.data(), count, local.words);
    local.found.clear();
    local.refused.clear();
    matcher.match(local.words, count, local.match, local.found, out.refused ? &local.refused : nullptr);
    for (auto* found : {&local.found, &local.refused}) {
      for (Match& m : *found) {
        m.from = local.places[m.from];
        m.to = to.rows[m.to];
      }
    }
    TESSERA_TRY(out.matches->add(local.found));
    if (out.refused) TESSERA_TRY(out.refused->add(local.refused));
    return {};
  };
  tbb::parallel_for(size_t{0}, blocks.size(), [&](size_t i) {
    if (auto done = join_block(blocks[i]); !done) {
      const std::lock_guard lock(mutex);
      if (status) status = std::move(done);
    }
  });
  for (const Local& local : locals) run_.counts.add(local.match.counts);
  return status;
}

}  // namespace

Result<StoredMatches> partition_matches(StepRun& run) {
  TESSERA_ASSIGN(ToParts to, ToParts::make(run));
  return Partitioned(run, std::move(to)).matches();
}

}  // namespace tessera
