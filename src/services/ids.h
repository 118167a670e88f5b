// ids.h: does an id occur twice in an input?
//
// Asked for with "duplicate_ids": "error". 64-bit hashes of the ids wait in spill bins
// and each bin is sorted on its own, so that memory does not grow with the rows.
#pragma once

#include <oneapi/tbb/enumerable_thread_specific.h>

#include <memory>
#include <string>

#include "base/spill.h"
#include "record/raw.h"
#include "record/words.h"
#include "services/side.h"

namespace tessera {

class IdCheck {
 public:
  static Result<std::unique_ptr<IdCheck>> make(std::string input, const std::string& spill_directory);
  // The ids of the rows that are used. Thread-safe.
  Status add(const RawColumn& id, const WordBatch& rows);
  // Fails: data (3) with the number of ids that occur more than once. Two different ids
  // are taken for one with a chance of n^2 / 2^65.
  Status check();

 private:
  IdCheck(std::string input, std::unique_ptr<SpillBins> bins)
      : input_(std::move(input)), bins_(std::move(bins)), appenders_([this] { return SpillBins::Appender(*bins_); }) {}
  std::string input_;
  std::unique_ptr<SpillBins> bins_;
  tbb::enumerable_thread_specific<SpillBins::Appender> appenders_;
};

// The check that an input asks for, or none.
Result<std::unique_ptr<IdCheck>> id_check(const Side& side, const std::string& spill_directory);

}  // namespace tessera
