#include "base/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <new>

namespace tessera {
namespace {

constexpr size_t huge_page_bytes = size_t{2} << 20;

size_t page_bytes() {
  static const auto bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

// Blocks of a huge page and more are whole huge pages, on a huge page boundary.
size_t unit_of(size_t bytes) { return bytes >= huge_page_bytes ? huge_page_bytes : page_bytes(); }
size_t mapped_bytes(size_t bytes) {
  const size_t unit = unit_of(bytes);
  return (bytes + unit - 1) / unit * unit;
}

std::string whole_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A file that holds one number; "max", anything else or no file: no limit.
std::optional<uint64_t> number_in(const std::string& path) {
  const std::string text = whole_text(path);
  uint64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

std::optional<uint64_t> least_on_the_way_up(const std::string& mount, std::string_view group, std::string_view file) {
  std::optional<uint64_t> least;
  for (std::string path(group);;) {
    if (const auto limit = number_in(mount + path + "/" + std::string(file)))
      least = std::min(least.value_or(*limit), *limit);
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return least;
    path.resize(slash);
  }
}

}  // namespace

std::optional<uint64_t> control_group_limit_bytes(std::string_view membership, const std::string& mount) {
  std::optional<uint64_t> least;
  while (!membership.empty()) {
    const size_t end = std::min(membership.find('\n'), membership.size());
    const std::string_view line = membership.substr(0, end);
    membership.remove_prefix(std::min(end + 1, membership.size()));

    // number:controllers:/group; version 2 has number 0 and no controllers
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string controllers = "," + std::string(line.substr(first + 1, second - first - 1)) + ",";
    const std::string_view group = line.substr(second + 1) == "/" ? "" : line.substr(second + 1);

    std::optional<uint64_t> limit;
    if (controllers == ",,") limit = least_on_the_way_up(mount, group, "memory.max");
    if (controllers.find(",memory,") != std::string::npos)
      limit = least_on_the_way_up(mount + "/memory", group, "memory.limit_in_bytes");
    if (limit) least = std::min(least.value_or(*limit), *limit);
  }
  return least;
}

uint64_t machine_memory_bytes() {
  const uint64_t physical = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * page_bytes();
  const auto limit = control_group_limit_bytes(whole_text("/proc/self/cgroup"), "/sys/fs/cgroup");
  return std::min(physical, limit.value_or(physical));
}

uint64_t peak_memory_bytes() {
  // Not getrusage: its maximum survives exec, so a child of a large process would inherit a peak.
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    const size_t digit = line.find_first_of("0123456789");
    if (digit == std::string::npos) break;
    uint64_t kib = 0;
    std::from_chars(line.data() + digit, line.data() + line.size(), kib);
    return kib * 1024;
  }
  return 0;
}

Arena::Arena(size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const size_t unit = unit_of(bytes);
  const size_t wanted = mapped_bytes(bytes);
  if (wanted < bytes || wanted + unit < wanted) throw std::bad_alloc();
  const size_t spare = unit - page_bytes();  // room to find a boundary in
  void* const start =
      mmap(nullptr, wanted + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();

  auto* const raw = static_cast<std::byte*>(start);
  const size_t before = (unit - reinterpret_cast<uintptr_t>(raw) % unit) % unit;
  const size_t after = spare - before;
  if (before != 0) munmap(raw, before);
  if (after != 0) munmap(raw + before + wanted, after);
  data_ = raw + before;
  // Advice only: where the system has no huge pages the block still works.
  if (unit == huge_page_bytes) madvise(data_, wanted, MADV_HUGEPAGE);
  madvise(data_, wanted, MADV_DONTDUMP);  // records of persons live here
}

Arena::~Arena() {
  if (data_ != nullptr) munmap(data_, mapped_bytes(bytes_));
}

}  // namespace tessera
