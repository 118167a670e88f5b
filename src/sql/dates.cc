// dates.cc: how does a database write the layout of a date?
//
//   DuckDB    %Y-%m-%dT%H:%M:%S     strptime, as Tessera
//   Spark     yyyy-MM-dd'T'HH:mm:ss
//   Postgres  YYYY-MM-DDTHH24:MI:SS
#include <algorithm>
#include <cctype>
#include <chrono>

#include "sql/side.h"

namespace tessera {
namespace {

struct Letters {
  std::string_view written, ours;
};

// The longest come first.
constexpr Letters java_letters[] = {{"yyyy", "%Y"}, {"uuuu", "%Y"}, {"MMMM", "%B"}, {"MMM", "%b"}, {"SSSSSS", "%f"},
                                    {"SSS", "%f"},  {"XXX", "%:z"}, {"yy", "%y"},   {"MM", "%m"},  {"dd", "%d"},
                                    {"HH", "%H"},   {"mm", "%M"},   {"ss", "%S"},   {"DDD", "%j"}, {"M", "%m"},
                                    {"d", "%d"},    {"y", "%Y"},    {"H", "%H"},    {"XX", "%:z"}, {"X", "%:z"}};
constexpr Letters postgres_letters[] = {{"YYYY", "%Y"}, {"HH24", "%H"}, {"Month", "%B"}, {"MONTH", "%B"}, {"DDD", "%j"},
                                        {"Mon", "%b"},  {"MON", "%b"},  {"YY", "%y"},    {"MM", "%m"},    {"DD", "%d"},
                                        {"MI", "%M"},   {"SS", "%S"},   {"US", "%f"}};

template <size_t N>
std::string translated(std::string_view pattern, const Letters (&letters)[N], char quote, std::string_view plain) {
  std::string out;
  for (size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == quote) {
      const size_t close = pattern.find(quote, at + 1);
      if (close == std::string_view::npos) return {};
      out += close == at + 1 ? std::string(1, quote) : std::string(pattern.substr(at + 1, close - at - 1));
      at = close + 1;
      continue;
    }
    const auto found = std::find_if(std::begin(letters), std::end(letters),
                                    [&](const Letters& l) { return pattern.substr(at).starts_with(l.written); });
    if (found != std::end(letters)) {
      // A run of letters longer than any known means something else.
      if (at + found->written.size() < pattern.size() && pattern[at + found->written.size()] == c &&
          found->written[0] == found->written.back() && quote == '\'')
        return {};
      out += found->ours;
      at += found->written.size();
    } else if (c == '%' || (std::isalpha(static_cast<unsigned char>(c)) != 0 && !plain.contains(c))) {
      return {};
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

}  // namespace

std::string strptime_format(std::string_view pattern, SqlDialect dialect) {
  switch (dialect) {
    case SqlDialect::spark: return translated(pattern, java_letters, '\'', "");
    case SqlDialect::postgres: return translated(pattern, postgres_letters, '"', "TZ");
    default: break;
  }
  constexpr std::string_view known = "YymdjbBhHMSfz%";
  for (size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == '%' && (++i == pattern.size() || !known.contains(pattern[i]))) return {};
  return std::string(pattern);
}

std::optional<double> fixed_width(std::string_view format) {
  double width = 0;
  for (size_t i = 0; i < format.size(); ++i, ++width)
    if (format[i] == '%') {
      if (++i == format.size() || !std::string_view("YmdHMS").contains(format[i])) return std::nullopt;
      width += format[i] == 'Y' ? 3 : 1;
    }
  return width;
}

bool has_time(std::string_view format) {
  for (size_t i = 0; i + 1 < format.size(); ++i)
    if (format[i] == '%' && std::string_view("HMSf").contains(format[++i])) return true;
  return false;
}

std::optional<double> days_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](size_t at, size_t length) {
    int out = 0;
    for (const char c : text.substr(at, length)) out = c < '0' || c > '9' || out < 0 ? -1 : out * 10 + (c - '0');
    return out;
  };
  const int y = number(0, 4), m = number(5, 2), d = number(8, 2);
  if (y < 0 || m < 0 || d < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
}

}  // namespace tessera
