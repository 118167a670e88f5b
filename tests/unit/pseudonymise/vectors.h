// vectors.h: known answers of others, where they are at hand.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tessera {

inline std::vector<std::byte> from_hex(const std::string& hex) {
  std::vector<std::byte> out(hex.size() / 2);
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::byte>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  return out;
}

inline std::string to_hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += "0123456789abcdef"[std::to_integer<size_t>(b >> 4)];
    out += "0123456789abcdef"[std::to_integer<size_t>(b & std::byte{15})];
  }
  return out;
}

// The groups of a file of Project Wycheproof; nothing if the file is not there.
inline nlohmann::json wycheproof(const std::string& name) {
  const char* shared = std::getenv("TESSERA_SHARED");
  const std::string folder = shared != nullptr ? shared : std::string(TESSERA_SOURCE) + "/../shared";
  std::ifstream file(folder + "/data/vectors/" + name);
  return file ? nlohmann::json::parse(file).at("testGroups") : nlohmann::json();
}

}  // namespace tessera
