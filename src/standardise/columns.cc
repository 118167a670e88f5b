// columns.cc: how do the rows of a column become words? (see columns.h)
#include "standardise/columns.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "kernels/integer.h"
#include "kernels/nhs_number.h"
#include "kernels/nhs_numbers.h"
#include "kernels/postcode.h"
#include "kernels/postcodes.h"
#include "kernels/sex.h"
#include "kernels/swar.h"
#include "record/words.h"
#include "standardise/written_out.h"

namespace tessera {

namespace {

bool is_written(const FieldRules& rules) {
  const Kind kind = rules.field().kind;
  return kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token || kind == Kind::clk ||
         needs_text(rules.field(), Part::area);
}

// Kept out of the loops: most rows have a value.
[[gnu::noinline]] void note(const FieldTask& task, size_t row, Invalid why, FieldScratch& scratch) {
  if (why == Invalid::none)
    ++scratch.tally.null;
  else
    ++scratch.tally.invalid[static_cast<size_t>(why)];
  if (task.bad != nullptr) task.bad->push_back({static_cast<uint32_t>(row), task.field, why == Invalid::none});
}

std::string_view trimmed(std::string_view text) {
  // Few values have a space or another byte below it, or beyond ASCII, at an end.
  if (!text.empty() && (text.front() <= ' ' || text.back() <= ' ')) [[unlikely]]
    return swar::trim(text);
  return text;
}

// Trimmed; empty for null and for spellings of it.
std::string_view present_text(std::string_view text, const MissingSpellings& missing) {
  text = trimmed(text);
  return missing.match(text) ? std::string_view{} : text;
}

// Rows through `value_of(row)`, which gives the whole word.
template <class ValueOf>
void each_row(const FieldTask& task, FieldScratch& scratch, ValueOf value_of) {
  uint64_t* const out = task.out[0];
  size_t valid = 0;
  for (size_t row = 0; row < task.rows; ++row) {
    const Value value = value_of(row);
    out[row] = value.word;
    valid += value.word != 0;
    if (value.word == 0) [[unlikely]]
      note(task, row, value.why, scratch);
  }
  scratch.tally.valid += valid;
}

// Plain texts through `read`, a kernel.
template <class Read>
void each_text(std::span<const std::string_view> texts, const FieldTask& task, FieldScratch& scratch, Read read) {
  assert(texts.size() >= task.rows);
  const MissingSpellings& missing = task.rules.missing();
  const bool may_be_missing = !missing.empty();
  each_row(task, scratch, [&, may_be_missing](size_t row) {
    const std::string_view text = trimmed(texts[row]);
    return text.empty() || (may_be_missing && missing.match(text)) ? Value{} : read(text);
  });
}

// Rows of a written kind through `text_of(row)`: trimmed, empty for null.
template <class TextOf>
void each_written(const FieldTask& task, FieldScratch& scratch, TextOf text_of) {
  scratch.memo.prepare(task.parts.size());
  for (size_t row = 0; row < task.rows; ++row) {
    const std::string_view text = text_of(row);
    Invalid why = Invalid::none;
    if (text.empty()) {
      for (uint64_t* out : task.out) out[row] = 0;
    } else {
      const auto words = scratch.memo.look_up(task.rules, task.parts, text, scratch.buffers, why);
      for (size_t i = 0; i < words.size(); ++i) task.out[i][row] = words[i];
    }
    if (task.out[0][row] == 0)
      note(task, row, why, scratch);
    else
      ++scratch.tally.valid;
  }
}

template <class TextOf>
void each_text_of(const FieldTask& task, FieldScratch& scratch, TextOf text_of) {
  if (is_written(task.rules)) return each_written(task, scratch, text_of);
  each_row(task, scratch, [&](size_t row) {
    const std::string_view text = text_of(row);
    return text.empty() ? Value{} : task.rules.whole(text, scratch.buffers);
  });
}

// Dates, by the layout of the first format where that is fixed; others, and dates near
// the ends of the window, by the whole rules.
template <DateOrder order, bool separated>
void each_fixed_date(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  const FieldRules& rules = task.rules;
  const auto& placeholders = rules.window().placeholders;
  const uint64_t first = std::max(rules.window().min, placeholders.empty() ? 0 : placeholders.back() + 1);
  const uint64_t last = rules.window().max;
  const char mark = rules.formats().front().separator();
  each_text(column.texts, task, scratch, [=, &rules](std::string_view text) {
    if (text.size() == (separated ? 10 : 8)) [[likely]] {
      const uint64_t word = fixed_date<order, separated>(text.data(), mark);
      if (word >= first && word <= last && word != 0) [[likely]]
        return Value{word, Invalid::none};
    }
    return rules.date(text);
  });
}

void plain_dates(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  const DateFormat& format = task.rules.formats().front();
  const bool separated = format.separator() != 0;
  const auto pick = [&]<DateOrder order>() {
    if (separated) return each_fixed_date<order, true>(column, task, scratch);
    each_fixed_date<order, false>(column, task, scratch);
  };
  switch (format.order()) {
    case DateOrder::ymd: return pick.template operator()<DateOrder::ymd>();
    case DateOrder::dmy: return pick.template operator()<DateOrder::dmy>();
    case DateOrder::mdy: return pick.template operator()<DateOrder::mdy>();
    case DateOrder::none: break;
  }
  each_text(column.texts, task, scratch, [&](std::string_view text) { return task.rules.date(text); });
}

// The rows whose word is 0. They are few: eight rows are asked at a time, and rows of an eight that has one are gathered
// without a branch, so that none has to be guessed.
std::span<const uint32_t> rows_without_value(const FieldTask& task, FieldScratch& scratch) {
  constexpr size_t eight = 8;
  const uint64_t* const words = task.out[0];
  scratch.no_value.resize(task.rows);
  uint32_t* const no_value = scratch.no_value.data();
  size_t count = 0, row = 0;
  const auto gather = [&](size_t end) {
    for (; row < end; ++row) {
      no_value[count] = static_cast<uint32_t>(row);
      count += words[row] == 0;
    }
  };
  while (row + eight <= task.rows) {
    uint64_t any = 0;  // the upper bit: of words, only 0 has it here
    for (size_t i = 0; i < eight; ++i) any |= (words[row + i] - 1) & ~words[row + i];
    if (any >> 63 == 0)
      row += eight;
    else
      gather(row + eight);
  }
  gather(task.rows);
  return {no_value, count};
}

// Plain texts through a kernel that reads many at once, and what it leaves through `read`, which looks closer.
template <class AtOnce, class Read>
void most_at_once(const RawColumn& column, const FieldTask& task, FieldScratch& scratch, AtOnce at_once, Read read) {
  const MissingSpellings& missing = task.rules.missing();
  uint64_t* const out = task.out[0];
  missing.empty() ? at_once(column.texts.data(), task.rows, out) : void(std::fill_n(out, task.rows, uint64_t{0}));
  const auto left = rows_without_value(task, scratch);
  scratch.tally.valid += task.rows - left.size();
  for (const uint32_t row : left) {
    const std::string_view text = present_text(column.texts[row], missing);
    const Value value = text.empty() ? Value{} : read(text);
    out[row] = value.word;
    scratch.tally.valid += value.word != 0;
    if (value.word == 0) note(task, row, value.why, scratch);
  }
}

void plain_texts(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  static const NhsNumbersKernel nhs_numbers = nhs_numbers_kernel(kernels());
  static const PostcodesKernel postcodes = postcodes_kernel(kernels());
  const FieldRules& rules = task.rules;
  if (rules.field().kind == Kind::pseudonym)
    return each_row(task, scratch, [&](size_t row) {
      return column.texts[row].data() == nullptr ? Value{} : rules.token(column.texts[row]);
    });
  if (rules.field().kind == Kind::flag)
    return each_row(task, scratch, [&](size_t row) {
      return column.texts[row].data() == nullptr ? Value{} : FieldRules::flag(column.texts[row]);
    });
  if (is_written(rules))
    return each_written(task, scratch, [&](size_t row) { return present_text(column.texts[row], rules.missing()); });
  switch (rules.field().kind) {
    case Kind::nhs_number:
      return most_at_once(column, task, scratch, nhs_numbers, [range = rules.field().allow_test_range](auto text) {
        return nhs_number(std::string_view(text), range);
      });
    case Kind::date: return plain_dates(column, task, scratch);
    case Kind::sex: return each_text(column.texts, task, scratch, [](std::string_view text) { return sex(text); });
    case Kind::postcode: return most_at_once(column, task, scratch, postcodes, postcode);
    default: return each_text(column.texts, task, scratch, [](std::string_view text) { return integer(text); });
  }
}

void read_dictionary(std::span<const std::string_view> texts, const FieldTask& task, FieldScratch& scratch) {
  const size_t parts = task.parts.size();
  scratch.table.resize(parts);
  for (auto& column : scratch.table) column.assign(texts.size() + 1, 0);
  scratch.table_why.assign(texts.size() + 1, Invalid::none);
  std::vector<uint64_t> words(parts);  // one allocation a dictionary
  for (size_t i = 0; i < texts.size(); ++i) {
    const bool as_it_stands = task.rules.field().kind == Kind::pseudonym;
    const std::string_view text = as_it_stands ? texts[i] : present_text(texts[i], task.rules.missing());
    if (!text.empty()) {
      scratch.table_why[i + 1] = task.rules.words(text, task.parts, scratch.buffers, words.data());
      for (size_t part = 0; part < parts; ++part) scratch.table[part][i + 1] = words[part];
    }
  }
  scratch.shared.reset();
  scratch.small.resize(parts);
  for (size_t part = 0; part < parts; ++part) {
    const auto& table = scratch.table[part];
    scratch.small[part].clear();
    if (std::ranges::max(table) <= UINT32_MAX) scratch.small[part].assign(table.begin(), table.end());
  }
}

// A table may be larger than the cache: nothing here waits for what it says. Words of dates take half as much of it.
void look_up(std::span<const int32_t> indices, size_t part, size_t rows, const FieldScratch& scratch, uint64_t* out) {
  const auto each = [&](const auto* table) {
    for (size_t row = 0; row < rows; ++row) out[row] = table[indices[row]];
  };
  if (!scratch.small[part].empty()) return each(scratch.small[part].data() + 1);
  each(scratch.table[part].data() + 1);
}

void meet_dictionary(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  assert(column.dictionary_id != 0 && column.indices.size() >= task.rows);
  if (scratch.dictionary_id == column.dictionary_id) return;
  read_dictionary(column.texts, task, scratch);
  scratch.dictionary_id = column.dictionary_id;
}

void dictionary(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  meet_dictionary(column, task, scratch);
  for (size_t part = 0; part < task.parts.size(); ++part)
    look_up(column.indices, part, task.rows, scratch, task.out[part]);
  const auto none = rows_without_value(task, scratch);
  scratch.tally.valid += task.rows - none.size();
  const Invalid* const why = scratch.table_why.data() + 1;
  for (const uint32_t row : none) note(task, row, why[column.indices[row]], scratch);
}

void numbers(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  const FieldRules& rules = task.rules;
  const Kind kind = rules.field().kind;
  const bool days = column.form == RawColumn::Form::day, may_be_missing = !rules.missing().empty();
  assert(column.numbers.size() >= task.rows);
  // A date in digits ("%d%m%Y") has lost its leading zeros.
  const unsigned width = kind == Kind::date && !days ? rules.formats().front().digits() : 0;
  const auto text_of = [&](size_t row) -> std::string_view {
    if (column.null(row)) return {};
    std::string& buffer = scratch.buffers.joined;
    const int64_t number = column.numbers[row];
    return present_text(days ? day_written_out(number, buffer) : written_out(number, width, buffer), rules.missing());
  };
  const auto each_number = [&](auto read) {
    each_row(task, scratch, [&](size_t row) {
      if (column.null(row) || (may_be_missing && text_of(row).empty())) return Value{};
      return read(column.numbers[row]);
    });
  };
  if (days && kind == Kind::date)
    return each_number([&](int64_t day) {
      const uint64_t word = word_of_day(day);
      return word == 0 ? Value{0, Invalid::not_a_date} : rules.in_window(word);
    });
  if (kind == Kind::integer) return each_number([](int64_t n) { return integer(n); });
  if (!days && kind == Kind::nhs_number)
    return each_number([test_range = rules.field().allow_test_range](int64_t n) { return nhs_number(n, test_range); });
  if (!days && kind == Kind::sex) return each_number([](int64_t n) { return sex(n); });
  each_text_of(task, scratch, text_of);
}

// Text of a row of any form; good until the buffer changes.
std::string_view any_text(const RawColumn& column, size_t row, std::string& buffer) {
  if (column.null(row)) return {};
  if (column.form == RawColumn::Form::text) return column.text(row);
  return column.form == RawColumn::Form::day ? day_written_out(column.numbers[row], buffer)
                                             : written_out(column.numbers[row], 0, buffer);
}

// One part of a date. Known when it is there and not zero.
struct DatePart {
  unsigned number = 0;
  Invalid why = Invalid::none;
  bool present = false;
};

DatePart read_part(const RawColumn* column, size_t row, unsigned digits_max, const FieldTask& task,
                   FieldScratch& scratch) {
  if (column == nullptr) return {};
  const std::string_view text = present_text(any_text(*column, row, scratch.buffers.joined), task.rules.missing());
  if (text.empty()) return {};
  DatePart part{0, Invalid::none, true};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part.number);
  if (error == std::errc{} && end == text.data() + text.size() && text.size() <= digits_max) return part;
  part.number = digits_max == 2 ? month_of_name(text) : 0;
  if (part.number == 0) part.why = Invalid::not_a_date;
  return part;
}

Value date_of_row(const RawColumn* day, const RawColumn* month, const RawColumn* year, size_t row,
                  const FieldTask& task, FieldScratch& scratch) {
  const DatePart d = read_part(day, row, 2, task, scratch);
  const DatePart m = read_part(month, row, 2, task, scratch);
  DatePart y = read_part(year, row, 4, task, scratch);
  if (!d.present && !m.present && !y.present) return {};
  if (d.why != Invalid::none || m.why != Invalid::none || y.why != Invalid::none) return {0, Invalid::not_a_date};
  if (y.present && y.number > 0 && y.number < 100) {
    const auto pivot = task.rules.field().two_digit_pivot;
    if (!pivot) return {0, Invalid::two_digit_year};
    y.number += static_cast<int>(y.number) > *pivot ? 1900 : 2000;
  }
  if (d.number == 0 && m.number == 0 && y.number == 0) return {};
  return task.rules.date_from(y.number, m.number, d.number);
}

}  // namespace

void standardise_column(const RawColumn& column, const FieldTask& task, FieldScratch& scratch) {
  if (column.form != RawColumn::Form::text)
    numbers(column, task, scratch);
  else if (!column.indices.empty())
    dictionary(column, task, scratch);
  else
    plain_texts(column, task, scratch);
}

void place_column(const RawColumn& column, const FieldTask& task, FieldScratch& scratch, PlacedWords& out) {
  meet_dictionary(column, task, scratch);
  if (!scratch.shared) scratch.shared = std::make_shared<const std::vector<uint64_t>>(scratch.table[0]);
  out.words = scratch.shared;
  out.places.resize(task.rows);
  for (size_t row = 0; row < task.rows; ++row) {
    const auto place = static_cast<size_t>(int64_t{column.indices[row]} + 1);
    out.places[row] = static_cast<uint32_t>(place);
    const bool valid = scratch.table[0][place] != 0;
    scratch.tally.valid += valid;
    if (!valid) [[unlikely]]
      note(task, row, scratch.table_why[place], scratch);
  }
}

void standardise_joined(std::span<const RawColumn> columns, const FieldTask& task, FieldScratch& scratch) {
  std::string number;
  const MissingSpellings& missing = task.rules.missing();
  each_text_of(task, scratch, [&](size_t row) {
    std::string& joined = scratch.buffers.joined;
    joined.clear();
    for (const RawColumn& column : columns) {
      const std::string_view text = present_text(any_text(column, row, number), missing);
      if (!joined.empty() && !text.empty()) joined += ' ';
      joined += text;
    }
    return present_text(joined, missing);
  });
}

void standardise_date_parts(const RawColumn* day, const RawColumn* month, const RawColumn* year, const FieldTask& task,
                            FieldScratch& scratch) {
  each_row(task, scratch, [&](size_t row) { return date_of_row(day, month, year, row, task, scratch); });
}

}  // namespace tessera
