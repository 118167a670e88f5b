#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace tessera {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

template <class Text>
std::optional<std::string> nearest_of(std::string_view word, std::span<const Text> candidates) {
  const std::string wanted = lower(word);
  size_t best_distance = std::max<size_t>(1, wanted.size() / 3) + 1;  // a third of the letters may be wrong
  std::optional<std::string> best;
  for (const Text& candidate : candidates) {
    const std::string text = lower(candidate);
    const bool cut_short = wanted.size() >= 3 && text.starts_with(wanted);
    const size_t distance = cut_short ? 1 : edit_distance(wanted, text);
    if (distance >= best_distance || distance >= text.size()) continue;
    best_distance = distance;
    best.emplace(candidate);
  }
  return best;
}

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr double kib = 1024, kb = 1000;
constexpr std::array<Unit, 14> units = {{{"", 1},
                                         {"b", 1},
                                         {"k", kib},
                                         {"kib", kib},
                                         {"kb", kb},
                                         {"m", kib* kib},
                                         {"mib", kib* kib},
                                         {"mb", kb* kb},
                                         {"g", kib* kib* kib},
                                         {"gib", kib* kib* kib},
                                         {"gb", kb* kb* kb},
                                         {"t", kib* kib* kib* kib},
                                         {"tib", kib* kib* kib* kib},
                                         {"tb", kb* kb* kb* kb}}};

// `value` in the largest step that leaves it at least 1.
std::string scaled(double value, double step, std::span<const std::string_view> names) {
  size_t i = 0;
  while (i + 1 < names.size() && value >= step * (1 - 0.0005)) {
    value /= step;
    ++i;
  }
  if (i == 0) return fmt::format("{:.0f}{}", value, names[0]);
  return fmt::format("{:.1f}{}", value, names[i]);
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return nearest_of(word, candidates);
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  return nearest_of(word, candidates);
}

std::string joined(std::span<const std::string> words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) {
    if (&word != words.data()) out += separator;
    out += word;
  }
  return out;
}

std::string human_bytes(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> names = {" B", " KiB", " MiB", " GiB", " TiB"};
  return scaled(static_cast<double>(bytes), 1024, names);
}

std::string human_count(uint64_t count) {
  constexpr std::array<std::string_view, 5> names = {"", " k", " M", " G", " T"};
  return scaled(static_cast<double>(count), 1000, names);
}

std::string grouped_count(uint64_t count) {
  std::string out = std::to_string(count);
  for (size_t place = out.size(); place > 3;) {
    place -= 3;
    out.insert(place, ",");
  }
  return out;
}

std::string human_seconds(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.2f} s", std::max(0.0, seconds));
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

Result<uint64_t> parse_bytes(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  std::string unit = lower(std::string_view(rest, static_cast<size_t>(end - rest)));
  std::erase(unit, ' ');
  const auto* found = std::ranges::find(units, unit, &Unit::name);
  const bool understood = problem == std::errc() && found != units.end() && number >= 0;
  // 2^63 and above cannot be a size on any machine, and would not fit after rounding.
  if (!understood || number * found->bytes >= 9.2e18)
    return fail(ErrorCode::usage, fmt::format("\"{}\" is not a size; write for example 512MB, 4GiB or 1.5GiB", text));
  return static_cast<uint64_t>(std::llround(number * found->bytes));
}

}  // namespace tessera
