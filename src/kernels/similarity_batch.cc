// similarity_batch.cc: the variant that every processor has, and the choice between the variants.
#include "kernels/similarity_batch.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>

#include "kernels/similarity.h"

namespace tessera {
namespace {

std::string_view characters(const ShortText& text) {
  return {text.bytes, static_cast<size_t>(std::find(text.bytes, text.bytes + sizeof text.bytes, '\0') - text.bytes)};
}

void equal_scalar(const ShortText* a, const ShortText* b, size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = std::memcmp(a[i].bytes, b[i].bytes, sizeof a[i].bytes) == 0;
}

template <double (*function)(std::string_view, std::string_view, bool)>
void likeness_scalar(const ShortText* a, const ShortText* b, size_t count, double* out) {
  for (size_t i = 0; i < count; ++i) out[i] = function(characters(a[i]), characters(b[i]), true);
}

template <size_t (*function)(std::string_view, std::string_view, bool, size_t)>
void distance_scalar(const ShortText* a, const ShortText* b, size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i)
    out[i] = static_cast<uint8_t>(function(characters(a[i]), characters(b[i]), true, no_bound));
}

template <double (*function)(std::string_view, std::string_view, bool)>
void halved_likeness_scalar(HalvedTexts a, HalvedTexts b, size_t count, double* out) {
  constexpr size_t part = sizeof(ShortText);
  const auto whole = [](HalvedTexts texts, size_t i, char* buffer) {
    std::memcpy(buffer, texts.first + i, part);
    std::memcpy(buffer + part, texts.rest + i, part);
    return std::string_view(buffer, static_cast<size_t>(std::find(buffer, buffer + 2 * part, '\0') - buffer));
  };
  char buffer_a[2 * part], buffer_b[2 * part];
  for (size_t i = 0; i < count; ++i) out[i] = function(whole(a, i, buffer_a), whole(b, i, buffer_b), true);
}

constexpr SimilarityKernels similarity_scalar = {
    equal_scalar,
    likeness_scalar<jaro>,
    likeness_scalar<jaro_winkler>,
    distance_scalar<levenshtein>,
    distance_scalar<optimal_alignment>,
    halved_likeness_scalar<jaro>,
    halved_likeness_scalar<jaro_winkler>,
};

const SimilarityKernels& chosen() { return similarity_kernels(kernels()); }

}  // namespace

const SimilarityKernels& similarity_kernels(Kernels variant) {
#if defined(__x86_64__)
  if (variant == Kernels::avx512) return similarity_avx512;
  if (variant == Kernels::avx2) return similarity_avx2;
#endif
  (void)variant;
  return similarity_scalar;
}

void equal_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t* out) {
  assert(a.size() == b.size());
  chosen().equal(a.data(), b.data(), a.size(), out);
}

void jaro_batch(std::span<const ShortText> a, std::span<const ShortText> b, double* out) {
  assert(a.size() == b.size());
  chosen().jaro(a.data(), b.data(), a.size(), out);
}

void jaro_winkler_batch(std::span<const ShortText> a, std::span<const ShortText> b, double* out) {
  assert(a.size() == b.size());
  chosen().jaro_winkler(a.data(), b.data(), a.size(), out);
}

void jaro_halved_batch(HalvedTexts a, HalvedTexts b, size_t count, double* out) {
  chosen().jaro_halved(a, b, count, out);
}

void jaro_winkler_halved_batch(HalvedTexts a, HalvedTexts b, size_t count, double* out) {
  chosen().jaro_winkler_halved(a, b, count, out);
}

void levenshtein_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t* out) {
  assert(a.size() == b.size());
  chosen().levenshtein(a.data(), b.data(), a.size(), out);
}

void optimal_alignment_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t* out) {
  assert(a.size() == b.size());
  chosen().optimal_alignment(a.data(), b.data(), a.size(), out);
}

void damerau_levenshtein_batch(std::span<const ShortText> a, std::span<const ShortText> b, uint8_t bound,
                               uint8_t* out) {
  optimal_alignment_batch(a, b, out);
  const unsigned least = std::min(bound + 1u, 255u);
  for (size_t i = 0; i < a.size(); ++i) {
    unsigned found = out[i];
    if (found > bound + bound / 2u)
      found = least;
    else if (found > 2)
      found = static_cast<unsigned>(damerau_levenshtein(characters(a[i]), characters(b[i]), true, bound));
    out[i] = static_cast<uint8_t>(std::min(found, least));
  }
}

}  // namespace tessera
