// file.cc: see file.h.
#include "write/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tessera {
namespace {

constexpr uint64_t buffer_bytes = 1 << 18;
constexpr uint64_t start_back_bytes = 8 << 20;

// Asks the system to begin writing back, without waiting. A hint: its failure shows at the sync.
void start_writing_back([[maybe_unused]] int descriptor, [[maybe_unused]] uint64_t from, [[maybe_unused]] uint64_t to) {
#ifdef __linux__
  ::sync_file_range(descriptor, static_cast<off_t>(from), static_cast<off_t>(to - from), SYNC_FILE_RANGE_WRITE);
#endif
}

}  // namespace

std::string write_failure(const std::string& path, const char* doing, int number) {
  std::string message = fmt::format("cannot {} {}: {}", doing, path, std::strerror(number));
  switch (number) {
    case ENOSPC:
    case EDQUOT: return message + "\n  free space on that disk, or name another place as output.directory";
    case EFBIG:
      return message + "\n  the file size limit of this process (ulimit -f) or of the file system is too small";
    case EACCES:
    case EPERM:
    case EROFS: return message + "\n  name a place that this user may write to as output.directory";
    default: return message;
  }
}

Result<OutFile> OutFile::create(const std::string& path, const std::string& name) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return fail(ErrorCode::resource, write_failure(path, "create", errno));
  return OutFile(path, name, std::move(file));
}

OutFile::OutFile(std::string path, std::string name, OpenFile file)
    : path_(std::move(path)),
      name_(std::move(name)),
      file_(std::move(file)),
      digest_(XXH3_createState()),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)) {
  XXH3_128bits_reset(digest_.get());
}

Status OutFile::broken(const char* doing, int number) {
  failure_ = write_failure(path_, doing, number);
  return fail(ErrorCode::resource, failure_);
}

Status OutFile::put(std::string_view bytes) {
  XXH3_128bits_update(digest_.get(), bytes.data(), bytes.size());
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.descriptor(), bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return broken("write", errno);
    }
    bytes.remove_prefix(static_cast<size_t>(count));
    written_ += static_cast<uint64_t>(count);
  }
  if (written_ - started_ >= start_back_bytes) {
    start_writing_back(file_.descriptor(), started_, written_);
    started_ = written_;
  }
  return {};
}

Status OutFile::write(std::string_view bytes) {
  if (!failure_.empty()) return fail(ErrorCode::resource, failure_);
  if (bytes.empty()) return {};
  if (buffered_ + bytes.size() > buffer_bytes) {
    const std::string_view held(buffer_.get(), std::exchange(buffered_, 0));
    TESSERA_TRY(put(held));
    if (bytes.size() >= buffer_bytes / 2) return put(bytes);
  }
  std::memcpy(buffer_.get() + buffered_, bytes.data(), bytes.size());
  buffered_ += bytes.size();
  return {};
}

Result<OutputFile> OutFile::close(uint64_t rows) {
  if (!failure_.empty()) return fail(ErrorCode::resource, failure_);
  TESSERA_TRY(put({buffer_.get(), std::exchange(buffered_, 0)}));
  if (::fsync(file_.descriptor()) != 0) return std::unexpected(broken("sync", errno).error());
  file_ = OpenFile();
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(digest_.get()));
  std::string digest = "xxh3-128:";
  for (const unsigned char byte : canonical.digest) fmt::format_to(std::back_inserter(digest), "{:02x}", byte);
  return OutputFile{.name = name_, .rows = rows, .bytes = written_, .digest = std::move(digest)};
}

}  // namespace tessera
