// parquet_stream.h: how does Arrow see a file of ours?
#pragma once

#include <arrow/io/interfaces.h>

#include "write/file.h"

namespace tessera {

// Outlived by the file. The error of the file outlives Arrow's exception about it.
class ParquetStream final : public arrow::io::OutputStream {
 public:
  explicit ParquetStream(OutFile& file) : file_(file) {}
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  [[nodiscard]] bool closed() const override { return closed_; }
  [[nodiscard]] arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(file_.bytes()); }
  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t count) override {
    if (closed_ || !status_) return arrow::Status::IOError("closed");
    status_ = file_.write({static_cast<const char*>(data), static_cast<size_t>(count)});
    return status_ ? arrow::Status::OK() : arrow::Status::IOError("see the file's own error");
  }
  [[nodiscard]] const Status& status() const { return status_; }
  void shut() { closed_ = true; }  // from here on nothing is written

 private:
  OutFile& file_;
  bool closed_ = false;
  Status status_;
};

}  // namespace tessera
