// Codes of how names are said: Double Metaphone and NYSIIS, by published examples.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "kernels/double_metaphone.h"
#include "kernels/nysiis.h"

using namespace tessera;

namespace {

DoubleMetaphone keys(std::string_view name) {
  DoubleMetaphone out{"left", "over"};
  double_metaphone(name, out);
  return out;
}

std::string nysiis_of(std::string_view name) {
  std::string out = "left over";
  nysiis(name, out);
  return out;
}

}  // namespace

TEST(DoubleMetaphone, SaysANameInTwoWays) {
  const std::map<std::string, DoubleMetaphone> vectors = {
      {"Smith", {"SM0", "XMT"}},        {"Schmidt", {"XMT", "SMT"}},      {"Michael", {"MKL", "MXL"}},
      {"Thompson", {"TMPS", "TMPS"}},   {"Czerny", {"SRN", "XRN"}},       {"Jose", {"HS", "HS"}},
      {"Filipowicz", {"FLPT", "FLPF"}}, {"Wasserman", {"ASRM", "FSRM"}},  {"Arnow", {"ARN", "ARNF"}},
      {"Cabrillo", {"KPRL", "KPR"}},    {"McLaughlin", {"MKLF", "MKLF"}}, {"Hugh", {"H", "H"}},
      {"Edge", {"AJ", "AJ"}},           {"Edgar", {"ATKR", "ATKR"}},      {"Zhang", {"JNK", "JNK"}},
      {"Breaux", {"PR", "PR"}},         {"Caesar", {"SSR", "SSR"}},       {"Bacchus", {"PKS", "PKS"}},
      {"Accident", {"AKST", "AKST"}},   {"Bellocchio", {"PLX", "PLX"}},   {"Knight", {"NT", "NT"}}};
  for (const auto& [name, expected] : vectors) {
    EXPECT_EQ(keys(name), expected) << name << " " << keys(name).primary << " " << keys(name).secondary;
  }
}

TEST(DoubleMetaphone, FoldsAccentsAndPassesOverTheRest) {
  EXPECT_EQ(keys("françois"), keys("FRANSOIS"));
  EXPECT_EQ(keys("Núñez"), keys("NUNEZ"));
  EXPECT_EQ(keys("  smith "), keys("SMITH"));
  EXPECT_EQ(keys(""), (DoubleMetaphone{}));
  EXPECT_EQ(keys("123"), (DoubleMetaphone{}));
}

RC_GTEST_PROP(DoubleMetaphone, HasFourSignsAtMost, (const std::string& name)) {
  const DoubleMetaphone both = keys(name);
  RC_ASSERT(both.primary.size() <= 4u);
  RC_ASSERT(both.secondary.size() <= 4u);
  RC_ASSERT((both.primary + both.secondary).find_first_not_of("ABFHJKLMNPRSTX0") == std::string::npos);
}

RC_GTEST_PROP(DoubleMetaphone, EndsForAnyLetters, ()) {
  const auto name = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ACGHIJLMNSTWXZ BER")));
  RC_ASSERT(keys(name).primary.size() <= 4u);
}

TEST(DoubleMetaphone, AgreesWithThePublishedVectors) {
  const char* shared = std::getenv("TESSERA_SHARED");
  const std::string folder = shared != nullptr ? shared : std::string(TESSERA_SOURCE) + "/../shared";
  std::ifstream file(folder + "/data/vectors/double_metaphone.csv");
  if (!file) GTEST_SKIP() << "no vectors here";
  std::string line;
  size_t compared = 0;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (line.ends_with('\r')) line.pop_back();
    const size_t second = line.rfind(','), first = line.rfind(',', second - 1);
    const std::string word = line.substr(0, first);
    const DoubleMetaphone expected{line.substr(first + 1, second - first - 1), line.substr(second + 1)};
    EXPECT_EQ(keys(word), expected) << word << " " << keys(word).primary << " " << keys(word).secondary;
    ++compared;
  }
  EXPECT_GT(compared, 1000u);
}

TEST(Nysiis, IsThePublishedOne) {
  const std::map<std::string, std::string> vectors = {{"MACINTOSH", "MCANT"},
                                                      {"MCINTOSH", "MCANT"},
                                                      {"FILIPSON", "FALAPSAN"},
                                                      {"KNUTH", "NAT"},
                                                      {"KOEHN", "CAN"},
                                                      {"PHILLIPSON", "FALAPSAN"},
                                                      {"PFEISTER", "FASTAR"},
                                                      {"SCHOENHOEFT", "SANAFT"},
                                                      {"MCKEE", "MCY"},
                                                      {"MACKIE", "MCY"},
                                                      {"HEITSCHMIDT", "HATSNAD"},
                                                      {"BART", "BAD"},
                                                      {"HURD", "HAD"},
                                                      {"HUNT", "HAD"},
                                                      {"WESTERLUND", "WASTARLAD"},
                                                      {"CASSTEVENS", "CASTAFAN"},
                                                      {"VASQUEZ", "VASG"},
                                                      {"FRAZIER", "FRASAR"},
                                                      {"BOWMAN", "BANAN"},
                                                      {"MCKNIGHT", "MCNAGT"},
                                                      {"RICKERT", "RACAD"},
                                                      {"DEUTSCH", "DAT"},
                                                      {"WESTPHAL", "WASTFAL"},
                                                      {"SHRIVER", "SRAVAR"},
                                                      {"KUHL", "CAL"},
                                                      {"RAWSON", "RASAN"},
                                                      {"JILES", "JAL"},
                                                      {"CARRAWAY", "CARY"},
                                                      {"YAMADA", "YANAD"},
                                                      {"BROWN", "BRAN"},
                                                      {"COPP", "CAP"},
                                                      {"TRUEMAN", "TRANAN"},
                                                      {"O'DANIEL", "ODANAL"},
                                                      {"lawson", "LASAN"},
                                                      {"LEE", "LY"},
                                                      {"A", "A"},
                                                      {"", ""},
                                                      {"42", ""}};
  for (const auto& [name, code] : vectors) EXPECT_EQ(nysiis_of(name), code) << name;
}

RC_GTEST_PROP(Nysiis, IsCapitalsThatNeverRepeatAfterTheFirst, (const std::string& name)) {
  const std::string code = nysiis_of(name);
  for (size_t i = 0; i < code.size(); ++i) RC_ASSERT(code[i] >= 'A' && code[i] <= 'Z');
  RC_ASSERT((code.size() < 2 || code.back() != 'A'));
}
