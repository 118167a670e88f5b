// csv_rows.h: how does a block of CSV become columns of text?
//
//   text   7,Ann,"x"\n8,Bob,\n
//   cells  [-1] 1 5 9  11 15 16      places of delimiters and row ends, outside quotes
//   ends         ^3       ^6         which of the cells end a row
//
// Cell k of a row lies between two places, so a column that is not needed costs
// nothing but the place of its delimiter. Text is a view into the block unless it
// has doubled quotes or is not UTF-8; then it is rewritten beside.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "read/columns.h"
#include "read/csv_index.h"
#include "read/text_source.h"

namespace tessera {

// How the rows of one file are laid out.
struct CsvLayout {
  std::string path;
  uint32_t file = 0;
  char delimiter = ',';
  Encoding encoding = Encoding::utf8;
  size_t columns = 0;
  std::vector<size_t> place;  // of each planned column
};

// Cells of a block, found piece by piece. Kept by the thread.
struct CsvScratch {
  Buffer<CsvMasks> masks;
  Buffer<uint32_t> cells;
  Buffer<uint32_t> ends;    // indexes into cells
  Buffer<uint32_t> rows;    // of the batch: index into cells of what comes before its first cell
  Buffer<uint32_t> places;  // of the batch: place of each row in the morsel
};

class CsvMorsel final : public ScratchMorsel {
 public:
  CsvMorsel(TextBlock block, std::shared_ptr<const CsvLayout> layout, std::shared_ptr<const ColumnPlan> plan,
            size_t batch_rows);
  void use(ReadScratch& scratch) override;
  Result<bool> next(RawBatch& out, std::vector<Reject>& rejects) override;
  [[nodiscard]] uint64_t rows_seen() const override { return row_; }
  [[nodiscard]] uint64_t rows_filtered() const override { return filtered_; }
  [[nodiscard]] uint32_t file() const override { return layout_->file; }

 private:
  bool index_more();
  void index_step();
  size_t collect_rows(std::vector<Reject>& rejects);
  void look_at_bytes(CsvBytes bytes);
  RawColumn column(size_t index, size_t rows, std::vector<Reject>& rejects);
  void unquote(std::string_view* texts, size_t rows, SideBytes& side) const;
  void decode(size_t index, std::string_view* texts, size_t rows, SideBytes& side, std::vector<Reject>& rejects);

  TextBlock block_;
  std::shared_ptr<const CsvLayout> layout_;
  std::shared_ptr<const ColumnPlan> plan_;
  size_t batch_rows_;
  CsvIndexKernel index_;
  ReadScratch* scratch_ = nullptr;
  RowFilter::Work work_;

  QuoteState quotes_;
  size_t indexed_ = 0;      // bytes of the block
  size_t cell_count_ = 0;   // in scratch.cells
  size_t end_count_ = 0;    // in scratch.ends
  size_t end_next_ = 0;     // the first end that no batch has taken
  size_t cell_before_ = 0;  // the cell before the first cell of that row
  bool any_quote_ = false;
  bool check_ = false;      // each value: it may not be text
  bool transcode_ = false;  // values with high bytes
  bool utf8_known_ = false;
  bool complete_ = true;  // no row of the batch at hand was left out
  uint64_t row_ = 0;
  uint64_t filtered_ = 0;
};

// The cells of one row that ends before `end`, decoded; for headers. `data` may be
// read to end + block_padding. Fails with the index of a cell that is not text.
std::expected<std::vector<std::string>, size_t> csv_cells(const char* data, size_t begin, size_t end, char delimiter,
                                                          Encoding encoding);

// Text of Windows-1252 or Latin-1 as UTF-8 in `side`; none if a byte has no meaning there.
std::optional<std::string_view> to_utf8(std::string_view text, Encoding encoding, SideBytes& side);
// What a cell that begins with a quote says.
std::string_view unquoted(std::string_view cell, SideBytes& side);

}  // namespace tessera
