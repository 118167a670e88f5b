// table.cc: which passes hold for a pattern?
#include "decide/decide.h"

namespace tessera {

namespace {
constexpr size_t table_bits_max = 16;  // 65,536 masks of 8 bytes stay in the second-level cache
}

PassTable::PassTable(std::vector<PassBits> passes, size_t condition_count) : passes_(std::move(passes)) {
  if (condition_count > table_bits_max) return;
  std::vector<PassMask> table(size_t{1} << condition_count);
  for (Pattern pattern = 0; pattern < table.size(); ++pattern) table[pattern] = search(pattern);
  table_ = std::move(table);
}

PassMask PassTable::search(Pattern pattern) const {
  PassMask mask = 0;
  for (size_t i = 0; i < passes_.size(); ++i) {
    for (const PassBits::Alternative& way : passes_[i].alternatives) {
      if ((pattern & way.need) == way.need && (pattern & way.forbid) == 0) {
        mask |= PassMask{1} << i;
        break;
      }
    }
  }
  return mask;
}

}  // namespace tessera
