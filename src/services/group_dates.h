// group_dates.h: when was a person last active?
//
// A limit may ask for the latest date of all rows of a group (a person) rather than the
// row's own. One walk before the linkage finds it: a table from group to date, 24 bytes
// a group in 256 shards; a batch is sorted into bins first, so a shard's lock is taken
// once a batch. A group is known by 128 bits of hash.
#pragma once

#include <memory>
#include <vector>

#include "record/pattern.h"
#include "record/raw.h"
#include "record/words.h"
#include "services/walk.h"

namespace tessera {

class GroupDates {
 public:
  GroupDates();
  ~GroupDates();
  GroupDates(GroupDates&&) noexcept;
  GroupDates& operator=(GroupDates&&) noexcept;
  // Thread-safe. dates are words; rows with a null group or no full date are left out.
  void add(const RawColumn& group, const WordBatch& rows, const std::vector<uint64_t>& dates);
  // Replaces each date by the latest of its group. Thread-safe once no one adds.
  void apply(const RawColumn& group, const WordBatch& rows, std::vector<uint64_t>& dates) const;
  [[nodiscard]] uint64_t groups() const;

 private:
  struct Shard;
  std::unique_ptr<Shard[]> shards_;
};

// Walks the input for the groups of one limit.
Result<GroupDates> collect_group_dates(const Job& job, const Side& from, const DateLimit& limit,
                                       const WalkOptions& options);

}  // namespace tessera
