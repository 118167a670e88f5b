// match_store.cc: where do matches wait until all of a record's are known?
#include "services/match_store.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tessera {

namespace {

constexpr uint64_t bins_max = 256;
constexpr size_t match_buffer_bytes = size_t{1} << 14;

template <class T>
std::byte* put_bytes(std::byte* at, T value, size_t bytes = sizeof(T)) {
  std::memcpy(at, &value, bytes);
  return at + bytes;
}
template <class T>
const std::byte* get_bytes(const std::byte* at, T& value, size_t bytes = sizeof(T)) {
  std::memcpy(&value, at, bytes);
  return at + bytes;
}

}  // namespace

MatchStore::MatchStore(std::unique_ptr<SpillBins> bins, uint64_t morsels_a_bin, const PassPlan& plan)
    : bins_(std::move(bins)),
      morsels_a_bin_(morsels_a_bin),
      passes_bytes_((plan.table.passes().size() + 7) / 8),
      pattern_bytes_((plan.conditions.size() + 7) / 8),
      match_bytes_(2 * sizeof(uint64_t) + 2 * sizeof(uint32_t) + passes_bytes_ + pattern_bytes_),
      appenders_([this] { return SpillBins::Appender(*bins_); }) {
  static_assert(std::endian::native == std::endian::little);  // the first bytes of a mask are its low bits
}

Result<std::unique_ptr<MatchStore>> MatchStore::make(const std::string& spill_directory, uint64_t morsels,
                                                     const PassPlan& plan) {
  const uint64_t bins = std::clamp<uint64_t>(morsels, 1, bins_max);
  TESSERA_ASSIGN(auto spill, SpillBins::make(spill_directory, bins, match_buffer_bytes));
  return std::unique_ptr<MatchStore>(
      new MatchStore(std::move(spill), std::max<uint64_t>(1, (morsels + bins - 1) / bins), plan));
}

void MatchStore::put_one(const Match& match, std::byte* at) const {
  at = put_bytes(at, match.from);
  at = put_bytes(at, match.payload);
  at = put_bytes(at, match.to);
  at = put_bytes(at, match.ties);
  at = put_bytes(at, match.passes, passes_bytes_);
  put_bytes(at, match.pattern, pattern_bytes_);
}

Match MatchStore::get_one(const std::byte* at) const {
  Match match;
  at = get_bytes(at, match.from);
  at = get_bytes(at, match.payload);
  at = get_bytes(at, match.to);
  at = get_bytes(at, match.ties);
  at = get_bytes(at, match.passes, passes_bytes_);
  get_bytes(at, match.pattern, pattern_bytes_);
  return match;
}

Status MatchStore::add(std::span<const Match> matches) {
  SpillBins::Appender& appender = appenders_.local();
  for (const Match& match : matches) {
    TESSERA_ASSIGN(std::byte * place, appender.take(range_of(match.from >> 32), match_bytes_));
    put_one(match, place);
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
  out.resize(bytes.size() / match_bytes_);
  for (size_t i = 0; i < out.size(); ++i) out[i] = get_one(bytes.data() + i * match_bytes_);
  if (!sorted_)
    std::ranges::sort(out,
                      [](const Match& a, const Match& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; });
  return {};
}

Status MatchStore::put(size_t range, std::span<const Match> matches) {
  std::vector<std::byte> bytes(matches.size() * match_bytes_);
  for (size_t i = 0; i < matches.size(); ++i) put_one(matches[i], bytes.data() + i * match_bytes_);
  return bins_->rewrite(range, bytes);
}

}  // namespace tessera
