// kernels.cc: do fast and slow kernels agree on any bytes, and do the text kernels stay whole?
//
//   fuzz_kernels [ROUNDS [SEED]]     its own bytes: values of the right shape, then damaged
//   clang++ -fsanitize=fuzzer -DTESSERA_LIBFUZZER ...   the bytes of libFuzzer
#include <cstdio>
#include <cstdlib>
#include <random>

#include "kernels/unicode.h"
#include "reference/kernels/agree.h"

using namespace tessera;

namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.code == not_utf8) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

void check(const std::string& text) {
  // Only the names of kernels are told, and the bytes: they are made up.
  for (const std::string& kernel : slow::disagreements(text)) {
    std::fprintf(stderr, "%s disagrees with its twin on:", kernel.c_str());
    for (const char c : text) std::fprintf(stderr, " %02x", static_cast<unsigned char>(c));
    std::fprintf(stderr, "\n");
    std::abort();
  }
  if (!is_utf8(text)) return;
  // What is folded once stays as it is when folded again.
  std::string once, twice;
  const auto stable = [&](auto fold) {
    fold(text, once);
    fold(once, twice);
    if (once != twice) std::abort();
  };
  stable([](std::string_view from, std::string& to) { fold_name(from, true, to); });
  stable([](std::string_view from, std::string& to) { tidy_text(from, to); });
  stable([](std::string_view from, std::string& to) { tidy_code(from, to); });
  stable([](std::string_view from, std::string& to) { tidy_postcode(from, to); });
  stable([](std::string_view from, std::string& to) { sort_letters(from, to); });
  for (unsigned count = 0; count < 5; ++count)
    if (first_characters(once, count).size() > once.size()) std::abort();
}

}  // namespace

#ifdef TESSERA_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
#else
int main(int count, char** arguments) {
  const long rounds = count > 1 ? std::atol(arguments[1]) : 20000;
  std::mt19937_64 random(count > 2 ? static_cast<uint64_t>(std::atoll(arguments[2])) : 1);
  const std::string shapes[] = {"9434765919", "943 476 5919", "1950-03-01",       "01031950",      "1/3/1950",
                                "SW1A 2AA",   "M1   1AE",     "gir0aa",           "Mrs O'Brien",   "Zo\xc3\xab St-John",
                                "female",     "-123456",      "1950-03-01T09:30", "\xe2\x80\x99s", ""};
  const std::string spice = "0123456789AZaz -/'.\t\xc3\x9f\xff";
  for (long round = 0; round < rounds; ++round) {
    std::string text = shapes[random() % std::size(shapes)];
    for (uint64_t change = random() % 5; change > 0; --change) {
      const char c = random() % 4 == 0 ? static_cast<char>(random()) : spice[random() % spice.size()];
      const size_t at = random() % (text.size() + 1);
      switch (random() % 3) {
        case 0: text.insert(at, 1, c); break;
        case 1:
          if (at < text.size()) text[at] = c;
          break;
        default:
          if (at < text.size()) text.erase(at, 1);
          break;
      }
    }
    check(text);
  }
  return 0;
}
#endif
