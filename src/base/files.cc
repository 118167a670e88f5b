#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace tessera {

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::unexpected<Error> fail_errno(std::string_view what, std::string_view path) {
  const int reason = errno;
  return fail(ErrorCode::resource,
              fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(reason)));
}

Result<uint64_t> free_disk_bytes(const std::string& path) {
  struct statvfs disk{};
  if (statvfs(path.c_str(), &disk) != 0) return fail_errno("look at the disk of", path);
  return static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
}

Status write_private_file(const std::string& path, std::string_view content) {
  const OpenFile file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return fail_errno("create", path);
  while (!content.empty()) {
    const ssize_t wrote = write(file.descriptor(), content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return fail_errno("write", path);
    content.remove_prefix(static_cast<size_t>(wrote));
  }
  if (fsync(file.descriptor()) != 0) return fail_errno("sync", path);
  return {};
}

Status sync_path(const std::string& path) {
  const OpenFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() || fsync(file.descriptor()) != 0) return fail_errno("sync", path);
  return {};
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace tessera
