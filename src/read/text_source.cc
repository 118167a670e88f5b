// text_source.cc: the serial part of reading text.
#include "read/text_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace tessera {

namespace {
constexpr uint64_t block_bytes_max = 1ull << 30;  // positions in a block are 32 bits wide
constexpr size_t idle_blocks_max = 64;
}  // namespace

Buffer<char> BlockPool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return {};
  Buffer<char> block = std::move(idle_.back());
  idle_.pop_back();
  return block;
}

void BlockPool::give(Buffer<char> block) {
  const std::lock_guard lock(mutex_);
  if (block.capacity() > 0 && idle_.size() < idle_blocks_max) idle_.push_back(std::move(block));
}

TextSource::TextSource(const Input& input, const std::vector<std::string>& columns, const ReadOptions& options)
    : input_(input), paths_(input.paths), plan_(std::make_shared<ColumnPlan>(input, columns)), options_(options) {
  options_.batch_bytes = std::clamp<uint64_t>(options_.batch_bytes, 64, block_bytes_max);
  options_.batch_rows = std::max<size_t>(options_.batch_rows, 1);
  options_.line_bytes_max = std::clamp<uint64_t>(options_.line_bytes_max, 64, block_bytes_max);
}

Status TextSource::open_next_file() {
  TESSERA_ASSIGN(text_, TextFile::open(path(), input_.digest));
  begin_ = filled_ = 0;
  bytes_before_ = 0;
  ended_ = false;
  TESSERA_TRY(fill(options_.batch_bytes));
  TESSERA_TRY(begin_file());
  restart();
  return {};
}

Status TextSource::fill(size_t target) {
  if (ended_ || filled_ >= target) return {};
  // Room for padding and for the row end of close_last_row().
  if (memory_.capacity() == 0) memory_ = pool_->take();
  memory_.extend(target + block_padding + 1, filled_);
  TESSERA_ASSIGN(const size_t got, text_->read(memory_.data() + filled_, target - filled_));
  ended_ = got < target - filled_;
  filled_ += got;
  return {};
}

Status TextSource::fill_more() { return fill(filled_ + std::max<size_t>(filled_ - begin_, options_.batch_bytes)); }

void TextSource::finish_file() {
  files_.push_back({path(), text_->bytes(), text_->digest()});
  text_.reset();
}

TextBlock TextSource::take_block(size_t end) {
  TextBlock block;
  block.begin = begin_;
  block.end = end;
  block.pool = pool_;
  const size_t rest = filled_ - end;
  Buffer<char> next = pool_->take();
  next.take(std::max<size_t>(rest, options_.batch_bytes) + block_padding + 1);
  std::memcpy(next.data(), memory_.data() + end, rest);
  std::memset(memory_.data() + end, ' ', block_padding);
  block.memory = std::exchange(memory_, std::move(next));
  bytes_before_ += end;
  begin_ = 0;
  filled_ = rest;
  restart();
  return block;
}

Result<std::unique_ptr<Morsel>> TextSource::next() {
  for (;;) {
    if (!text_) {
      if (files_.size() == paths_.size()) return nullptr;
      TESSERA_TRY(open_next_file());
    }
    TESSERA_TRY(fill(options_.batch_bytes));
    TESSERA_TRY(scan(ended_));
    const size_t end = cut(ended_);
    if (end > begin_) return morsel(take_block(end));
    if (ended_) {
      finish_file();
      continue;
    }
    TESSERA_TRY(fill_more());
  }
}

Result<size_t> byte_order_mark(std::string_view start, const std::string& path) {
  if (start.starts_with("\xEF\xBB\xBF")) return 3;
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    return fail(ErrorCode::data, fmt::format("{}: is UTF-16 or UTF-32 text; convert it to UTF-8 first", path));
  }
  return 0;
}

}  // namespace tessera
