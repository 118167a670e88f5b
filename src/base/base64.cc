#include "base/base64.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <limits>

namespace tessera {

void write_base64(std::span<const std::byte> bytes, char* out) {
  assert(bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max() / 2));
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
}

std::string base64_of(std::span<const std::byte> bytes) {
  std::string out(base64_characters(bytes.size()) + 1, '\0');
  write_base64(bytes, out.data());
  out.pop_back();
  return out;
}

namespace {

size_t padding_of(std::string_view text) { return text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0; }

constexpr std::array<bool, 256> in_alphabet = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    out[static_cast<unsigned char>(c)] = true;
  return out;
}();

}  // namespace

bool is_base64(std::string_view text) {
  bool good = text.size() % 4 == 0;
  for (const char c : text.substr(0, text.size() - padding_of(text)))
    good &= in_alphabet[static_cast<unsigned char>(c)];
  return good;
}

bool read_base64(std::string_view text, std::string& out) {
  if (!is_base64(text) || text.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return false;
  if (text.empty()) return true;
  const size_t padding = padding_of(text);  // OpenSSL counts it among the bytes
  const size_t before = out.size(), whole = text.size() / 4 * 3;
  out.resize(before + whole);
  const int got = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data() + before),
                                  reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(got < 0 ? before : before + whole - padding);
  return got >= 0;
}

}  // namespace tessera
