// text_source.h: how is a text file cut into blocks of whole rows?
//
//   file    row\n row\n row\n ro | w\n row\n ...
//   block   [row\n row\n row\n]  ro         the rest is carried to the next block
//           [ro  w\n row\n ...
//
// One thread reads, hashes, unpacks and cuts; the blocks are taken apart in
// parallel. The memory of a block comes back when its morsel is gone.
//
// Not here: what a row is (csv_source.cc, ndjson_source.cc).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "read/columns.h"
#include "read/read.h"
#include "read/text_file.h"

namespace tessera {

// After the last byte of a block this many may be read, and are spaces.
constexpr size_t block_padding = 64;

// Blocks that were used and may be used again. From any thread.
class BlockPool {
 public:
  Buffer<char> take();
  void give(Buffer<char> block);

 private:
  std::mutex mutex_;
  std::vector<Buffer<char>> idle_;
};

// Whole rows: [begin, end) of the memory, and padding.
struct TextBlock {
  Buffer<char> memory;
  size_t begin = 0;
  size_t end = 0;
  std::shared_ptr<BlockPool> pool;

  TextBlock() = default;
  TextBlock(TextBlock&&) = default;
  TextBlock& operator=(TextBlock&&) = default;
  ~TextBlock() {
    if (pool) pool->give(std::move(memory));
  }
};

class TextSource : public Source {
 public:
  TextSource(const Input& input, const std::vector<std::string>& columns, const ReadOptions& options);

  // Opens the first file, so that a mistake shows before work begins.
  Status begin() { return open_next_file(); }
  Result<std::unique_ptr<Morsel>> next() final;
  [[nodiscard]] std::vector<InputReport::File> files() const final { return files_; }

 protected:
  // How a format sees the text read so far: [begin(), filled()) of data().
  // Called when a file is open and its first bytes are there: reads what comes
  // before the rows and skips it. May call fill_more().
  virtual Status begin_file() = 0;
  // Looks at what was not looked at yet. At the end of the file, `ended`, all of it.
  virtual Status scan(bool ended) = 0;
  // Where whole rows that may be handed on end; begin() if there are none.
  [[nodiscard]] virtual size_t cut(bool ended) const = 0;
  // Begins to scan anew from begin(): the rest of a block was carried to the next.
  virtual void restart() = 0;
  virtual std::unique_ptr<Morsel> morsel(TextBlock block) = 0;

  [[nodiscard]] const std::string& path() const { return paths_[file_index()]; }
  [[nodiscard]] uint32_t file_index() const { return static_cast<uint32_t>(files_.size()); }
  [[nodiscard]] const Input& input() const { return input_; }
  [[nodiscard]] const std::shared_ptr<const ColumnPlan>& plan() const { return plan_; }
  [[nodiscard]] const ReadOptions& options() const { return options_; }
  [[nodiscard]] char* data() const { return memory_.data(); }
  [[nodiscard]] size_t begin_of_rows() const { return begin_; }
  [[nodiscard]] size_t filled() const { return filled_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] uint64_t bytes_before() const { return bytes_before_; }  // of the file, before data()[0]
  void skip_to(size_t place) { begin_ = place; }
  // Reads on; data() may move. Does nothing when ended().
  Status fill_more();
  // Adds a row end at the end of a file that lacks one.
  void close_last_row() { memory_.data()[filled_++] = '\n'; }
  [[nodiscard]] const TextFile& text_file() const { return *text_; }

 private:
  Status open_next_file();
  Status fill(size_t target);
  void finish_file();
  TextBlock take_block(size_t end);

  Input input_;
  std::vector<std::string> paths_;
  std::shared_ptr<const ColumnPlan> plan_;
  ReadOptions options_;
  std::shared_ptr<BlockPool> pool_ = std::make_shared<BlockPool>();
  std::vector<InputReport::File> files_;  // of files that were read to the end

  std::unique_ptr<TextFile> text_;  // the open file; none: between files
  Buffer<char> memory_;
  size_t begin_ = 0;
  size_t filled_ = 0;
  uint64_t bytes_before_ = 0;
  bool ended_ = false;
};

// Byte marks at the start of a file: how many bytes to skip for UTF-8. Fails: data
// (3) for UTF-16 and UTF-32, which must be converted first.
Result<size_t> byte_order_mark(std::string_view start, const std::string& path);

}  // namespace tessera
