// reference.h: how does the to side come into memory?
//
// Batches are standardised and packed in parallel and laid end to end in order of
// the input, so that the row of a record does not depend on timing.
#pragma once

#include <functional>
#include <vector>

#include "block/block.h"
#include "decide/decide.h"
#include "record/packed.h"
#include "services/ids.h"
#include "services/row_store.h"
#include "services/walk.h"

namespace tessera {

// One morsel of the to side: packed rows and their payloads.
struct ReferencePiece {
  std::vector<std::byte> words;  // packed, with the layout's slack at the end
  RowStore::Packed rows;
};

// Gets every piece in order; payloads are final.
using KeepPiece = std::function<Status(ReferencePiece&)>;

// Walks the to side and hands on every piece. Checks ids where the input asks for it.
Status walk_reference(const Side& side, const PackedLayout& layout, RowStore& store, const WalkOptions& options,
                      TableWriter* rejects, const std::string& spill_directory, InputReport& report,
                      const KeepPiece& keep);

// The indexes of the plan's anchors over the records.
std::vector<KeyIndex> build_indexes(const PackedRecords& records, const PassPlan& plan);

}  // namespace tessera
