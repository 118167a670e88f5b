// ndjson_rows.h: how does a line of JSON become values?
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "read/columns.h"
#include "read/text_source.h"

namespace tessera {

// Reads one line after another. The work is simdjson's.
class JsonLine {
 public:
  JsonLine();
  ~JsonLine();
  JsonLine(const JsonLine&) = delete;
  JsonLine& operator=(const JsonLine&) = delete;

  // What is wrong with a line, and with the value of which wanted key (-1: none).
  struct Fault {
    RejectReason reason = RejectReason::not_an_object;
    int column = -1;
  };
  // Values of the keys `wanted`; null where missing. They point into the line, of
  // which block_padding bytes more may be read, or into sides[column].
  // Requires: `wanted` is the same vector at every call.
  std::optional<Fault> read(std::string_view line, const std::vector<std::string>& wanted, std::string_view* values,
                            const std::vector<SideBytes*>& sides);
  // Adds the keys of a line that are not there yet; false if it is no object.
  bool keys(std::string_view line, std::vector<std::string>& keys);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class NdjsonMorsel final : public ScratchMorsel {
 public:
  NdjsonMorsel(TextBlock block, std::shared_ptr<const ColumnPlan> plan, uint32_t file, size_t batch_rows);
  ~NdjsonMorsel() override;
  void use(ReadScratch& scratch) override;
  Result<bool> next(RawBatch& out, std::vector<Reject>& rejects) override;
  [[nodiscard]] uint64_t rows_seen() const override { return row_; }
  [[nodiscard]] uint64_t rows_filtered() const override { return filtered_; }
  [[nodiscard]] uint32_t file() const override { return file_; }

 private:
  size_t read_rows(std::vector<Reject>& rejects);

  TextBlock block_;
  std::shared_ptr<const ColumnPlan> plan_;
  uint32_t file_;
  size_t batch_rows_;
  ReadScratch* scratch_ = nullptr;
  RowFilter::Work work_;
  size_t at_;
  bool complete_ = true;  // no row of the batch at hand was left out
  uint64_t row_ = 0;
  uint64_t filtered_ = 0;
};

// Whether a line is of nothing but white space.
[[nodiscard]] bool is_blank(std::string_view line);

}  // namespace tessera
