// nysiis.cc: which names sound alike, by NYSIIS? (see nysiis.h)
#include "kernels/nysiis.h"

namespace tessera {

namespace {

constexpr bool is_nysiis_vowel(char c) { return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U'; }

// What stands at the front or at the end of a name, and what is written for it.
void transcode_ends(std::string& name) {
  static constexpr std::string_view front[][2] = {{"MAC", "MCC"}, {"KN", "NN"}, {"K", "C"},
                                                  {"PH", "FF"},   {"PF", "FF"}, {"SCH", "SSS"}};
  for (const auto& [from, to] : front)
    if (name.starts_with(from)) {
      name.replace(0, from.size(), to);
      break;
    }
  static constexpr std::string_view back[][2] = {{"EE", "Y"}, {"IE", "Y"}, {"DT", "D"}, {"RT", "D"},
                                                 {"RD", "D"}, {"NT", "D"}, {"ND", "D"}};
  for (const auto& [from, to] : back)
    if (name.ends_with(from)) {
      name.replace(name.size() - from.size(), from.size(), to);
      break;
    }
}

// Writes over name[i] and what follows it: rules look at what the rules before them left.
void transcode(std::string& name, size_t i) {
  const auto is = [&](std::string_view piece) { return std::string_view(name).substr(i).starts_with(piece); };
  const char previous = name[i - 1], next = i + 1 < name.size() ? name[i + 1] : '\0';
  const auto write = [&](std::string_view to) { name.replace(i, to.size(), to); };
  if (is("EV")) return write("AF");
  if (is("KN")) return write("NN");
  if (is("SCH")) return write("SSS");
  if (is("PH")) return write("FF");
  char& c = name[i];
  if (is_nysiis_vowel(c)) c = 'A';
  if (c == 'Q') c = 'G';
  if (c == 'Z') c = 'S';
  if (c == 'M') c = 'N';
  if (c == 'K') c = 'C';
  if (c == 'H' && (!is_nysiis_vowel(previous) || !is_nysiis_vowel(next))) c = previous;
  if (c == 'W' && is_nysiis_vowel(previous)) c = previous;
}

}  // namespace

void nysiis(std::string_view name, std::string& out) {
  thread_local std::string letters;
  letters.clear();
  out.clear();
  for (const char c : name)
    if (const unsigned letter = (static_cast<unsigned char>(c) | 0x20u) - 'a'; letter < 26)
      letters += static_cast<char>('A' + letter);
  if (letters.empty()) return;
  transcode_ends(letters);
  out += letters[0];
  for (size_t i = 1; i < letters.size(); ++i) {
    transcode(letters, i);
    if (letters[i] != letters[i - 1]) out += letters[i];  // what is said twice is written once
  }
  if (out.size() > 1 && out.back() == 'S') out.pop_back();
  if (out.size() > 2 && out.ends_with("AY")) out.erase(out.size() - 2, 1);
  if (out.size() > 1 && out.back() == 'A') out.pop_back();
}

}  // namespace tessera
