// name.cc: how is a name, a text or a code written so that spellings are equal? (see name.h)
#include "kernels/name.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "kernels/swar.h"
#include "kernels/unicode.h"

namespace tessera {

namespace {

// What becomes of an ASCII character of a name: itself in capitals, ' ', or 0 to leave it out.
constexpr std::array<char, 128> ascii_of_name = [] {
  std::array<char, 128> to{};
  for (char c = 'A'; c <= 'Z'; ++c) {
    to[static_cast<size_t>(c)] = c;
    to[static_cast<size_t>(c) + 32] = c;
  }
  for (char c = '0'; c <= '9'; ++c) to[static_cast<size_t>(c)] = c;
  for (const char c : {' ', '\t', '\n', '\v', '\f', '\r', '-', ',', '/', ';', '&', '+', '_', '|'})
    to[static_cast<size_t>(c)] = ' ';
  return to;
}();

constexpr std::string_view titles[] = {"MR",   "MRS",  "MS",   "MISS",   "DR", "PROF",      "REV",     "SIR",
                                       "DAME", "LADY", "LORD", "MASTER", "MX", "PROFESSOR", "REVEREND"};

bool is_unicode_space(uint32_t code) {
  return code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
         code == 0x202f || code == 0x205f || code == 0x3000 || code == 0x85;
}

bool is_unicode_hyphen(uint32_t code) { return (code >= 0x2010 && code <= 0x2015) || code == 0x2212; }

// Punctuation and marks beyond ASCII that no name needs: Latin-1 signs, modifier and
// combining marks, general punctuation and symbols, byte order mark, full-width signs.
bool is_unicode_mark(uint32_t code) {
  return code == not_utf8 || (code >= 0x80 && code < 0xc0) || (code >= 0x2b0 && code < 0x370) ||
         (code >= 0x2000 && code < 0x2c00) || (code >= 0x3001 && code <= 0x3004) || code == 0xfeff ||
         (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfffd;
}

// Appends with at most one space between words and none in front.
class Words {
 public:
  // Room for `most` bytes of input: no letter becomes more than twice as long.
  Words(std::string& out, size_t most) : out_(out) {
    out_.resize(2 * most + 4);
    at_ = begin_ = out_.data();
  }
  void add(char c) { *at_++ = c; }
  void add(std::string_view letters) { at_ = std::ranges::copy(letters, at_).out; }
  void space() {
    if (at_ != begin_ && at_[-1] != ' ') *at_++ = ' ';
  }
  void finish() {
    if (at_ != begin_ && at_[-1] == ' ') --at_;
    out_.resize(static_cast<size_t>(at_ - begin_));
  }

 private:
  std::string& out_;
  char *begin_, *at_;
};

void fold_character(uint32_t code, std::string_view as_it_stands, Words& words) {
  if (is_unicode_space(code) || is_unicode_hyphen(code)) return words.space();
  if (is_unicode_mark(code)) return;
  const std::string_view letter = folded_letter(code);
  words.add(letter.data() == nullptr ? as_it_stands : letter);
}

void remove_titles(std::string& name) {
  size_t from = 0;
  for (size_t end = name.find(' '); end != std::string::npos; end = name.find(' ', from)) {
    const std::string_view word(name.data() + from, end - from);
    if (std::ranges::find(titles, word) == std::end(titles)) break;
    from = end + 1;
  }
  if (from != 0) name.erase(0, from);
}

enum class Spaces : uint8_t { collapse, drop, collapse_with_hyphens };

// Most texts: ASCII in which nothing but capitals has to be made, eight characters at a time. False: it is not such a text.
bool tidy_plain(std::string_view text, Spaces spaces, std::string& out) {
  out.resize(text.size());
  char* to = out.data();
  uint64_t space_before = 1;  // the last character was a space, or there was none
  const auto eight = [&](uint64_t word) {
    const uint64_t space = swar::between(word, ' ', ' ');
    uint64_t other = (word & swar::tops) | swar::between(word, 0, ' ' - 1);
    if (spaces == Spaces::drop) other |= space;
    if (spaces == Spaces::collapse_with_hyphens) other |= swar::between(word, '-', '-');
    other |= space & (space << 8 | space_before << 7);
    space_before = space >> 63;
    const uint64_t capitals = word ^ swar::between(word, 'a', 'z') >> 2;
    swar::store(to, capitals);
    return other == 0;
  };
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8, to += 8)
    if (!eight(swar::load(text.data() + at))) return false;
  if (at < text.size() && at > 0) {
    // Once more what was read, up to the end; where that begins is no beginning.
    space_before = 0;
    to = out.data() + text.size() - 8;
    if (!eight(swar::load(text.data() + text.size() - 8))) return false;
  } else if (at < text.size()) {
    char last[8];
    std::ranges::fill(last, '0');
    std::ranges::copy(text.substr(at), last);
    char made[8];
    to = made;
    if (!eight(swar::load(last))) return false;
    std::copy_n(made, text.size() - at, out.data() + at);
  }
  return text.empty() || text.back() != ' ';
}

void tidy(std::string_view text, Spaces spaces, std::string& out) {
  if (tidy_plain(text, spaces, out)) return;
  Words words(out, text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    if ((c.code < 0x80 && swar::is_space(static_cast<char>(c.code))) || is_unicode_space(c.code) ||
        (spaces == Spaces::collapse_with_hyphens && (c.code == '-' || is_unicode_hyphen(c.code)))) {
      if (spaces != Spaces::drop) words.space();
    } else if (c.code < 0x80) {
      words.add(static_cast<char>(c.code >= 'a' && c.code <= 'z' ? c.code - 32 : c.code));
    } else {
      const std::string_view capital = capital_letter(c.code);
      words.add(capital.data() == nullptr ? text.substr(0, c.bytes) : capital);
    }
    text.remove_prefix(c.bytes);
  }
  words.finish();
}

}  // namespace

void fold_name(std::string_view text, bool drop_titles, std::string& out) {
  Words words(out, text.size());
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) [[likely]] {
      const char c = ascii_of_name[byte];
      if (c == ' ')
        words.space();
      else if (c != 0)
        words.add(c);
      ++i;
      continue;
    }
    const Character c = first_character(text.substr(i));
    fold_character(c.code, text.substr(i, c.bytes), words);
    i += c.bytes;
  }
  words.finish();
  if (drop_titles) remove_titles(out);
}

void tidy_text(std::string_view text, std::string& out) { tidy(text, Spaces::collapse, out); }
void tidy_code(std::string_view text, std::string& out) { tidy(text, Spaces::drop, out); }
void tidy_postcode(std::string_view text, std::string& out) { tidy(text, Spaces::collapse_with_hyphens, out); }

std::string_view first_token(std::string_view text) { return text.substr(0, text.find(' ')); }

std::string_view first_characters(std::string_view text, unsigned count) {
  size_t end = 0;
  while (count-- > 0 && end < text.size()) end += first_character(text.substr(end)).bytes;
  return text.substr(0, end);
}

void drop_spaces(std::string_view text, std::string& out) {
  out.clear();
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c != ' '; });
}

void sort_letters(std::string_view text, std::string& out) {
  drop_spaces(text, out);
  if (std::ranges::all_of(out, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    std::ranges::sort(out);
    return;
  }
  // UTF-8 sorts by bytes as its characters do, so characters are sorted as texts.
  const std::string copy = out;
  std::vector<std::string_view> characters;
  for (std::string_view rest = copy; !rest.empty();) {
    characters.push_back(rest.substr(0, first_character(rest).bytes));
    rest.remove_prefix(characters.back().size());
  }
  std::ranges::sort(characters);
  out.clear();
  for (const std::string_view character : characters) out += character;
}

}  // namespace tessera
