// hmac.cc: how many tokens can one core make in a second?
//
// Values are as long as an NHS number, the shortest that matter. Tokens are first compared with OpenSSL's one-shot HMAC(),
// all of them; then both are timed. The physical limit beside them: two compressions of SHA-256 for each token, which is
// the rate of SHA256 over long texts divided by two blocks.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "pseudonymise/tokens.h"

namespace {

using namespace tessera;

constexpr size_t count = 1 << 16;
constexpr std::string_view name = "nhs_number\x1f";

std::span<const std::byte> key() {
  static const std::array<std::byte, 32> bytes = [] {
    std::array<std::byte, 32> out;
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(7 * i);
    return out;
  }();
  return bytes;
}

struct Values {
  std::vector<std::string> messages;  // name, separator, value
  std::vector<std::string_view> values;
};

const Values& all_values() {
  static const Values made = [] {
    Values out;
    for (size_t i = 0; i < count; ++i)
      out.messages.push_back(std::string(name) + std::to_string(4000000000 + i * 15485863 % 3999999999));
    for (const std::string& message : out.messages) out.values.push_back(std::string_view(message).substr(name.size()));
    return out;
  }();
  return made;
}

void one_shot(const std::string& message, unsigned char* out) {
  HMAC(EVP_sha256(), key().data(), 32, reinterpret_cast<const unsigned char*>(message.data()), message.size(), out,
       nullptr);
}

void check_answers() {
  const TokenKey token_key = std::move(*TokenKey::of(key(), name));
  std::vector<Token> tokens(count);
  token_key.tokens(all_values().values, tokens.data());
  for (size_t i = 0; i < count; ++i) {
    unsigned char expected[32];
    one_shot(all_values().messages[i], expected);
    if (std::memcmp(expected, tokens[i].data(), token_bytes) == 0) continue;
    std::fprintf(stderr, "token %zu is not that of HMAC()\n", i);
    std::exit(1);
  }
}

void OneShot(benchmark::State& state) {
  unsigned char out[32];
  for (auto _ : state)
    for (const std::string& message : all_values().messages) {
      one_shot(message, out);
      benchmark::DoNotOptimize(out);
    }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(count));
}

void CachedPads(benchmark::State& state) {
  const TokenKey token_key = std::move(*TokenKey::of(key(), name));
  std::vector<Token> tokens(count);
  for (auto _ : state) {
    token_key.tokens(all_values().values, tokens.data());
    benchmark::DoNotOptimize(tokens.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(count));
}

void LimitOfTwoCompressions(benchmark::State& state) {
  const std::vector<unsigned char> text(128 * count);
  unsigned char out[32];
  for (auto _ : state) {
    EVP_Digest(text.data(), text.size(), out, nullptr, EVP_sha256(), nullptr);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(count));
}

BENCHMARK(OneShot);
BENCHMARK(CachedPads);
BENCHMARK(LimitOfTwoCompressions);

}  // namespace

int main(int argc, char** argv) {
  check_answers();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
