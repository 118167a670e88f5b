#include "pseudonymise/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "base/files.h"

namespace tessera {
namespace {

std::atomic<bool> all_locked = true;

size_t whole_pages(size_t size) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

Result<SecretBytes> SecretBytes::make(size_t size) {
  const size_t mapped = whole_pages(size);
  void* place = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return fail_errno("make room for", "a secret");
  if (mlock(place, mapped) != 0) all_locked = false;
  // Old kernels know neither; core files are off as well (base/private.h), and no command makes children.
  (void)madvise(place, mapped, MADV_DONTDUMP);
  (void)madvise(place, mapped, MADV_WIPEONFORK);
  return SecretBytes(static_cast<std::byte*>(place), size);
}

SecretBytes::~SecretBytes() {
  if (bytes_ == nullptr) return;
  OPENSSL_cleanse(bytes_, size_);
  (void)munmap(bytes_, whole_pages(size_));
}

bool secrets_are_locked() { return all_locked; }

std::string_view unlocked_secrets_warning() {
  return "the system does not let secrets be locked in memory, so they may reach swap; raise the limit (ulimit -l) or "
         "switch swap off";
}

}  // namespace tessera
