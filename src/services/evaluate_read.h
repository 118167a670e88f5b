// evaluate_read.h: how do files of links, truth and clusters become numbers?
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/raw.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

constexpr uint32_t no_entity = 0xffffffff;

// Ids by the order in which they are first seen.
class IdNumbers {
 public:
  // `input`: hash of the name of the input that the id is of.
  uint32_t number(uint64_t input, std::string_view id);
  [[nodiscard]] uint32_t size() const { return used_; }

 private:
  struct Slot {
    uint64_t hash = 0;  // 0: free
    uint32_t number = 0;
  };
  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  uint32_t used_ = 0;
};

// Text or number of a row, as text; data() == nullptr: null. Good until the next call with the same buffer.
std::string_view value_text(const RawColumn& column, size_t row, std::string& buffer);

// A table: its columns by meaning, and its rows.
class EvaluateTable {
 public:
  // `what` is "links", "truth" or "clusters", for messages.
  static Result<EvaluateTable> open(std::string what, const std::vector<std::string>& paths);
  // The name of the first of these columns that is there, or empty.
  [[nodiscard]] std::string find(std::span<const std::string_view> names) const;
  // Fails: usage (2), naming what was looked for and what there is.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] Result<std::string> need(std::span<const std::string_view> names) const;
  using EachRow = std::function<Status(const RawBatch&, size_t row)>;
  // Calls with each row in order; columns as asked. Rows that cannot be read are data (3).
  Status read(const std::vector<std::string>& columns, const EachRow& each) const;
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  std::string what_;
  Input input_;
  std::vector<std::string> columns_;
};

}  // namespace tessera
