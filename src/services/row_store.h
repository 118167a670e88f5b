// row_store.h: what stands for a to record in the outputs?
//
// A payload of 64 bits. Where the id is a number and nothing else is carried, the
// payload is the id. Else it is the place of a row of values in a store: in memory
// segment by segment, or in a spill file when the reference does not fit.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "record/raw.h"
#include "resolve/resolve.h"
#include "tessera/error.h"

namespace tessera {

// One value of an output column: number (or day), or text.
struct CarriedValue {
  bool present = false;
  int64_t number = 0;
  std::string_view text;
};

class RowStore {
 public:
  // Forms of the id and then of the carried columns. Empty `spill_directory`: in memory.
  static Result<RowStore> make(std::vector<RawColumn::Form> forms, const std::string& spill_directory);

  // Serialised rows of one batch: bytes, and where each row begins. Thread-safe.
  // `columns` in the order of the forms; `rows`: which rows of the batch, empty for all.
  struct Packed {
    std::vector<std::byte> bytes;
    std::vector<uint64_t> payload;  // ids, or offsets into bytes until append() makes them places
  };
  void pack(std::span<const RawColumn> columns, std::span<const uint32_t> rows, size_t count, Packed& out) const;
  // Keeps the bytes and turns offsets into payloads. One thread at a time.
  Status append(Packed& packed);

  // The values of a payload, in the order of the forms. `buffer` holds text read from disk.
  Status read(uint64_t payload, std::vector<CarriedValue>& out, std::vector<std::byte>& buffer) const;
  [[nodiscard]] IdLess less() const;
  [[nodiscard]] const std::vector<RawColumn::Form>& forms() const { return forms_; }
  [[nodiscard]] bool ids_only() const { return ids_only_; }
  [[nodiscard]] bool on_disk() const { return file_ != nullptr; }
  [[nodiscard]] uint64_t bytes() const { return end_; }

 private:
  std::vector<RawColumn::Form> forms_;
  bool ids_only_ = false;  // payload is the id
  struct Segment {
    uint64_t begin = 0;
    std::vector<std::byte> bytes;
  };
  std::vector<Segment> segments_;  // in memory
  struct File;
  std::shared_ptr<File> file_;  // on disk
  uint64_t end_ = 0;
};

}  // namespace tessera
