// match_log.cc: see match_log.h.
#include "services/match_log.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tessera {

namespace {

constexpr size_t log_block_bytes = size_t{1} << 16;

struct LogHead {
  uint64_t payload;
  uint32_t row, to;
};

bool in_order(const Match& a, const Match& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; }

}  // namespace

MatchLog::MatchLog(std::unique_ptr<SpillBins> spill, const PassPlan& plan)
    : spill_(std::move(spill)),
      passes_bytes_((plan.table.passes().size() + 7) / 8),
      pattern_bytes_((plan.conditions.size() + 7) / 8),
      match_bytes_(sizeof(LogHead) + passes_bytes_ + pattern_bytes_) {
  static_assert(std::endian::native == std::endian::little);  // the first bytes of a mask are its low bits
}

Result<std::unique_ptr<MatchLog>> MatchLog::make(const std::string& spill_directory, const PassPlan& plan) {
  TESSERA_ASSIGN(auto spill, SpillBins::make(spill_directory, 0, log_block_bytes));
  return std::unique_ptr<MatchLog>(new MatchLog(std::move(spill), plan));
}

void MatchLog::put(const Match& match, uint32_t row, std::byte* at) const {
  const LogHead head{.payload = match.payload, .row = row, .to = match.to};
  std::memcpy(at, &head, sizeof head);
  std::memcpy(at + sizeof head, &match.passes, passes_bytes_);
  std::memcpy(at + sizeof head + passes_bytes_, &match.pattern, pattern_bytes_);
}

Match MatchLog::get(const std::byte* at) const {
  LogHead head;
  std::memcpy(&head, at, sizeof head);
  Match match{.from = head.row, .to = head.to, .payload = head.payload};
  std::memcpy(&match.passes, at + sizeof head, passes_bytes_);
  std::memcpy(&match.pattern, at + sizeof head + passes_bytes_, pattern_bytes_);
  return match;
}

Status MatchLog::Writer::add(const RawBatch& raw, std::span<const Match> matches) {
  const size_t most = log_block_bytes / log_.match_bytes_ * log_.match_bytes_;
  buffer_.reserve(most);
  for (const Match& match : matches) {
    if (buffer_.size() == most) {
      TESSERA_ASSIGN(blocks_.emplace_back(), log_.spill_->add_block(morsel_, buffer_));
      buffer_.clear();
    }
    buffer_.resize(buffer_.size() + log_.match_bytes_);
    log_.put(match, static_cast<uint32_t>(raw.place(match.from)), buffer_.data() + buffer_.size() - log_.match_bytes_);
  }
  return {};
}

Status MatchLog::Writer::finish() {
  if (!buffer_.empty()) {
    TESSERA_ASSIGN(blocks_.emplace_back(), log_.spill_->add_block(morsel_, buffer_));
  }
  const std::lock_guard lock(log_.mutex_);
  if (log_.morsels_.size() <= morsel_) log_.morsels_.resize(morsel_ + 1);
  log_.morsels_[morsel_] = std::move(blocks_);
  return {};
}

MatchLog::Reader::Reader(const MatchLog& log, uint64_t morsel) : log_(log) {
  if (morsel < log.morsels_.size()) blocks_ = log.morsels_[morsel];
}

Status MatchLog::Reader::load() {
  block_.clear();
  at_ = 0;
  return next_ < blocks_.size() ? log_.spill_->read(blocks_[next_++], block_) : Status();
}

Status MatchLog::Reader::take(const RawBatch& raw, std::vector<Match>& matches) {
  const auto others = static_cast<ptrdiff_t>(matches.size());
  for (size_t row = 0; row < raw.rows;) {
    if (at_ == block_.size()) TESSERA_TRY(load());
    if (block_.empty()) break;
    Match match = log_.get(block_.data() + at_);
    while (row < raw.rows && raw.place(row) < match.from) ++row;
    if (row == raw.rows || raw.place(row) != match.from) break;  // of a later batch
    match.from = row;
    matches.push_back(match);
    at_ += log_.match_bytes_;
  }
  if (others > 0) std::inplace_merge(matches.begin(), matches.begin() + others, matches.end(), in_order);
  return {};
}

}  // namespace tessera
