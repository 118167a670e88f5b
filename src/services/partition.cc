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
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <bit>
#include <cassert>
#include <cstring>
#include <mutex>

#include "services/step.h"

namespace tessera {

namespace {

constexpr size_t part_buffer_bytes = size_t{1} << 16;

// The index takes the upper bits of the hash for its lines and the lowest for its tags.
size_t part_of(uint64_t hash, uint64_t parts) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<size_t>(Wide{std::rotl(hash, 40)} * parts >> 64);
}

// A record of a part: of the to side its row, payload and words; of the from side its place and words.
struct ToHead {
  uint64_t payload;
  uint32_t row;
} __attribute__((packed));

class Partitioned {
 public:
  explicit Partitioned(StepRun& run)
      : run_(run),
        parts_(run.plan.forecast.partitions),
        anchors_(run.plan.passes.anchors.size()),
        from_layout_(run.plan.from.words, run.plan.from.kinds) {}

  Result<StoredMatches> matches();

 private:
  Status spill_to();
  Status spill_from();
  Status join(size_t anchor, size_t part, StoredMatches& out);
  Result<PackedRecords> load(size_t bin, std::vector<uint32_t>& rows) const;
  [[nodiscard]] size_t bin_of(size_t anchor, size_t part) const { return anchor * parts_ + part; }
  [[nodiscard]] size_t to_bytes() const { return sizeof(ToHead) + run_.plan.to_layout.stride(); }
  [[nodiscard]] size_t from_bytes() const { return sizeof(uint64_t) + from_layout_.stride(); }

  StepRun& run_;
  const uint64_t parts_;
  const size_t anchors_;
  const PackedLayout from_layout_;
  std::unique_ptr<SpillBins> to_, from_;
  uint64_t to_rows_ = 0;
  uint64_t morsels_ = 0;
};

Result<StoredMatches> Partitioned::matches() {
  TESSERA_ASSIGN(to_, SpillBins::make(run_.spill_directory, anchors_ * parts_, part_buffer_bytes));
  TESSERA_ASSIGN(from_, SpillBins::make(run_.spill_directory, anchors_ * parts_, part_buffer_bytes));
  TESSERA_TRY(spill_to());
  TESSERA_TRY(spill_from());
  StoredMatches out;
  TESSERA_ASSIGN(out.matches, MatchStore::make(run_.spill_directory, morsels_, run_.plan.passes));
  if (run_.tables.refused) {
    TESSERA_ASSIGN(out.refused, MatchStore::make(run_.spill_directory, morsels_, run_.plan.passes));
  }
  Progress progress("joining parts", anchors_ * parts_, run_.walk.show_progress);
  for (size_t anchor = 0; anchor < anchors_; ++anchor) {
    for (size_t part = 0; part < parts_; ++part) {
      TESSERA_TRY(check_interrupted());
      TESSERA_TRY(join(anchor, part, out));
      progress.add(1);
    }
  }
  run_.report.partitions = parts_;
  run_.report.spill_bytes += to_->bytes_written() + from_->bytes_written();
  return out;
}

Status Partitioned::spill_to() {
  const PackedLayout& layout = run_.plan.to_layout;
  SpillBins::Appender appender(*to_);
  auto keep = [&](ReferencePiece& piece) -> Status {
    run_.to_starts.push_back(to_rows_);
    for (size_t i = 0; i < piece.rows.payload.size(); ++i, ++to_rows_) {
      const std::byte* row = piece.words.data() + i * layout.stride();
      if (to_rows_ >= KeyIndex::rows_max)
        return fail(ErrorCode::resource, "the to side has more than 2,147,483,648 records; split it into two jobs");
      const ToHead head{piece.rows.payload[i], static_cast<uint32_t>(to_rows_)};
      for (size_t k = 0; k < anchors_; ++k) {
        const uint64_t hash = anchor_hash(run_.plan.passes.anchors[k].to, layout, row);
        if (!hash) continue;
        TESSERA_ASSIGN(std::byte * place, appender.take(bin_of(k, part_of(hash, parts_)), to_bytes()));
        std::memcpy(place, &head, sizeof head);
        std::memcpy(place + sizeof head, row, layout.stride());
      }
    }
    return {};
  };
  TESSERA_TRY(walk_reference(run_.plan.to, layout, run_.store, run_.walk, run_.rejects, run_.spill_directory,
                             run_.to_report, keep));
  run_.linked_to = std::make_unique<LinkedSet>(to_rows_);
  return appender.flush();
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
      for (size_t k = 0; k < anchors_; ++k) {
        anchor_hashes(run_.plan.passes.anchors[k].from, words.words, words.rows, local.hashes);
        for (size_t i = 0; i < words.rows; ++i) {
          if (!local.hashes[i]) continue;
          const uint64_t place = place_of(number, raw.place(words.raw_row.empty() ? i : words.raw_row[i]));
          TESSERA_ASSIGN(std::byte * at,
                         local.appender.take(bin_of(k, part_of(local.hashes[i], parts_)), from_bytes()));
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

Result<PackedRecords> Partitioned::load(size_t bin, std::vector<uint32_t>& rows) const {
  const PackedLayout& layout = run_.plan.to_layout;
  PackedRecords records(layout, to_->bytes(bin) / to_bytes());
  std::vector<std::byte> block, packed;
  std::vector<uint64_t> payload;
  for (const SpillBins::Block& at : to_->blocks(bin)) {
    block.clear();
    TESSERA_TRY(to_->read(at, block));
    const size_t count = block.size() / to_bytes();
    packed.resize(count * layout.stride());
    payload.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const std::byte* from = block.data() + i * to_bytes();
      ToHead head;
      std::memcpy(&head, from, sizeof head);
      payload[i] = head.payload;
      rows.push_back(head.row);
      std::memcpy(packed.data() + i * layout.stride(), from + sizeof head, layout.stride());
    }
    records.append(packed.data(), payload);
  }
  return records;
}

Status Partitioned::join(size_t anchor, size_t part, StoredMatches& out) {
  const size_t bin = bin_of(anchor, part);
  std::vector<uint32_t> rows;
  TESSERA_ASSIGN(const PackedRecords records, load(bin, rows));
  const KeyIndex index(records, run_.plan.passes.anchors[anchor].to);
  run_.report.reference_bytes = std::max<uint64_t>(run_.report.reference_bytes, records.bytes() + index.bytes());
  std::vector<const KeyIndex*> indexes(anchors_, nullptr);
  indexes[anchor] = &index;
  const Matcher matcher(run_.plan.passes, records, indexes);
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
  const auto blocks = from_->blocks(bin);
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
        m.to = rows[m.to];
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

Result<StoredMatches> partition_matches(StepRun& run) { return Partitioned(run).matches(); }

}  // namespace tessera
