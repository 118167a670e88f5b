#include "base/cpu.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace tessera {
namespace {

constexpr std::array<std::string_view, 3> kernel_names = {"scalar", "avx2", "avx512"};  // in the order of Kernels

bool has(Kernels kernels) {
  switch (kernels) {
    case Kernels::scalar: return true;
#if defined(__x86_64__)
    case Kernels::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    case Kernels::avx512:
      return has(Kernels::avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
    default: return false;
#endif
  }
  return false;
}

Kernels best() {
  if (has(Kernels::avx512)) return Kernels::avx512;
  return has(Kernels::avx2) ? Kernels::avx2 : Kernels::scalar;
}

std::optional<std::string_view> wish() {
  const char* text = std::getenv("TESSERA_KERNELS");
  return text == nullptr || *text == '\0' ? std::nullopt : std::optional<std::string_view>(text);
}

std::optional<Kernels> named(std::string_view name) {
  for (size_t i = 0; i < kernel_names.size(); ++i)
    if (kernel_names[i] == name) return static_cast<Kernels>(i);
  return std::nullopt;
}

Kernels decide() {
  const auto wanted = wish().and_then(named);
  return wanted && has(*wanted) ? *wanted : best();
}

std::string model_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return "unknown processor";
}

}  // namespace

Kernels kernels() {
  static const Kernels chosen = decide();
  return chosen;
}

Status check_kernels() {
  const auto wanted = wish();
  if (!wanted) return {};
  const auto known = named(*wanted);
  if (!known)
    return fail(ErrorCode::usage, fmt::format("TESSERA_KERNELS={}: not known; use scalar, avx2 or avx512", *wanted));
  if (!has(*known))
    return fail(ErrorCode::usage, fmt::format("TESSERA_KERNELS={}: this processor does not have it; the best is {}",
                                              *wanted, name_of(best())));
  return {};
}

const char* name_of(Kernels kernels) { return kernel_names[static_cast<size_t>(kernels)].data(); }

std::string processor_text() {
  std::string text = model_name() + ":";
#if defined(__x86_64__)
  // The builtin wants literals, hence no loop.
  if (__builtin_cpu_supports("sse4.2")) text += " sse4.2";
  if (__builtin_cpu_supports("popcnt")) text += " popcnt";
  if (__builtin_cpu_supports("avx2")) text += " avx2";
  if (__builtin_cpu_supports("fma")) text += " fma";
  if (__builtin_cpu_supports("bmi2")) text += " bmi2";
  if (__builtin_cpu_supports("avx512f")) text += " avx512f";
  if (__builtin_cpu_supports("avx512bw")) text += " avx512bw";
  if (__builtin_cpu_supports("avx512vl")) text += " avx512vl";
  if (__builtin_cpu_supports("avx512dq")) text += " avx512dq";
  if (__builtin_cpu_supports("avx512vbmi")) text += " avx512vbmi";
#else
  text += " scalar kernels only";
#endif
  return text;
}

}  // namespace tessera
