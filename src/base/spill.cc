// spill.cc: where do bytes wait that do not fit in memory?
#include "base/spill.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cassert>
#include <cerrno>
#include <cstring>

namespace tessera {

namespace {

Error spill_error(const std::string& directory, const char* what) {
  std::string message = fmt::format("cannot {} spill files in {}: {}", what, directory, std::strerror(errno));
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
    message += "; free some space, name another place with --spill, or allow more --memory";
  return {ErrorCode::resource, std::move(message)};
}

}  // namespace

Result<std::unique_ptr<SpillBins>> SpillBins::make(const std::string& directory, size_t bins, size_t buffer_bytes) {
  std::unique_ptr<SpillBins> made(new SpillBins(directory, bins, buffer_bytes));
  for (int& file : made->files_) {
    std::string path = directory + "/bins-XXXXXX";
    file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) return std::unexpected(spill_error(directory, "create"));
    unlink(path.c_str());
  }
  return made;
}

SpillBins::~SpillBins() {
  for (const int file : files_)
    if (file >= 0) close(file);
}

Result<std::byte*> SpillBins::Appender::take(size_t bin, size_t bytes) {
  assert(bytes <= owner_->buffer_bytes_);
  auto& buffer = buffers_[bin];
  if (buffer.size() + bytes > owner_->buffer_bytes_) {
    TESSERA_ASSIGN(const Block block, owner_->write(file_, buffer));
    buffer.clear();
    const std::lock_guard lock(owner_->mutex_);
    owner_->bins_[bin].push_back(block);
  }
  if (buffer.capacity() == 0) buffer.reserve(owner_->buffer_bytes_);
  buffer.resize(buffer.size() + bytes);
  return buffer.data() + buffer.size() - bytes;
}

Status SpillBins::Appender::flush() {
  for (size_t bin = 0; bin < buffers_.size(); ++bin) {
    auto& buffer = buffers_[bin];
    if (buffer.empty()) continue;
    TESSERA_ASSIGN(const Block block, owner_->write(file_, buffer));
    buffer = {};
    const std::lock_guard lock(owner_->mutex_);
    owner_->bins_[bin].push_back(block);
  }
  return {};
}

Result<SpillBins::Block> SpillBins::write(uint32_t file, std::span<const std::byte> bytes) {
  Block block{.offset = ends_[file].fetch_add(bytes.size()),
              .checksum = XXH3_64bits(bytes.data(), bytes.size()),
              .bytes = static_cast<uint32_t>(bytes.size()),
              .file = file};
  TESSERA_TRY(write_at(block, bytes));
  return block;
}

Status SpillBins::write_at(const Block& block, std::span<const std::byte> bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t wrote =
        pwrite(files_[block.file], bytes.data() + done, bytes.size() - done, static_cast<off_t>(block.offset + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return std::unexpected(spill_error(directory_, "write"));
    done += static_cast<size_t>(wrote);
  }
  return {};
}

uint64_t SpillBins::bytes(size_t bin) const {
  uint64_t total = 0;
  for (const Block& block : bins_[bin]) total += block.bytes;
  return total;
}

Status SpillBins::read(const Block& block, std::vector<std::byte>& out) const {
  const size_t at = out.size();
  out.resize(at + block.bytes);
  for (size_t done = 0; done < block.bytes;) {
    const ssize_t got =
        pread(files_[block.file], out.data() + at + done, block.bytes - done, static_cast<off_t>(block.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::unexpected(spill_error(directory_, "read"));
    done += static_cast<size_t>(got);
  }
  if (XXH3_64bits(out.data() + at, block.bytes) != block.checksum)
    return fail(ErrorCode::resource,
                fmt::format("a spill file in {} came back damaged (checksum); check the disk, or use --spill with "
                            "another one",
                            directory_));
  return {};
}

Status SpillBins::read_bin(size_t bin, std::vector<std::byte>& out) const {
  out.clear();
  out.reserve(bytes(bin));
  for (const Block& block : bins_[bin]) TESSERA_TRY(read(block, out));
  return {};
}

Status SpillBins::rewrite(size_t bin, std::span<const std::byte> bytes) {
  assert(bytes.size() == this->bytes(bin));
  size_t at = 0;
  for (Block& block : bins_[bin]) {
    const auto part = bytes.subspan(at, block.bytes);
    TESSERA_TRY(write_at(block, part));
    block.checksum = XXH3_64bits(part.data(), part.size());
    at += block.bytes;
  }
  return {};
}

}  // namespace tessera
