// match_store.cc: where do matches wait until all of a record's are known?
#include "services/match_store.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace tessera {

namespace {
constexpr uint64_t bins_max = 256;
constexpr size_t match_buffer_bytes = size_t{1} << 14;
static_assert(std::is_trivially_copyable_v<Match>);
}  // namespace

Result<std::unique_ptr<MatchStore>> MatchStore::make(const std::string& spill_directory, uint64_t morsels) {
  const uint64_t bins = std::clamp<uint64_t>(morsels, 1, bins_max);
  TESSERA_ASSIGN(auto spill, SpillBins::make(spill_directory, bins, match_buffer_bytes));
  return std::unique_ptr<MatchStore>(
      new MatchStore(std::move(spill), std::max<uint64_t>(1, (morsels + bins - 1) / bins)));
}

Status MatchStore::add(std::span<const Match> matches) {
  SpillBins::Appender& appender = appenders_.local();
  for (const Match& match : matches) {
    TESSERA_ASSIGN(std::byte * place, appender.take(range_of(match.from >> 32), sizeof match));
    std::memcpy(place, &match, sizeof match);
  }
  return {};
}

Status MatchStore::flush() {
  for (SpillBins::Appender& appender : appenders_) TESSERA_TRY(appender.flush());
  return {};
}

Status MatchStore::get(size_t range, std::vector<Match>& out) const {
  std::vector<std::byte> bytes;
  TESSERA_TRY(bins_->read_bin(range, bytes));
  out.resize(bytes.size() / sizeof(Match));
  if (!bytes.empty()) std::memcpy(static_cast<void*>(out.data()), bytes.data(), bytes.size());
  if (!sorted_)
    std::ranges::sort(out,
                      [](const Match& a, const Match& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; });
  return {};
}

Status MatchStore::put(size_t range, std::span<const Match> matches) {
  return bins_->rewrite(range, std::as_bytes(matches));
}

}  // namespace tessera
