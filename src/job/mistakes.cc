// mistakes.cc: what is wrong with a job file, and where? (see mistakes.h)
#include "job/mistakes.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "base/text.h"

namespace tessera {
namespace {

constexpr size_t mistakes_shown_max = 20;
constexpr size_t line_shown_max = 110;  // characters of a source line

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

}  // namespace

void Mistakes::add(Place place, std::string what, std::string help) {
  if (pinned_) place = *pinned_;
  place.begin = std::min(place.begin, text_.size());
  place.end = std::clamp(place.end, place.begin, text_.size());
  for (const Mistake& m : mistakes_)
    if (m.place.begin == place.begin && m.what == what) return;
  mistakes_.push_back({place, std::move(what), std::move(help)});
}

void Mistakes::add_told(Place place, std::string told) { mistakes_.push_back({place, std::move(told), {}, true}); }

std::string Mistakes::position(size_t offset) const {
  const std::string_view before = std::string_view(text_).substr(0, offset);
  const size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return fmt::format("{}:{}:{}", path_, line, characters(before.substr(line_start)) + 1);
}

std::string Mistakes::show(const Mistake& mistake) const {
  if (mistake.told) return mistake.what;
  const std::string_view text = text_;
  size_t start = text.substr(0, mistake.place.begin).rfind('\n');
  start = start == std::string_view::npos ? 0 : start + 1;
  size_t stop = std::min(text.find('\n', mistake.place.begin), text.size());
  if (stop > start && text[stop - 1] == '\r') --stop;
  const size_t begin = std::min(mistake.place.begin, stop);
  const size_t end = std::clamp(mistake.place.end, begin, stop);

  // A long line is cut around the mistake, between characters.
  std::string head, tail;
  if (stop - start > line_shown_max) {
    if (begin - start > line_shown_max / 2) {
      start = begin - line_shown_max / 2;
      while (start < begin && continues_character(text[start])) ++start;
      head = "...";
    }
    if (stop - start > line_shown_max) {
      stop = start + line_shown_max;
      while (stop > start && continues_character(text[stop])) --stop;
      tail = "...";
    }
  }
  // Control characters would move the caret or the terminal; a tab is one column like the rest.
  std::string line(text.substr(start, stop - start));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';

  const std::string caret_line =
      std::string(head.size() + characters(text.substr(start, begin - start)), ' ') + '^' +
      std::string(std::max<size_t>(characters(text.substr(begin, std::min(end, stop) - begin)), 1) - 1, '~');
  std::string out =
      fmt::format("{}: {}\n  {}{}{}\n  {}", position(mistake.place.begin), mistake.what, head, line, tail, caret_line);
  if (!mistake.help.empty()) out += "\nhelp: " + mistake.help;
  return out;
}

Error Mistakes::error() const {
  assert(!mistakes_.empty());
  std::vector<const Mistake*> sorted;
  for (const Mistake& mistake : mistakes_) sorted.push_back(&mistake);
  // At one place, in the order in which they were found.
  std::sort(sorted.begin(), sorted.end(), [](const Mistake* a, const Mistake* b) {
    return a->place.begin != b->place.begin ? a->place.begin < b->place.begin : a < b;
  });
  std::string out;
  for (size_t i = 0; i < std::min(sorted.size(), mistakes_shown_max); ++i) {
    if (i > 0) out += "\n\n";
    out += show(*sorted[i]);
  }
  if (sorted.size() > mistakes_shown_max) out += fmt::format("\n\nand {} more", sorted.size() - mistakes_shown_max);
  return Error{ErrorCode::usage, std::move(out)};
}

std::string listing(std::span<const std::string> names) {
  constexpr size_t names_max = 20;
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), names_max); ++i) out += (i > 0 ? ", " : "") + names[i];
  if (names.size() > names_max) out += fmt::format(" and {} more", names.size() - names_max);
  return out;
}

std::string suggestion(std::string_view name, std::span<const std::string> known, std::string_view prefix) {
  if (const auto near = nearest(name, known)) return fmt::format("did you mean \"{}\"?", *near);
  if (known.empty()) return {};
  return fmt::format("{} {}", prefix, listing(known));
}

}  // namespace tessera
