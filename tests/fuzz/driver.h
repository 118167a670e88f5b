// driver.h: how is a fuzz target tried within the test suite?
//
// Every target is a function that libFuzzer can call. Here a seeded loop calls it:
// seeds of the format, mutated by flips, cuts, copies and words that matter to the
// format. The same inputs at every run; a fault is a crash, or an abort of the target.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace tessera::fuzz {

[[noreturn]] inline void found(const char* what) {
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

// A file in memory with these bytes, for targets that need a file; its path.
inline const std::string& file_of(const void* data, size_t bytes) {
  static const int descriptor = ::memfd_create("fuzz", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  if (descriptor < 0 || ::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, data, bytes, 0) != static_cast<ssize_t>(bytes)) {
    found("no file in memory");
  }
  return path;
}

inline void mutate(std::string& text, const std::vector<std::string_view>& words, std::mt19937_64& random) {
  const auto below = [&](size_t bound) { return bound == 0 ? 0 : random() % bound; };
  for (size_t step = 1 + below(6); step > 0; --step) {
    const size_t at = below(text.size() + 1);
    switch (below(6)) {
      case 0:
        if (!text.empty()) text[below(text.size())] ^= static_cast<char>(1u << below(8));
        break;
      case 1:
        if (!text.empty()) text[below(text.size())] = static_cast<char>(random());
        break;
      case 2: text.erase(at, below(20)); break;
      case 3: text.insert(at, text.substr(below(text.size() + 1), below(80))); break;
      case 4: text.resize(at); break;
      default:
        if (!words.empty()) text.insert(at, words[below(words.size())]);
        break;
    }
  }
}

using Target = int (*)(const uint8_t*, size_t);

// One input in so many is tried: a sanitizer's build, which is slow, says more than 1.
#ifdef TESSERA_FUZZ_ONE_IN
inline constexpr size_t one_in = TESSERA_FUZZ_ONE_IN;
#else
inline constexpr size_t one_in = 1;
#endif

// `count` inputs.
inline int drive(Target target, const std::vector<std::string>& seeds, const std::vector<std::string_view>& words,
                 size_t count) {
  std::mt19937_64 random(20240229);
  for (const std::string& seed : seeds) target(reinterpret_cast<const uint8_t*>(seed.data()), seed.size());
  for (size_t i = 0; i < count; i += one_in) {
    std::string text = seeds[random() % seeds.size()];
    mutate(text, words, random);
    target(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  std::printf("%zu inputs\n", seeds.size() + count / one_in);
  return 0;
}

}  // namespace tessera::fuzz
