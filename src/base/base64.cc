#include "base/base64.h"

#include <openssl/evp.h>

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

bool read_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0 || text.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return false;
  if (text.empty()) return true;
  // OpenSSL passes over spaces around the text, and counts the padding among the bytes.
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto in_alphabet = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  for (const char c : text.substr(0, text.size() - padding))
    if (!in_alphabet(c)) return false;
  const size_t before = out.size(), whole = text.size() / 4 * 3;
  out.resize(before + whole);
  const int got = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data() + before),
                                  reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(got < 0 ? before : before + whole - padding);
  return got >= 0;
}

}  // namespace tessera
