// text_file.h: how does text come out of a file, plain or compressed?
//
// .gz and .zst are told by the ending of the name and unpacked with the codecs of
// Arrow. The digest is of the bytes as they lie in the file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "read/file_digest.h"
#include "tessera/job.h"

namespace tessera {

class TextFile {
 public:
  static Result<std::unique_ptr<TextFile>> open(const std::string& path, Digest digest);
  ~TextFile();
  // Up to `count` bytes; fewer only at the end. Fails: data (3).
  Result<size_t> read(char* out, size_t count);
  [[nodiscard]] uint64_t bytes() const;     // of the file
  [[nodiscard]] uint64_t consumed() const;  // of those, read so far
  // After the end was reached.
  [[nodiscard]] std::string digest() const;

 private:
  struct State;
  explicit TextFile(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

// The ending that tells the format: of "a.csv.gz" it is ".csv". In small letters.
std::string format_ending(const std::string& path);

}  // namespace tessera
