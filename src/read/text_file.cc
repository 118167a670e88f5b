// text_file.cc: bytes of a file, hashed and unpacked on their way.
#include "read/text_file.h"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace tessera {

namespace {

// The file as a stream for the codec.
class RawStream final : public arrow::io::InputStream {
 public:
  RawStream(InputFile file, bool digest) : file_(std::move(file)) {
    if (digest) digest_.emplace();
    ::posix_fadvise(file_.descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  arrow::Status Close() override { return arrow::Status::OK(); }
  [[nodiscard]] bool closed() const override { return false; }
  [[nodiscard]] arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(offset_); }
  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    auto got = read(out, static_cast<size_t>(bytes));
    if (!got) return arrow::Status::IOError(got.error().message);
    return static_cast<int64_t>(*got);
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(bytes));
    ARROW_ASSIGN_OR_RAISE(const int64_t got, Read(bytes, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got, false));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

  Result<size_t> read(void* out, size_t count) {
    TESSERA_ASSIGN(const size_t got, file_.read_at(offset_, out, count));
    if (digest_) digest_->add(out, got);
    offset_ += got;
    return got;
  }
  [[nodiscard]] uint64_t offset() const { return offset_; }
  [[nodiscard]] const InputFile& file() const { return file_; }
  [[nodiscard]] std::string digest() const { return digest_ ? digest_->text() : std::string(); }

 private:
  InputFile file_;
  std::optional<FileDigest> digest_;
  uint64_t offset_ = 0;
};

std::string last_ending(std::string_view path) {
  const size_t slash = path.rfind('/');
  const size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return {};
  std::string ending(path.substr(dot));
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

std::optional<arrow::Compression::type> compression_of(const std::string& path) {
  const std::string ending = last_ending(path);
  if (ending == ".gz") return arrow::Compression::GZIP;
  if (ending == ".zst") return arrow::Compression::ZSTD;
  return std::nullopt;
}

}  // namespace

struct TextFile::State {
  std::string path;
  std::shared_ptr<RawStream> raw;
  std::unique_ptr<arrow::util::Codec> codec;  // outlives the stream that unpacks
  std::shared_ptr<arrow::io::CompressedInputStream> unpacked;
};

TextFile::TextFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
TextFile::~TextFile() = default;

Result<std::unique_ptr<TextFile>> TextFile::open(const std::string& path, Digest digest) {
  TESSERA_ASSIGN(InputFile file, InputFile::open(path));
  auto state = std::make_unique<State>();
  state->path = path;
  state->raw = std::make_shared<RawStream>(std::move(file), digest != Digest::none);
  if (const auto compression = compression_of(path)) {
    auto codec = arrow::util::Codec::Create(*compression);
    if (!codec.ok()) return fail(ErrorCode::data, fmt::format("{}: this build cannot unpack it", path));
    state->codec = std::move(*codec);
    auto unpacked = arrow::io::CompressedInputStream::Make(state->codec.get(), state->raw);
    if (!unpacked.ok()) return fail(ErrorCode::data, fmt::format("{}: cannot be unpacked", path));
    state->unpacked = *unpacked;
  }
  return std::unique_ptr<TextFile>(new TextFile(std::move(state)));
}

Result<size_t> TextFile::read(char* out, size_t count) {
  if (!state_->unpacked) return state_->raw->read(out, count);
  size_t done = 0;
  while (done < count) {
    const auto got = state_->unpacked->Read(static_cast<int64_t>(count - done), out + done);
    if (!got.ok()) {
      return fail(ErrorCode::data, fmt::format("{}: cannot be unpacked: {}", state_->path, got.status().message()));
    }
    if (*got == 0) break;
    done += static_cast<size_t>(*got);
  }
  return done;
}

uint64_t TextFile::bytes() const { return state_->raw->file().bytes(); }
uint64_t TextFile::consumed() const { return state_->raw->offset(); }
std::string TextFile::digest() const { return state_->raw->digest(); }

std::string format_ending(const std::string& path) {
  const std::string ending = last_ending(path);
  if (ending == ".gz" || ending == ".zst") return last_ending(path.substr(0, path.size() - ending.size()));
  return ending;
}

}  // namespace tessera
