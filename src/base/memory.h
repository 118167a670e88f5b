// memory.h: how much memory is there, and how much do we hold?
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tessera {

[[nodiscard]] uint64_t machine_memory_bytes();  // of the control group, if that is less
[[nodiscard]] uint64_t peak_memory_bytes();     // of this process so far

// The least limit on the way from our control group up to the root of the tree mounted at `mount`, for
// version 1 and 2; `membership` is the text of /proc/self/cgroup. Empty: no limit.
[[nodiscard]] std::optional<uint64_t> control_group_limit_bytes(std::string_view membership, const std::string& mount);

// One large zeroed block on huge pages where the system gives them. Taken once and kept.
class Arena {
 public:
  Arena() = default;
  explicit Arena(size_t bytes);  // aborts the process only through std::bad_alloc
  Arena(Arena&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Arena& operator=(Arena&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Arena();
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace tessera
