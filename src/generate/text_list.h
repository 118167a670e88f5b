// text_list.h: which texts can a column hold that has few of them?
//
// A writer who knows them all beforehand need not look for equal ones among millions of rows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tessera::generate_detail {

// Texts of one width, by number. Does not move: columns refer to it.
class TextList {
 public:
  // `put(at, i)` writes the characters of text i.
  template <class Put>
  TextList(size_t count, unsigned width, Put put) : characters_(std::make_unique<char[]>(count * width)) {
    texts_.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      char* const at = characters_.get() + i * width;
      put(at, i);
      texts_.emplace_back(at, width);
    }
  }
  [[nodiscard]] std::span<const std::string_view> texts() const { return texts_; }

 private:
  std::unique_ptr<char[]> characters_;
  std::vector<std::string_view> texts_;
};

// The days on which somebody may be said to be born, and their months.
class BirthTexts {
 public:
  // Of a period that begins and ends so.
  BirthTexts(int32_t first_day, int32_t end_day);
  [[nodiscard]] uint32_t day_place(int32_t day) const { return static_cast<uint32_t>(day - first_); }
  [[nodiscard]] uint32_t month_place(int32_t day) const { return months_[day_place(day)]; }
  [[nodiscard]] std::span<const std::string_view> days() const { return days_.texts(); }                   // ddmmyyyy
  [[nodiscard]] std::span<const std::string_view> days_year_first() const { return year_first_.texts(); }  // yyyymmdd
  [[nodiscard]] std::span<const std::string_view> months() const { return month_texts_.texts(); }          // mmyyyy

 private:
  int32_t first_;
  TextList days_, year_first_, month_texts_;
  std::vector<uint16_t> months_;  // of each day
};

// Practices, "A81000": a letter and a number. Below practice_count.
inline constexpr uint32_t practice_letters = 15, practice_numbers = 7000,
                          practice_count = practice_letters * practice_numbers;
[[nodiscard]] const TextList& practices();

// "A" to "Z" and "0" to "9", at place_of_letter and place_of_digit.
[[nodiscard]] std::span<const std::string_view> letters();
[[nodiscard]] std::span<const std::string_view> digits();
inline uint32_t letter_place(char letter) { return static_cast<uint32_t>(letter - 'A'); }
inline uint32_t digit_place(char digit) { return static_cast<uint32_t>(digit - '0'); }

}  // namespace tessera::generate_detail
