// row_store.cc: what stands for a to record in the outputs?
//
// A row is 4 bytes of length and then its values: a number as a byte of presence and
// 8 bytes, a text as 4 bytes of length (all ones: null) and its bytes.
#include "services/row_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace tessera {

struct RowStore::File {
  int descriptor = -1;
  std::string directory;
  ~File() { close(descriptor); }
};

namespace {

constexpr uint32_t null_text = 0xffffffff;

template <class T>
void put(std::vector<std::byte>& bytes, T value) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class T>
T get(const std::byte*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

void put_value(std::vector<std::byte>& bytes, const RawColumn& column, RawColumn::Form form, size_t row) {
  if (form != RawColumn::Form::text) {
    const bool present = !column.null(row);
    put(bytes, static_cast<uint8_t>(present));
    put(bytes, present ? column.numbers[row] : int64_t{0});
    return;
  }
  const std::string_view text = column.text(row);
  put(bytes, text.data() ? static_cast<uint32_t>(text.size()) : null_text);
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  bytes.insert(bytes.end(), begin, begin + text.size());
}

}  // namespace

Result<RowStore> RowStore::make(std::vector<RawColumn::Form> forms, const std::string& spill_directory) {
  RowStore store;
  store.forms_ = std::move(forms);
  store.ids_only_ = store.forms_.size() == 1 && store.forms_[0] == RawColumn::Form::number;
  if (store.ids_only_ || spill_directory.empty()) return store;
  std::string path = spill_directory + "/rows-XXXXXX";
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0)
    return fail(ErrorCode::resource,
                fmt::format("cannot create spill files in {}: {}", spill_directory, std::strerror(errno)));
  unlink(path.c_str());
  store.file_ = std::make_shared<File>(descriptor, spill_directory);
  return store;
}

void RowStore::pack(std::span<const RawColumn> columns, std::span<const uint32_t> rows, size_t count,
                    Packed& out) const {
  assert(columns.size() == forms_.size());
  if (ids_only_ && rows.empty()) {
    const auto ids = columns[0].numbers.first(count);
    out.payload.insert(out.payload.end(), ids.begin(), ids.end());
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    const size_t row = rows.empty() ? i : rows[i];
    if (ids_only_) {
      out.payload.push_back(static_cast<uint64_t>(columns[0].numbers[row]));
      continue;
    }
    const size_t at = out.bytes.size();
    out.payload.push_back(at);
    put(out.bytes, uint32_t{0});
    for (size_t c = 0; c < columns.size(); ++c) put_value(out.bytes, columns[c], forms_[c], row);
    const auto length = static_cast<uint32_t>(out.bytes.size() - at - sizeof(uint32_t));
    std::memcpy(out.bytes.data() + at, &length, sizeof length);
  }
}

Status RowStore::append(Packed& packed) {
  if (ids_only_ || packed.bytes.empty()) return {};
  for (uint64_t& payload : packed.payload) payload += end_;
  const uint64_t begin = end_;
  end_ += packed.bytes.size();
  if (!file_) {
    packed.bytes.shrink_to_fit();
    segments_.push_back({begin, std::move(packed.bytes)});
    return {};
  }
  for (size_t done = 0; done < packed.bytes.size();) {
    const ssize_t wrote = pwrite(file_->descriptor, packed.bytes.data() + done, packed.bytes.size() - done,
                                 static_cast<off_t>(begin + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0)
      return fail(ErrorCode::resource,
                  fmt::format("cannot write spill files in {}: {}; free some space, or name another place with --spill",
                              file_->directory, std::strerror(errno)));
    done += static_cast<size_t>(wrote);
  }
  return {};
}

Status RowStore::read(uint64_t payload, std::vector<CarriedValue>& out, std::vector<std::byte>& buffer) const {
  out.clear();
  if (ids_only_) {
    out.push_back({true, static_cast<int64_t>(payload), {}});
    return {};
  }
  const std::byte* at = nullptr;
  if (!file_) {
    const auto after = std::ranges::upper_bound(segments_, payload, {}, &Segment::begin);
    assert(after != segments_.begin());
    const Segment& segment = *std::prev(after);
    at = segment.bytes.data() + (payload - segment.begin) + sizeof(uint32_t);
  } else {
    auto fetch = [&](uint64_t offset, size_t bytes) {
      buffer.resize(bytes);
      return pread(file_->descriptor, buffer.data(), bytes, static_cast<off_t>(offset)) == static_cast<ssize_t>(bytes);
    };
    constexpr size_t guess = 256;  // most rows come in one read
    buffer.resize(guess);
    const ssize_t got = pread(file_->descriptor, buffer.data(), guess, static_cast<off_t>(payload));
    uint32_t length = 0;
    bool good = got >= static_cast<ssize_t>(sizeof length);
    if (good) std::memcpy(&length, buffer.data(), sizeof length);
    if (good && static_cast<size_t>(got) < sizeof length + length) good = fetch(payload, sizeof length + length);
    if (!good)
      return fail(ErrorCode::resource,
                  fmt::format("cannot read spill files in {}: {}", file_->directory, std::strerror(errno)));
    at = buffer.data() + sizeof(uint32_t);
  }
  for (const RawColumn::Form form : forms_) {
    CarriedValue value;
    if (form != RawColumn::Form::text) {
      value.present = get<uint8_t>(at) != 0;
      value.number = get<int64_t>(at);
    } else {
      const auto length = get<uint32_t>(at);
      value.present = length != null_text;
      if (value.present) {
        value.text = {reinterpret_cast<const char*>(at), length};
        at += length;
      }
    }
    out.push_back(value);
  }
  return {};
}

IdLess RowStore::less() const {
  if (ids_only_) return [](uint64_t a, uint64_t b) { return static_cast<int64_t>(a) < static_cast<int64_t>(b); };
  return [this](uint64_t a, uint64_t b) {
    std::vector<CarriedValue> x, y;
    std::vector<std::byte> buffer_x, buffer_y;
    // A failed read leaves the order of the payloads; the same file fails again when links are written.
    if (!read(a, x, buffer_x) || !read(b, y, buffer_y)) return a < b;
    if (forms_[0] != RawColumn::Form::text) return x[0].number != y[0].number ? x[0].number < y[0].number : a < b;
    return x[0].text != y[0].text ? x[0].text < y[0].text : a < b;
  };
}

}  // namespace tessera
