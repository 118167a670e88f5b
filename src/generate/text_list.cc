// text_list.cc: see text_list.h.
#include "generate/text_list.h"

#include <array>

#include "generate/mistakes.h"
#include "kernels/date.h"
#include "record/words.h"

namespace tessera::generate_detail {
namespace {

// The oldest of the couples with children were born some 94 years before the period, and a wrong date may be ten more.
constexpr int32_t days_before = 120 * 366;

template <size_t n>
constexpr std::array<std::string_view, n> each_of(const char (&characters)[n + 1]) {
  std::array<std::string_view, n> out;
  for (size_t i = 0; i < n; ++i) out[i] = {characters + i, 1};
  return out;
}

}  // namespace

BirthTexts::BirthTexts(int32_t first_day, int32_t end_day)
    : first_(first_day - days_before),
      days_(static_cast<size_t>(end_day + 1 - first_), 8,
            [this](char* at, size_t i) { put_ddmmyyyy(at, first_ + static_cast<int32_t>(i)); }),
      year_first_(days_.texts().size(), 8,
                  [this](char* at, size_t i) { put_yyyymmdd(at, first_ + static_cast<int32_t>(i)); }),
      month_texts_((days_.texts().size() / 365 + 2) * 12, 6, [this](char* at, size_t i) {
        put_digits(at, i % 12 + 1, 2);
        put_digits(at + 2, year_of(word_of_day(first_)) + i / 12, 4);
      }) {
  for (size_t i = 0; i < days_.texts().size(); ++i) {
    const uint64_t word = word_of_day(first_ + static_cast<int32_t>(i));
    months_.push_back(static_cast<uint16_t>((year_of(word) - year_of(word_of_day(first_))) * 12 + month_of(word) - 1));
  }
}

const TextList& practices() {
  static const TextList list(practice_count, 6, [](char* at, size_t i) {
    *at = "ABCDEFGHJKLMNPY"[i / practice_numbers];
    put_digits(at + 1, i % practice_numbers + 81000, 5);
  });
  return list;
}

std::span<const std::string_view> letters() {
  static constexpr char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static constexpr auto texts = each_of<26>(all);
  return texts;
}

std::span<const std::string_view> digits() {
  static constexpr char all[] = "0123456789";
  static constexpr auto texts = each_of<10>(all);
  return texts;
}

}  // namespace tessera::generate_detail
