// ids.cc: does an id occur twice in an input?
#include "services/ids.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace tessera {

namespace {
constexpr size_t id_bins = 256;
constexpr size_t id_buffer_bytes = size_t{1} << 14;
}  // namespace

Result<std::unique_ptr<IdCheck>> IdCheck::make(std::string input, const std::string& spill_directory) {
  TESSERA_ASSIGN(auto spill, SpillBins::make(spill_directory, id_bins, id_buffer_bytes));
  return std::unique_ptr<IdCheck>(new IdCheck(std::move(input), std::move(spill)));
}

Status IdCheck::add(const RawColumn& id, const WordBatch& rows) {
  SpillBins::Appender& appender = appenders_.local();
  for (size_t i = 0; i < rows.rows; ++i) {
    const size_t row = rows.raw_row.empty() ? i : rows.raw_row[i];
    uint64_t hash = 0;
    if (id.form == RawColumn::Form::text) {
      const std::string_view text = id.text(row);
      hash = XXH3_64bits(text.data(), text.size());
    } else {
      hash = XXH3_64bits(&id.numbers[row], sizeof(int64_t));
    }
    TESSERA_ASSIGN(std::byte * place, appender.take(hash % id_bins, sizeof hash));
    std::memcpy(place, &hash, sizeof hash);
  }
  return {};
}

Status IdCheck::check() {
  for (SpillBins::Appender& appender : appenders_) TESSERA_TRY(appender.flush());
  uint64_t repeated = 0;
  std::vector<std::byte> bytes;
  std::vector<uint64_t> hashes;
  for (size_t bin = 0; bin < id_bins; ++bin) {
    TESSERA_TRY(bins_->read_bin(bin, bytes));
    if (bytes.empty()) continue;
    hashes.resize(bytes.size() / sizeof(uint64_t));
    std::memcpy(hashes.data(), bytes.data(), bytes.size());
    std::ranges::sort(hashes);
    for (size_t i = 1; i < hashes.size(); ++i)
      repeated += hashes[i] == hashes[i - 1] && (i < 2 || hashes[i - 2] != hashes[i]);
  }
  if (repeated == 0) return {};
  return fail(ErrorCode::data,
              fmt::format("the input \"{}\" has {} ids that occur more than once; make them unique, or "
                          "set \"duplicate_ids\": \"keep\" on the input",
                          input_, repeated));
}

Result<std::unique_ptr<IdCheck>> id_check(const Side& side, const std::string& spill_directory) {
  if (side.input->duplicate_ids == DuplicateIds::keep) return nullptr;
  return IdCheck::make(side.input->name, spill_directory);
}

}  // namespace tessera
