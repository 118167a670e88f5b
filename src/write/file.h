// file.h: how do bytes become a file that can be trusted?
//
// A file is new (O_EXCL), private (0600), written through one buffer, and digested
// on its way. Writing back to the disk starts while more is written, so the sync
// at the end has little left to wait for.
//
// Not here: formats (text.cc, parquet.cc), when a file becomes visible (base/publish.h).
#pragma once

#include <xxhash.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"
#include "tessera/error.h"
#include "tessera/report.h"

namespace tessera {

class OutFile {
 public:
  // `name`: what close() calls the file.
  // Fails: resource (4) with the path and the reason.
  static Result<OutFile> create(const std::string& path, const std::string& name);

  // Fails: resource (4). After a failure every call fails with the same error.
  Status write(std::string_view bytes);
  // Writes what is buffered, syncs and closes. Fails: resource (4).
  Result<OutputFile> close(uint64_t rows);

  [[nodiscard]] uint64_t bytes() const { return written_ + buffered_; }

 private:
  struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  OutFile(std::string path, std::string name, OpenFile file);
  Status put(std::string_view bytes);  // past the buffer
  Status broken(const char* doing, int number);

  std::string path_, name_;
  OpenFile file_;
  std::unique_ptr<XXH3_state_t, FreeState> digest_;
  std::unique_ptr<char[]> buffer_;
  uint64_t buffered_ = 0, written_ = 0, started_ = 0;  // started_: bytes on their way to the disk
  std::string failure_;                                // not empty: the message of the first error
};

// "cannot write PATH: REASON", and what to do about it.
[[nodiscard]] std::string write_failure(const std::string& path, const char* doing, int number);

}  // namespace tessera
