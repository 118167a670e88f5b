// Names, texts and codes: the rules of docs/standardise.md by example, and Soundex by its published vectors.
#include "kernels/name.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "kernels/unicode.h"
#include "reference/kernels/agree.h"

using namespace tessera;

namespace {

std::string folded(std::string_view text, bool drop_titles = true) {
  std::string out = "left over";
  fold_name(text, drop_titles, out);
  return out;
}
std::string tidied(void (*tidy)(std::string_view, std::string&), std::string_view text) {
  std::string out = "left over";
  tidy(text, out);
  return out;
}

}  // namespace

TEST(FoldName, MakesSpellingsOfOneNameEqual) {
  EXPECT_EQ(folded("Smith"), "SMITH");
  EXPECT_EQ(folded("  o'brien "), "OBRIEN");
  EXPECT_EQ(folded("O\u2019Brien"), "OBRIEN");
  EXPECT_EQ(folded("Smith-Jones"), "SMITH JONES");
  EXPECT_EQ(folded("Smith\u2013Jones"), "SMITH JONES");
  EXPECT_EQ(folded("Smith , Jones/Brown"), "SMITH JONES BROWN");
  EXPECT_EQ(folded("St. John\u00a0 (Jack)"), "ST JOHN JACK");
  EXPECT_EQ(folded("---"), "");
  EXPECT_EQ(folded(""), "");
}

TEST(FoldName, FoldsAccents) {
  EXPECT_EQ(folded("Zoë Núñez-Çelik"), "ZOE NUNEZ CELIK");
  EXPECT_EQ(folded("Zoe\u0308"), "ZOE") << "the same with a combining mark";
  EXPECT_EQ(folded("Strauß Æsir Œdip Bjørn Þór Guðrún Łukasz Đoković"),
            "STRAUSS AESIR OEDIP BJORN THOR GUDRUN LUKASZ DOKOVIC");
  EXPECT_EQ(folded("Şahin Ğ ığdır İnci Ħal Nguyễn"), "SAHIN G IGDIR INCI HAL NGUYEN");
  EXPECT_EQ(folded("Ελένη"), "ΕΛΕΝΗ");
  EXPECT_EQ(folded("Андрей"), "АНДРЕЙ") << "a Cyrillic letter keeps its mark: it is another letter without";
  EXPECT_EQ(folded("李 小龙"), "李 小龙");
  EXPECT_EQ(folded("Sm\xffith"), "SMITH") << "a byte that is no UTF-8";
}

TEST(FoldName, DropsTitlesWhileAnotherWordRemains) {
  EXPECT_EQ(folded("Mr. John"), "JOHN");
  EXPECT_EQ(folded("Prof. Dr. Ada"), "ADA");
  EXPECT_EQ(folded("Master"), "MASTER");
  EXPECT_EQ(folded("Dr Lord"), "LORD");
  EXPECT_EQ(folded("Mark Lord"), "MARK LORD") << "only at the front";
  EXPECT_EQ(folded("Mr. John", false), "MR JOHN");
}

TEST(Tidy, KeepsAccents) {
  EXPECT_EQ(tidied(tidy_text, " 10  Downing\t street "), "10 DOWNING STREET");
  EXPECT_EQ(tidied(tidy_text, "é-ß'"), "É-ß'");
  EXPECT_EQ(tidied(tidy_code, " rx1 02 "), "RX102");
  EXPECT_EQ(tidied(tidy_postcode, "1234-ab"), "1234 AB");
  EXPECT_EQ(tidied(tidy_postcode, "d02 - x285"), "D02 X285");
}

// Eight characters at a time or one: every short text of some letters, spaces and hyphens.
TEST(Tidy, IsTheSameAtAnyLength) {
  const auto slowly = [](const std::string& text, bool drop, bool hyphens) {
    std::string out;
    for (const char c : text) {
      if (c == ' ' || c == '\t' || (hyphens && c == '-')) {
        if (!drop && !out.empty() && out.back() != ' ') out += ' ';
      } else {
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      }
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
  };
  std::mt19937_64 random(3);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const size_t size = random() % 27;
    const uint64_t odd = 3 + random() % 20;
    while (text.size() < size) text += random() % odd == 0 ? " \t-@"[random() % 4] : "aMz0Z{`[9"[random() % 9];
    ASSERT_EQ(tidied(tidy_text, text), slowly(text, false, false)) << '"' << text << '"';
    ASSERT_EQ(tidied(tidy_code, text), slowly(text, true, false)) << '"' << text << '"';
    ASSERT_EQ(tidied(tidy_postcode, text), slowly(text, false, true)) << '"' << text << '"';
  }
}

TEST(Parts, AreCountedInCharacters) {
  EXPECT_EQ(first_characters("ANNA", 3), "ANN");
  EXPECT_EQ(first_characters("李小龙", 2), "李小");
  EXPECT_EQ(first_characters("AN", 4), "AN");
  EXPECT_EQ(first_token("ANNA MARIA"), "ANNA");
  EXPECT_EQ(first_token("ANNA"), "ANNA");
  EXPECT_EQ(tidied(drop_spaces, "DE LA CRUZ"), "DELACRUZ");
  EXPECT_EQ(tidied(sort_letters, "ANNA M"), "AAMNN");
  EXPECT_EQ(tidied(sort_letters, "龙李A"), "A李龙");
}

TEST(Unicode, RefusesWhatIsNoUtf8) {
  EXPECT_EQ(first_character("\u20ac").code, 0x20acu);
  EXPECT_EQ(first_character("\U0001f600").bytes, 4u);
  for (const char* text : {"\x80", "\xc0\x80", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\xc3\x28"})
    EXPECT_EQ(first_character(text).code, not_utf8);
}

TEST(Soundex, IsTheAmericanOne) {
  const std::map<std::string, std::string> vectors = {{"Robert", "R163"},
                                                      {"Rupert", "R163"},
                                                      {"Ashcraft", "A261"},
                                                      {"Ashcroft", "A261"},
                                                      {"Tymczak", "T522"},
                                                      {"Pfister", "P236"},
                                                      {"Lee", "L000"},
                                                      {"Gutierrez", "G362"},
                                                      {"Jackson", "J250"},
                                                      {"VanDeusen", "V532"},
                                                      {"Washington", "W252"},
                                                      {"HOL>MES", "H452"},
                                                      {"BOOTH-DAVIS", "B312"},
                                                      {"SAINT JOHN", "S532"},
                                                      {"Lukaschowsky", "L222"},
                                                      {"Dodds", "D320"},
                                                      {"o", "O000"},
                                                      {"", ""},
                                                      {"123", ""}};
  for (const auto& [name, key] : vectors) EXPECT_EQ(slow::soundex_text(name), key) << name;
}

// Vectors that Apache Commons Codec publishes, where the file is there. Some are of
// other Soundexes: those words appear with another key too, or are named here.
TEST(Soundex, AgreesWithThePublishedVectors) {
  const char* shared = std::getenv("TESSERA_SHARED");
  const std::string folder = shared != nullptr ? shared : std::string(TESSERA_SOURCE) + "/../shared";
  std::ifstream file(folder + "/data/vectors/soundex.csv");
  if (!file) GTEST_SKIP() << "no vectors here";
  const std::set<std::string> of_other_soundexes = {"Dodds", "Dwdds", "Dhdds", "Lippmann", "yehudit"};
  std::string line;
  size_t compared = 0;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const size_t comma = line.rfind(',');
    const std::string word = line.substr(0, comma);
    if (word.find('\\') != std::string::npos || of_other_soundexes.contains(word)) continue;
    EXPECT_EQ(slow::soundex_text(word), line.substr(comma + 1, 4)) << word;
    ++compared;
  }
  EXPECT_GT(compared, 50u);
}
