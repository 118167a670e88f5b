// to_parts.cc: see to_parts.h.
#include "services/to_parts.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tessera {

namespace {

// What a record of a part has before its words.
struct ToHead {
  uint64_t payload;
  uint32_t row;
} __attribute__((packed));

}  // namespace

Result<ToParts> ToParts::make(StepRun& run) {
  ToParts made(run);
  TESSERA_ASSIGN(made.bins_, SpillBins::make(run.spill_directory, made.anchors_ * made.parts_, part_buffer_bytes));
  TESSERA_TRY(made.spill());
  return made;
}

size_t ToParts::part_of(uint64_t hash) const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<size_t>(Wide{std::rotl(hash, 40)} * parts_ >> 64);
}

size_t ToParts::record_bytes() const { return sizeof(ToHead) + run_->plan.to_layout.stride(); }

Status ToParts::spill() {
  const PackedLayout& layout = run_->plan.to_layout;
  SpillBins::Appender appender(*bins_);
  uint64_t to_rows = 0;
  auto keep = [&](ReferencePiece& piece) -> Status {
    run_->to_starts.push_back(to_rows);
    for (size_t i = 0; i < piece.rows.payload.size(); ++i, ++to_rows) {
      const std::byte* row = piece.words.data() + i * layout.stride();
      if (to_rows >= KeyIndex::rows_max)
        return fail(ErrorCode::resource, "the to side has more than 2,147,483,648 records; split it into two jobs");
      const ToHead head{piece.rows.payload[i], static_cast<uint32_t>(to_rows)};
      for (size_t k = 0; k < anchors_; ++k) {
        const uint64_t hash = anchor_hash(run_->plan.passes.anchors[k].to, layout, row);
        if (!hash) continue;
        TESSERA_ASSIGN(std::byte * place, appender.take(bin_of(k, part_of(hash)), record_bytes()));
        std::memcpy(place, &head, sizeof head);
        std::memcpy(place + sizeof head, row, layout.stride());
      }
    }
    return {};
  };
  TESSERA_TRY(walk_reference(run_->plan.to, layout, run_->store, run_->walk, run_->rejects, run_->spill_directory,
                             run_->to_report, keep));
  run_->linked_to = std::make_unique<LinkedSet>(to_rows);
  return appender.flush();
}

Result<ToParts::Part> ToParts::load(size_t anchor, size_t part) const {
  const size_t bin = bin_of(anchor, part);
  const PackedLayout& layout = run_->plan.to_layout;
  Part out{.records = PackedRecords(layout, bins_->bytes(bin) / record_bytes()), .rows = {}, .index = {}};
  std::vector<std::byte> block, packed;
  std::vector<uint64_t> payload;
  for (const SpillBins::Block& at : bins_->blocks(bin)) {
    block.clear();
    TESSERA_TRY(bins_->read(at, block));
    const size_t count = block.size() / record_bytes();
    packed.resize(count * layout.stride());
    payload.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const std::byte* from = block.data() + i * record_bytes();
      ToHead head;
      std::memcpy(&head, from, sizeof head);
      payload[i] = head.payload;
      out.rows.push_back(head.row);
      std::memcpy(packed.data() + i * layout.stride(), from + sizeof head, layout.stride());
    }
    out.records.append(packed.data(), payload);
  }
  out.index = KeyIndex(out.records, run_->plan.passes.anchors[anchor].to);
  run_->report.reference_bytes =
      std::max<uint64_t>(run_->report.reference_bytes, out.records.bytes() + out.index.bytes());
  return out;
}

std::vector<const KeyIndex*> ToParts::indexes(size_t anchor, const Part& part) const {
  std::vector<const KeyIndex*> out(anchors_, nullptr);
  out[anchor] = &part.index;
  return out;
}

}  // namespace tessera
