// double_metaphone.cc: how is a name said, and how else? (see double_metaphone.h)
#include "kernels/double_metaphone.h"

#include <algorithm>
#include <initializer_list>

#include "kernels/swar.h"
#include "kernels/unicode.h"

namespace tessera {

namespace {

constexpr size_t key_length = 4;
constexpr char soft_c = 1;  // a C with a cedilla

constexpr bool is_vowel(char c) { return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U' || c == 'Y'; }

using Choices = std::initializer_list<std::string_view>;

// Walks along a name; each letter has a function, which says signs and steps on.
class Speaker {
 public:
  Speaker(std::string_view name, DoubleMetaphone& out) : name_(name), out_(out), size_(static_cast<int>(name.size())) {
    const auto has = [name](std::string_view piece) { return name.find(piece) != name.npos; };
    slavic_or_german_ = has("W") || has("K") || has("CZ");
    german_ = begins({"VAN ", "VON ", "SCH"});
  }

  void run() {
    if (begins({"GN", "KN", "PN", "WR", "PS"})) at_ = 1;  // the first letter is silent
    while (at_ < size_ && (out_.primary.size() < key_length || out_.secondary.size() < key_length)) letter();
  }

 private:
  // The letter `offset` from here; 0 beyond the ends.
  [[nodiscard]] char next(int offset) const {
    const int place = at_ + offset;
    return place >= 0 && place < size_ ? name_[static_cast<size_t>(place)] : '\0';
  }
  [[nodiscard]] bool one_of(int offset, std::string_view letters) const {
    return next(offset) != 0 && letters.find(next(offset)) != letters.npos;
  }
  // Whether one of the pieces stands `offset` from here.
  [[nodiscard]] bool is(int offset, Choices pieces) const {
    const int place = at_ + offset;
    return place >= 0 && place <= size_ && std::ranges::any_of(pieces, [&](std::string_view piece) {
             return name_.substr(static_cast<size_t>(place)).starts_with(piece);
           });
  }
  [[nodiscard]] bool begins(Choices pieces) const {
    return std::ranges::any_of(pieces, [&](std::string_view piece) { return name_.starts_with(piece); });
  }
  [[nodiscard]] bool vowel(int offset) const { return is_vowel(next(offset)); }
  [[nodiscard]] bool first() const { return at_ == 0; }
  [[nodiscard]] bool last() const { return at_ == size_ - 1; }

  void say(std::string_view both) { say(both, both); }
  void say(std::string_view primary, std::string_view secondary) {
    out_.primary += primary.substr(0, key_length - std::min(key_length, out_.primary.size()));
    out_.secondary += secondary.substr(0, key_length - std::min(key_length, out_.secondary.size()));
  }
  void step(int letters) { at_ += letters; }
  // Over this letter, and the next if it is one of `same`.
  void step_over(std::string_view same) { at_ += one_of(1, same) ? 2 : 1; }

  void letter() {
    if (vowel(0)) {
      if (first()) say("A");
      return step(1);
    }
    switch (next(0)) {
      case 'B': say("P"); return step_over("B");
      case soft_c: say("S"); return step(1);
      case 'C': return letter_c();
      case 'D': return letter_d();
      case 'F': say("F"); return step_over("F");
      case 'G': return letter_g();
      case 'H': return letter_h();
      case 'J': return letter_j();
      case 'K': say("K"); return step_over("K");
      case 'L': return letter_l();
      case 'M': return letter_m();
      case 'N': say("N"); return step_over("N");
      case 'P': return letter_p();
      case 'Q': say("K"); return step_over("Q");
      case 'R': return letter_r();
      case 'S': return letter_s();
      case 'T': return letter_t();
      case 'V': say("F"); return step_over("V");
      case 'W': return letter_w();
      case 'X': return letter_x();
      case 'Z': return letter_z();
      default: return step(1);
    }
  }

  // Whether C is a German K: "bacher", "macher", but not "teacher".
  [[nodiscard]] bool german_ach() const {
    return at_ > 1 && !vowel(-2) && is(-1, {"ACH"}) &&
           ((next(2) != 'I' && next(2) != 'E') || is(-2, {"BACHER", "MACHER"}));
  }

  void letter_c() {
    if (is(0, {"CHIA"}) || german_ach()) {
      say("K");
      return step(2);
    }
    if (first() && is(0, {"CAESAR"})) {
      say("S");
      return step(2);
    }
    if (next(1) == 'H') return letters_ch();
    if (next(1) == 'Z' && !is(-2, {"WICZ"})) {  // Czerny
      say("S", "X");
      return step(2);
    }
    if (is(1, {"CIA"})) {  // focaccia
      say("X");
      return step(3);
    }
    if (next(1) == 'C' && !(at_ == 1 && name_[0] == 'M')) return letters_cc();  // but McClelland
    if (one_of(1, "KGQ")) {
      say("K");
      return step(2);
    }
    if (one_of(1, "IEY")) {  // Italian or English
      say("S", is(1, {"IO", "IE", "IA"}) ? "X" : "S");
      return step(2);
    }
    say("K");
    if (is(1, {" C", " Q", " G"})) return step(3);  // Mac Caffrey, Mac Gregor
    step(one_of(1, "CKQ") && !is(1, {"CE", "CI"}) ? 2 : 1);
  }

  void letters_cc() {
    if (!one_of(2, "IEH") || is(2, {"HU"})) {  // Pierce's rule; bacchus
      say("K");
      return step(2);
    }
    const bool accident = (at_ == 1 && name_[0] == 'A') || is(-1, {"UCCEE", "UCCES"});
    say(accident ? "KS" : "X");  // else bertucci
    step(3);
  }

  // Whether CH is a K as in Greek and German: chorus, architect, Loch, Wachtler.
  [[nodiscard]] bool hard_ch() const {
    if (first() && is(1, {"HARAC", "HARIS", "HOR", "HYM", "HIA", "HEM"}) && !begins({"CHORE"})) return true;
    if (german_ || is(-2, {"ORCHES", "ARCHIT", "ORCHID"}) || one_of(2, "TS")) return true;
    return (first() || one_of(-1, "AOUE")) && (one_of(2, "LRNMBHFVW ") || at_ == size_ - 2);
  }

  void letters_ch() {
    if (!first() && is(0, {"CHAE"}))  // Michael
      say("K", "X");
    else if (hard_ch() || begins({"MC"}))
      say("K");
    else if (first())
      say("X");
    else
      say("X", "K");
    step(2);
  }

  void letter_d() {
    if (next(1) == 'G' && one_of(2, "IEY")) {  // edge
      say("J");
      return step(3);
    }
    if (next(1) == 'G') {  // Edgar
      say("TK");
      return step(2);
    }
    say("T");
    step_over("TD");
  }

  void letter_g() {
    if (next(1) == 'H') return letters_gh();
    if (next(1) == 'N') {
      if (at_ == 1 && is_vowel(name_[0]) && !slavic_or_german_)
        say("KN", "N");
      else if (!is(2, {"EY"}) && !slavic_or_german_)
        say("N", "KN");
      else
        say("KN");
      return step(2);
    }
    if (is(1, {"LI"}) && !slavic_or_german_) {  // tagliaro
      say("KL", "L");
      return step(2);
    }
    const bool gerbil = first() && is(1, {"Y", "ES", "EP", "EB", "EL", "EY", "IB", "IL", "IN", "IE", "EI", "ER"});
    const bool ginger =
        is(1, {"ER", "Y"}) && !begins({"DANGER", "RANGER", "MANGER"}) && !one_of(-1, "EI") && !is(-1, {"RGY", "OGY"});
    if (gerbil || ginger) {
      say("K", "J");
      return step(2);
    }
    if (one_of(1, "EIY") || is(-1, {"AGGI", "OGGI"})) {
      if (german_ || is(1, {"ET"}))
        say("K");
      else
        say("J", is(1, {"IER"}) ? "J" : "K");
      return step(2);
    }
    say("K");
    step_over("G");
  }

  [[nodiscard]] const char* later_gh() const {
    if (!vowel(-1)) return "K";
    if (one_of(-2, "BHD") || one_of(-3, "BHD") || one_of(-4, "BH")) return "";  // Parker's rule: Hugh, bough
    if (next(-1) == 'U' && one_of(-3, "CGLRT")) return "F";                     // laugh, cough
    return next(-1) == 'I' ? "" : "K";
  }

  void letters_gh() {
    if (first())
      say(next(2) == 'I' ? "J" : "K");  // Ghislane
    else
      say(later_gh());
    step(2);
  }

  void letter_h() {
    if (!((first() || vowel(-1)) && vowel(1))) return step(1);
    say("H");
    step(2);
  }

  void letter_j() {
    const bool san = begins({"SAN "});
    if (is(0, {"JOSE"}) || san) {  // Spanish
      const bool alone = (first() && next(4) == ' ') || size_ == 4 || san;
      say(alone ? "H" : "J", "H");
      return step(1);
    }
    if (first())
      say("J", "A");  // Jankelowicz
    else if (vowel(-1) && !slavic_or_german_ && one_of(1, "AO"))
      say("J", "H");  // bajador
    else if (last())
      say("J", "");
    else if (!one_of(1, "LTKSNMBZ") && !one_of(-1, "SKL"))
      say("J");
    step_over("J");
  }

  void letter_l() {
    const bool ends_spanish =
        name_.ends_with("AS") || name_.ends_with("OS") || name_.ends_with("A") || name_.ends_with("O");
    const bool spanish = next(1) == 'L' &&
                         ((at_ == size_ - 3 && is(-1, {"ILLO", "ILLA", "ALLE"})) || (ends_spanish && is(-1, {"ALLE"})));
    say("L", spanish ? "" : "L");
    step_over("L");
  }

  void letter_m() {
    say("M");
    const bool dumb = is(-1, {"UMB"}) && (at_ == size_ - 2 || is(2, {"ER"}));  // dumb, thumber
    step(dumb || next(1) == 'M' ? 2 : 1);
  }

  void letter_p() {
    if (next(1) == 'H') {
      say("F");
      return step(2);
    }
    say("P");
    step_over("PB");
  }

  void letter_r() {
    const bool french = last() && !slavic_or_german_ && is(-2, {"IE"}) && !is(-4, {"ME", "MA"});  // Rogier
    say(french ? "" : "R", "R");
    step_over("R");
  }

  void letter_s() {
    if (is(-1, {"ISL", "YSL"})) return step(1);  // isle
    if (first() && is(0, {"SUGAR"})) {
      say("X", "S");
      return step(1);
    }
    if (next(1) == 'H') {
      say(is(1, {"HEIM", "HOEK", "HOLM", "HOLZ"}) ? "S" : "X");
      return step(2);
    }
    if (is(0, {"SIO", "SIA"})) {
      say("S", slavic_or_german_ ? "S" : "X");
      return step(3);
    }
    if ((first() && one_of(1, "MNLW")) || next(1) == 'Z') {  // Smith and Schmidt, Snider and Schneider
      say("S", "X");
      return step_over("Z");
    }
    if (next(1) == 'C') return letters_sc();
    const bool french = last() && is(-2, {"AI", "OI"});  // Resnais, Artois
    say(french ? "" : "S", "S");
    step_over("SZ");
  }

  void letters_sc() {
    if (next(2) == 'H') {
      if (is(3, {"ER", "EN"}))  // Schermerhorn
        say("X", "SK");
      else if (is(3, {"OO", "UY", "ED", "EM"}))  // school, Dutch
        say("SK");
      else if (first() && !vowel(3) && next(3) != 'W')
        say("X", "S");
      else
        say("X");
    } else {
      say(one_of(2, "IEY") ? "S" : "SK");
    }
    step(3);
  }

  void letter_t() {
    if (is(0, {"TION", "TIA", "TCH"})) {
      say("X");
      return step(3);
    }
    if (is(0, {"TH", "TTH"})) {
      const bool hard = german_ || is(2, {"OM", "AM"});  // Thomas, Thames
      say(hard ? "T" : "0", "T");
      return step(2);
    }
    say("T");
    step_over("TD");
  }

  void letter_w() {
    if (next(1) == 'R') {
      say("R");
      return step(2);
    }
    if (first() && (vowel(1) || next(1) == 'H')) {
      say("A", vowel(1) ? "F" : "A");  // Wasserman and Vasserman
      return step(1);
    }
    if ((last() && vowel(-1)) || is(-1, {"EWSKI", "EWSKY", "OWSKI", "OWSKY"}) || begins({"SCH"})) {
      say("", "F");  // Arnow and Arnoff
      return step(1);
    }
    if (is(0, {"WICZ", "WITZ"})) {  // Filipowicz
      say("TS", "FX");
      return step(4);
    }
    step(1);
  }

  void letter_x() {
    if (first()) return say("S"), step(1);
    const bool french = last() && (is(-3, {"IAU", "EAU"}) || is(-2, {"AU", "OU"}));  // Breaux
    if (!french) say("KS");
    step_over("CX");
  }

  void letter_z() {
    if (next(1) == 'H') {  // Zhang
      say("J");
      return step(2);
    }
    const bool two = is(1, {"ZO", "ZI", "ZA"}) || (slavic_or_german_ && !first() && next(-1) != 'T');
    say("S", two ? "TS" : "S");
    step_over("Z");
  }

  std::string_view name_;
  DoubleMetaphone& out_;
  int size_, at_ = 0;
  bool slavic_or_german_ = false, german_ = false;
};

}  // namespace

void double_metaphone(std::string_view name, DoubleMetaphone& out) {
  out.primary.clear();
  out.secondary.clear();
  thread_local std::string letters;
  letters.clear();
  for (name = swar::trim(name); !name.empty();) {
    const Character c = first_character(name);
    if (c.code < 0x80)
      letters += static_cast<char>(c.code >= 'a' && c.code <= 'z' ? c.code - 32 : c.code);
    else if (c.code == 0xc7 || c.code == 0xe7)
      letters += soft_c;
    else
      letters += folded_letter(c.code);
    name.remove_prefix(c.bytes);
  }
  Speaker(letters, out).run();
}

}  // namespace tessera
