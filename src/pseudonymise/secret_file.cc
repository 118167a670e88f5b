// secret_file.cc: may this file be trusted with a secret, and what is in it?
//
// The file is opened first and looked at then, so that what is checked is what is read.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "pseudonymise/keys.h"

namespace tessera {
namespace {

std::unexpected<Error> refuse_file(const std::string& path, std::string_view why, std::string_view help) {
  return fail(ErrorCode::usage, fmt::format("{}: {}\nhelp: {}", path, why, help));
}

Status check_kind(const std::string& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return refuse_file(path, "is a directory, not a file with a secret", "name the file");
  if (!S_ISREG(status.st_mode))
    return refuse_file(path, "is no regular file; a secret is read from nothing else", "name the file itself");
  if (const unsigned mode = status.st_mode & 07777; (mode & 077) != 0)
    return refuse_file(path, fmt::format("is open to others than its owner (mode {:04o})", mode),
                       "chmod 600 it; if others may have read it, make a new one (tessera keys rotate)");
  if (status.st_uid != geteuid() && geteuid() != 0)
    return refuse_file(path, "belongs to another user", "use a file of your own");
  return {};
}

}  // namespace

Result<SecretBytes> read_secret_file(const std::string& path, size_t bytes_max) {
  // Not to wait for the writer of a pipe; of a regular file it changes nothing.
  const OpenFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno == ELOOP) return refuse_file(path, "is a link; a secret is read from the file itself", "name the file");
    if (errno == ENOENT || errno == ENOTDIR)
      return refuse_file(path, "is not there", "tessera keys new --out FILE makes a key");
    if (errno == EACCES) return refuse_file(path, "may not be read by you", "only its owner can use it");
    return fail_errno("open", path);
  }
  struct stat status{};
  if (fstat(file.descriptor(), &status) != 0) return fail_errno("look at", path);
  TESSERA_TRY(check_kind(path, status));
  if (status.st_size == 0)
    return fail(ErrorCode::data, fmt::format("{}: is empty\nhelp: tessera keys new --out FILE makes a key", path));
  const auto size = static_cast<size_t>(status.st_size);
  if (size > bytes_max)
    return fail(ErrorCode::data, fmt::format("{}: has more than {} bytes, so it is no such file", path, bytes_max));

  TESSERA_ASSIGN(SecretBytes bytes, SecretBytes::make(size));
  for (size_t have = 0; have < size;) {
    const ssize_t got = ::read(file.descriptor(), bytes.data() + have, size - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", path);
    if (got == 0) return fail(ErrorCode::data, fmt::format("{}: became shorter while it was read", path));
    have += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace tessera
