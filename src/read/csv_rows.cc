// csv_rows.cc: cells, rows, columns.
#include "read/csv_rows.h"

#include <simdjson.h>

#include <cassert>
#include <cstring>
#include <limits>

#include "read/utf8.h"

namespace tessera {

namespace {
// A batch comes from a piece of text that, with its cells, fits the second-level
// cache; its masks are made and used up by steps that fit the first.
constexpr size_t piece_bytes = 256 << 10;
constexpr size_t step_words = 64;
}  // namespace

CsvMorsel::CsvMorsel(TextBlock block, std::shared_ptr<const CsvLayout> layout, std::shared_ptr<const ColumnPlan> plan,
                     size_t batch_rows)
    : block_(std::move(block)),
      layout_(std::move(layout)),
      plan_(std::move(plan)),
      batch_rows_(batch_rows),
      index_(csv_index_kernel(kernels())),
      indexed_(block_.begin) {
  assert(block_.end <= std::numeric_limits<uint32_t>::max() - block_padding);
}

void CsvMorsel::use(ReadScratch& scratch) {
  scratch_ = &scratch;
  if (!scratch.csv) scratch.csv = std::make_shared<CsvScratch>();
  scratch.csv->masks.take(step_words);
  // The cell before the first ends where the block begins.
  *scratch.csv->cells.take(2) = static_cast<uint32_t>(block_.begin) - 1;
  cell_count_ = 1;
}

// Finds the cells of the next piece; false at the end of the block. Cells and ends
// that a batch has taken are dropped.
bool CsvMorsel::index_more() {
  if (indexed_ >= block_.end) return false;
  CsvScratch& own = *scratch_->csv;
  uint32_t* cells = own.cells.data();
  if (cell_before_ > 0) {
    std::memmove(cells, cells + cell_before_, (cell_count_ - cell_before_) * sizeof *cells);
    cell_count_ -= cell_before_;
    cell_before_ = 0;
  }
  assert(end_next_ == end_count_ && "index_more() comes when all rows are taken");
  end_next_ = end_count_ = 0;

  const size_t piece_end = std::min(block_.end, indexed_ + piece_bytes);
  while (indexed_ < piece_end) index_step();
  return true;
}

void CsvMorsel::index_step() {
  CsvScratch& own = *scratch_->csv;
  const size_t words = std::min(step_words, (block_.end - indexed_ + 63) / 64);
  CsvMasks* masks = own.masks.data();
  const CsvBytes bytes = index_(block_.memory.data() + indexed_, words, layout_->delimiter, masks);
  uint32_t* cells = own.cells.extend(cell_count_ + words * 64 + 8, cell_count_);
  uint32_t* ends = own.ends.extend(end_count_ + words * 64, end_count_);
  size_t cell_count = cell_count_;
  size_t end_count = end_count_;
  uint64_t any_quote = 0;
  for (size_t w = 0; w < words; ++w) {
    const size_t at = indexed_ + w * 64;
    CsvMasks word = masks[w];
    if (block_.end - at < 64) {
      const uint64_t valid = (uint64_t{1} << (block_.end - at)) - 1;
      word = {word.quote & valid, word.delimiter & valid, word.end & valid};
    }
    any_quote |= word.quote;
    const uint64_t outside = ~quotes_.inside(word);
    const uint64_t row_ends = word.end & outside;
    uint64_t breaks = (word.delimiter & outside) | row_ends;
    for (uint64_t rest = row_ends; rest != 0; rest &= rest - 1) {
      const uint64_t below = (rest & (~rest + 1)) - 1;
      ends[end_count++] = static_cast<uint32_t>(cell_count) + static_cast<uint32_t>(std::popcount(breaks & below));
    }
    // Four at a time, some of them for nothing: fewer branches that go wrong.
    const auto count = static_cast<size_t>(std::popcount(breaks));
    uint32_t* to = cells + cell_count;
    for (size_t k = 0; k < count; k += 4) {
      for (size_t j = 0; j < 4; ++j) {
        to[k + j] = static_cast<uint32_t>(at) + static_cast<uint32_t>(std::countr_zero(breaks));
        breaks &= breaks - 1;
      }
    }
    cell_count += count;
  }
  cell_count_ = cell_count;
  end_count_ = end_count;
  any_quote_ = any_quote_ || any_quote != 0;
  indexed_ = std::min(block_.end, indexed_ + words * 64);
  look_at_bytes(bytes);
}

// Decides whether values have to be looked at one by one.
void CsvMorsel::look_at_bytes(CsvBytes bytes) {
  if (bytes.zero) check_ = true;
  if (!bytes.high) return;
  if (layout_->encoding != Encoding::utf8) {
    transcode_ = true;
  } else if (!utf8_known_) {
    // Delimiters, quotes and row ends are ASCII: where the block is UTF-8, so is each value.
    utf8_known_ = true;
    const bool ascii_delimiter = (static_cast<unsigned char>(layout_->delimiter) & 0x80) == 0;
    if (!ascii_delimiter || !simdjson::validate_utf8(block_.memory.data() + block_.begin, block_.end - block_.begin)) {
      check_ = true;
    }
  }
}

// Takes rows of what is indexed, as many as a batch may hold; how many can be used.
size_t CsvMorsel::collect_rows(std::vector<Reject>& rejects) {
  CsvScratch& own = *scratch_->csv;
  const uint32_t* cells = own.cells.data();
  const uint32_t* ends = own.ends.data();
  uint32_t* rows = own.rows.take(batch_rows_);
  uint32_t* places = own.places.take(batch_rows_);
  const size_t columns = layout_->columns;
  size_t count = 0;
  size_t before = cell_before_;
  size_t next = end_next_;
  for (; next < end_count_ && count < batch_rows_; ++next) {
    const size_t end = ends[next];
    const size_t row = before;
    before = end;
    if (end - row == 1 && cells[end] == cells[row] + 1) continue;  // a blank line, or the LF of CR LF
    if (end - row != columns) {
      rejects.push_back({row_++, -1, RejectReason::ragged});
      complete_ = false;
      continue;
    }
    rows[count] = static_cast<uint32_t>(row);
    places[count] = static_cast<uint32_t>(row_++);
    ++count;
  }
  end_next_ = next;
  cell_before_ = before;
  return count;
}

Result<bool> CsvMorsel::next(RawBatch& out, std::vector<Reject>& rejects) {
  assert(scratch_ != nullptr && "use_scratch() comes before next()");
  ReadScratch& scratch = *scratch_;
  for (;;) {
    if (end_next_ == end_count_ && !index_more()) return false;
    const size_t first_reject = rejects.size();
    const uint64_t first_row = row_;
    complete_ = true;
    const size_t rows = collect_rows(rejects);
    scratch.raw.resize(plan_->names.size());
    scratch.unusable.clear();
    for (size_t i = 0; i < plan_->names.size() && rows > 0; ++i) scratch.raw[i] = column(i, rows, rejects);
    settle_rejects(rejects, first_reject, scratch.unusable);
    if (rows == 0) continue;
    const uint32_t* places = complete_ ? nullptr : scratch.csv->places.data();
    filtered_ += finish_batch(*plan_, scratch, rows, first_row, places, work_, out);
    if (out.rows > 0) return true;
  }
}

RawColumn CsvMorsel::column(size_t index, size_t rows, std::vector<Reject>& rejects) {
  ColumnBuffers& buffers = scratch_->column(index);
  const CsvScratch& own = *scratch_->csv;
  buffers.side.clear();
  std::string_view* texts = buffers.texts.take(batch_rows_);
  const char* const data = block_.memory.data();
  const uint32_t* const cells = own.cells.data() + layout_->place[index];
  const uint32_t* const first = own.rows.data();
  for (size_t i = 0; i < rows; ++i) {
    const uint32_t from = cells[first[i]] + 1;
    const uint32_t to = cells[first[i] + 1];
    texts[i] = {from == to ? nullptr : data + from, to - from};
  }
  if (any_quote_) unquote(texts, rows, buffers.side);
  if (check_ || transcode_) decode(index, texts, rows, buffers.side, rejects);
  RawColumn column;
  column.texts = {texts, rows};
  return column;
}

void CsvMorsel::unquote(std::string_view* texts, size_t rows, SideBytes& side) const {
  for (size_t i = 0; i < rows; ++i) {
    if (texts[i].empty() || texts[i].front() != '"') continue;
    texts[i] = unquoted(texts[i], side);
    if (texts[i].empty()) texts[i] = {};
  }
}

void CsvMorsel::decode(size_t index, std::string_view* texts, size_t rows, SideBytes& side,
                       std::vector<Reject>& rejects) {
  for (size_t i = 0; i < rows; ++i) {
    std::string_view& text = texts[i];
    bool good = !check_ || text.find('\0') == std::string_view::npos;
    if (good && !is_ascii(text.data(), text.size())) {
      if (layout_->encoding == Encoding::utf8) {
        good = is_utf8(text);
      } else {
        const auto decoded = to_utf8(text, layout_->encoding, side);
        good = decoded.has_value();
        if (good) text = *decoded;
      }
    }
    if (good) continue;
    text = {};
    scratch_->unusable.push_back(static_cast<uint32_t>(i));
    rejects.push_back({scratch_->csv->places.data()[i], plan_->field[index], RejectReason::undecodable});
  }
}

}  // namespace tessera
