// The standardiser on whole batches: every form of a column gives the same words, rows
// are counted by reason, and rows with a bad required field are left out.
#include "standardise/standardise.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>

#include <unistd.h>

using namespace tessera;

namespace {

using Texts = std::vector<std::optional<std::string>>;
using Numbers = std::vector<std::optional<int64_t>>;

// A batch that owns what its columns point to.
class Batch {
 public:
  explicit Batch(size_t rows) { raw.rows = rows; }

  void add_texts(const Texts& texts) {
    auto& views = views_.emplace_back();
    for (const auto& text : texts) views.push_back(view(text));
    raw.columns.push_back({.texts = views});
  }
  void add_dictionary(const Texts& texts, uint64_t id) {
    auto& views = views_.emplace_back();
    auto& indices = indices_.emplace_back();
    for (const auto& text : texts) {
      if (!text) {
        indices.push_back(-1);
        continue;
      }
      auto at = std::ranges::find(views, std::string_view(*text));
      if (at == views.end()) at = views.insert(at, view(text));
      indices.push_back(static_cast<int32_t>(at - views.begin()));
    }
    raw.columns.push_back({.texts = views, .indices = indices, .dictionary_id = id});
  }
  void add_numbers(const Numbers& numbers, RawColumn::Form form = RawColumn::Form::number) {
    auto& values = numbers_.emplace_back();
    auto& present = present_.emplace_back();
    for (const auto& number : numbers) {
      values.push_back(number.value_or(-77));
      present.push_back(number.has_value());
    }
    raw.columns.push_back({.form = form, .numbers = values, .present = present});
  }

  RawBatch raw;

 private:
  std::string_view view(const std::optional<std::string>& text) {
    if (!text) return {};
    const std::string& kept = strings_.emplace_back(*text);
    return {kept.data(), kept.size()};
  }
  std::deque<std::string> strings_;
  std::deque<std::vector<std::string_view>> views_;
  std::deque<std::vector<int32_t>> indices_;
  std::deque<std::vector<int64_t>> numbers_;
  std::deque<std::vector<uint8_t>> present_;
};

FieldSpec field(const char* name, Kind kind, std::vector<std::string> columns = {"C"}) {
  FieldSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.columns = std::move(columns);
  spec.date_max = "2025-12-31";
  return spec;
}

Input input_of(std::vector<FieldSpec> fields) {
  Input input;
  input.name = "people";
  input.fields = std::move(fields);
  return input;
}

Standardiser made(const Input& input, const std::vector<WordSpec>& words, const std::vector<ListFile>& lists = {}) {
  auto result = Standardiser::make(input, lists, words);
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

struct Outcome {
  WordBatch words;
  std::vector<Reject> rejects;
  std::vector<FieldProfile> profile;
};

Outcome run(const Standardiser& standardiser, const RawBatch& raw, bool places = false) {
  Outcome outcome;
  const auto scratch = standardiser.scratch();
  if (places) Standardiser::take_places(*scratch);
  standardiser.run(raw, outcome.words, outcome.rejects, *scratch);
  standardiser.add_profile(*scratch, outcome.profile);
  return outcome;
}

// The words of one text field, and its profile.
Outcome run_texts(const FieldSpec& spec, const Texts& texts) {
  const Standardiser standardiser = made(input_of({spec}), {{spec.name}});
  Batch batch(texts.size());
  batch.add_texts(texts);
  return run(standardiser, batch.raw);
}

using Column = std::vector<uint64_t>;
using Reasons = std::map<std::string, uint64_t>;

Column column(const WordBatch& words, size_t slot) {
  if (!words.placed.empty() && words.placed[slot].words) {
    Column out;
    for (const uint32_t place : words.placed[slot].places) out.push_back((*words.placed[slot].words)[place]);
    return out;
  }
  return {words.words[slot].begin(), words.words[slot].begin() + static_cast<ptrdiff_t>(words.rows)};
}

}  // namespace

TEST(Standardiser, CountsEachReason) {
  const Outcome nhs =
      run_texts(field("nhs_number", Kind::nhs_number),
                {"943 476 5919", std::nullopt, "", "  ", "9434765918", "1111111111", "123", "9990000018"});
  EXPECT_EQ(column(nhs.words, 0), (Column{9434765919, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(nhs.profile.at(0).field, "nhs_number");
  EXPECT_EQ(nhs.profile.at(0).valid, 1u);
  EXPECT_EQ(nhs.profile.at(0).null, 3u);
  EXPECT_EQ(nhs.profile.at(0).invalid,
            (Reasons{{"check digit", 1}, {"repeated digit", 1}, {"not ten digits", 1}, {"test range", 1}}));

  const Outcome dob =
      run_texts(field("dob", Kind::date), {"1950-03-01", "19500301", " 01/03/1950 ", "1900-01-01", "1850-01-01",
                                           "2026-01-01", "1950-02-30", "01/03/50", "1950-03-01T00:00:00"});
  const uint64_t day = date_word(1950, 3, 1);
  EXPECT_EQ(column(dob.words, 0), (Column{day, day, day, 0, 0, 0, 0, 0, day}));
  EXPECT_EQ(dob.profile.at(0).invalid,
            (Reasons{{"placeholder", 1}, {"outside the window", 2}, {"not a date", 1}, {"two-digit year", 1}}));

  const Outcome sex = run_texts(field("sex", Kind::sex), {"1", " F ", "9", "K", ""});
  EXPECT_EQ(column(sex.words, 0), (Column{1, 2, 0, 0, 0}));
  EXPECT_EQ(sex.profile.at(0).invalid, (Reasons{{"unknown", 1}, {"not a sex", 1}}));

  const Outcome name = run_texts(field("given_name", Kind::name), {"Mr Zoë", "...", "ZOE"});
  EXPECT_EQ(column(name.words, 0), (Column{text_word("ZOE"), 0, text_word("ZOE")}));
  EXPECT_EQ(name.profile.at(0).invalid, (Reasons{{"no letters", 1}}));
  EXPECT_EQ(name.profile.at(0).valid, 2u);
}

TEST(Standardiser, CountsRowsOfADictionaryAndNotItsEntries) {
  const Standardiser standardiser = made(input_of({field("sex", Kind::sex)}), {{"sex"}});
  Batch batch(7);
  batch.add_dictionary({"M", "9", "9", std::nullopt, "F", "9", "M"}, 1);
  const Outcome outcome = run(standardiser, batch.raw);
  EXPECT_EQ(column(outcome.words, 0), (Column{1, 0, 0, 0, 2, 0, 1}));
  EXPECT_EQ(outcome.profile.at(0).valid, 3u);
  EXPECT_EQ(outcome.profile.at(0).null, 1u);
  EXPECT_EQ(outcome.profile.at(0).invalid, (Reasons{{"unknown", 3}}));
}

TEST(Standardiser, ReadsANewDictionaryWhenItsIdChanges) {
  const Standardiser standardiser = made(input_of({field("sex", Kind::sex)}), {{"sex"}});
  const auto scratch = standardiser.scratch();
  std::vector<Reject> rejects;
  WordBatch words;
  Batch first(2), second(3);
  first.add_dictionary({"M", "F"}, 5);
  second.add_dictionary({"F", "M", "F"}, 6);
  standardiser.run(first.raw, words, rejects, *scratch);
  EXPECT_EQ(column(words, 0), (Column{1, 2}));
  standardiser.run(second.raw, words, rejects, *scratch);
  EXPECT_EQ(column(words, 0), (Column{2, 1, 2}));
}

TEST(Standardiser, KnowsTheSpellingsOfNull) {
  FieldSpec spec = field("nhs_number", Kind::nhs_number);
  spec.missing = {"9434765919"};
  Input input = input_of({spec});
  input.missing = {"Unknown", "NA"};
  const Standardiser standardiser = made(input, {{"nhs_number"}});
  Batch batch(4);
  batch.add_texts({"UNKNOWN", " na ", "9434765919", "9876543210"});
  const Outcome outcome = run(standardiser, batch.raw);
  EXPECT_EQ(column(outcome.words, 0), (Column{0, 0, 0, 9876543210}));
  EXPECT_EQ(outcome.profile.at(0).null, 3u);
  Batch numbers(2);
  numbers.add_numbers({9434765919, 9876543210});
  EXPECT_EQ(column(run(standardiser, numbers.raw).words, 0), (Column{0, 9876543210}));
}

TEST(Standardiser, LeavesOutRowsWithABadRequiredField) {
  FieldSpec nhs = field("nhs_number", Kind::nhs_number, {"N"}), sex = field("sex", Kind::sex, {"S"});
  nhs.required = sex.required = true;
  // The field `sex` is required, and no word of it is wanted.
  const Standardiser standardiser = made(input_of({nhs, sex}), {{"nhs_number"}});
  EXPECT_EQ(standardiser.columns(), (std::vector<std::string>{"N", "S"}));
  Batch batch(5);
  batch.raw.first_row = 100;
  batch.add_texts({"9434765919", "9434765918", std::nullopt, "9876543210", "9434765919"});
  batch.add_dictionary({"M", "X", "F", "9", "F"}, 1);
  const Outcome outcome = run(standardiser, batch.raw);
  EXPECT_EQ(column(outcome.words, 0), (Column{9434765919, 9434765919}));
  EXPECT_EQ(outcome.words.raw_row, (std::vector<uint32_t>{0, 4}));
  ASSERT_EQ(outcome.rejects.size(), 3u);
  EXPECT_EQ(outcome.rejects[0].row, 101u);
  EXPECT_EQ(outcome.rejects[0].field, 0);
  EXPECT_EQ(outcome.rejects[0].reason, RejectReason::required_invalid);
  EXPECT_EQ(outcome.rejects[1].row, 102u);
  EXPECT_EQ(outcome.rejects[1].reason, RejectReason::required_missing);
  EXPECT_EQ(outcome.rejects[2].row, 103u);
  EXPECT_EQ(outcome.rejects[2].field, 1);
  EXPECT_EQ(outcome.profile.at(1).invalid, (Reasons{{"unknown", 2}}));
}

// A writer that gives up its dictionary goes on in plain pages: batches of both kinds come to one WordBatch.
TEST(Standardiser, PlacesOfAnEarlierBatchAreNotLookedAt) {
  FieldSpec sex = field("sex", Kind::sex, {"S"});
  sex.required = true;
  const Standardiser standardiser = made(input_of({sex}), {{"sex"}});
  const auto scratch = standardiser.scratch();
  Standardiser::take_places(*scratch);
  WordBatch words;
  std::vector<Reject> rejects;
  Batch first(2), second(5000), third(3);
  first.add_dictionary({"M", "F"}, 1);
  Texts plain(5000, "F");
  plain[7] = std::nullopt;
  second.add_texts(plain);
  third.add_dictionary({"F", "X", "M"}, 2);
  standardiser.run(first.raw, words, rejects, *scratch);
  EXPECT_EQ(column(words, 0), (Column{1, 2}));
  standardiser.run(second.raw, words, rejects, *scratch);
  EXPECT_FALSE(words.placed.at(0).words);
  EXPECT_EQ(column(words, 0), Column(4999, 2));
  standardiser.run(third.raw, words, rejects, *scratch);
  EXPECT_EQ(column(words, 0), (Column{2, 1}));
  EXPECT_EQ(rejects.size(), 2u);
}

TEST(Standardiser, LeavesOutPlacesOfTheSameRows) {
  FieldSpec sex = field("sex", Kind::sex, {"S"});
  sex.required = true;
  const Standardiser standardiser =
      made(input_of({sex, field("name", Kind::name, {"N"})}), {{"sex"}, {"name"}, {"name", Part::soundex}});
  Batch batch(4);
  batch.add_dictionary({"M", "X", std::nullopt, "F"}, 1);
  batch.add_dictionary({"Ann", "Bea", "Ann", "Bea"}, 2);
  const Outcome words = run(standardiser, batch.raw), placed = run(standardiser, batch.raw, true);
  EXPECT_EQ(placed.words.rows, 2u);
  EXPECT_TRUE(placed.words.placed.at(0).words);
  EXPECT_FALSE(placed.words.placed.at(1).words) << "two words are wanted of it";
  EXPECT_EQ(placed.words.raw_row, words.words.raw_row);
  for (size_t w = 0; w < 3; ++w) EXPECT_EQ(column(placed.words, w), column(words.words, w));
  EXPECT_EQ(placed.rejects.size(), 2u);
}

TEST(Standardiser, ReadsNumbersAndDays) {
  FieldSpec dob = field("dob", Kind::date, {"B"});
  dob.formats = {"%d%m%Y"};
  const Standardiser standardiser =
      made(input_of({field("nhs_number", Kind::nhs_number, {"N"}), dob, field("seen", Kind::date, {"D"}),
                     field("sex", Kind::sex, {"S"}), field("age", Kind::integer, {"A"}),
                     field("local_id", Kind::code, {"L"})}),
           {{"nhs_number"}, {"dob"}, {"seen"}, {"sex"}, {"age"}, {"local_id"}});
  Batch batch(3);
  batch.add_numbers({9434765919, 434765919, std::nullopt});
  batch.add_numbers({1031950, 31121999, 32011950});
  batch.add_numbers({0, -7000000, std::nullopt}, RawColumn::Form::day);
  batch.add_numbers({2, 9, 1});
  batch.add_numbers({-5, std::nullopt, int64_t{1} << 62});
  batch.add_numbers({123, 0, std::nullopt});
  const Outcome outcome = run(standardiser, batch.raw);
  EXPECT_EQ(column(outcome.words, 0), (Column{9434765919, 0, 0}));
  EXPECT_EQ(column(outcome.words, 1), (Column{date_word(1950, 3, 1), date_word(1999, 12, 31), 0}));
  EXPECT_EQ(column(outcome.words, 2), (Column{date_word(1970, 1, 1), 0, 0}));
  EXPECT_EQ(column(outcome.words, 3), (Column{2, 0, 1}));
  EXPECT_EQ(column(outcome.words, 4), (Column{integer_bias - 5, 0, 0}));
  EXPECT_EQ(column(outcome.words, 5), (Column{text_word("123"), text_word("0"), 0}));
}

TEST(Standardiser, MakesADateOfItsParts) {
  FieldSpec spec = field("dob", Kind::date, {});
  spec.day = "D";
  spec.month = "M";
  spec.year = "Y";
  spec.missing = {"99"};
  const Standardiser standardiser = made(input_of({spec}), {{"dob"}, {"dob", Part::year_month}});
  EXPECT_EQ(standardiser.columns(), (std::vector<std::string>{"D", "M", "Y"}));
  Batch batch(7);
  batch.add_texts({"1", "99", "30", std::nullopt, "1", "x", "1"});
  batch.add_texts({"March", "03", "2", "", "3", "3", "3"});
  batch.add_numbers({1950, 1950, 1950, std::nullopt, 50, 1950, 2026});
  const Outcome outcome = run(standardiser, batch.raw);
  EXPECT_EQ(column(outcome.words, 0), (Column{date_word(1950, 3, 1), date_word(1950, 3, 0), 0, 0, 0, 0, 0}));
  EXPECT_EQ(column(outcome.words, 1), (Column{date_word(1950, 3, 0), date_word(1950, 3, 0), 0, 0, 0, 0, 0}));
  EXPECT_EQ(outcome.profile.at(0).valid, 2u);
  EXPECT_EQ(outcome.profile.at(0).null, 1u);
  EXPECT_EQ(outcome.profile.at(0).invalid,
            (Reasons{{"not a date", 2}, {"two-digit year", 1}, {"outside the window", 1}}));
}

TEST(Standardiser, JoinsColumns) {
  const Standardiser standardiser = made(input_of({field("full", Kind::name, {"G", "F"})}), {{"full"}});
  Batch batch(3);
  batch.add_texts({" Ann ", std::nullopt, ""});
  batch.add_dictionary({"Lee", "Lee", std::nullopt}, 1);
  EXPECT_EQ(column(run(standardiser, batch.raw).words, 0), (Column{text_word("ANN LEE"), text_word("LEE"), 0}));
}

TEST(Standardiser, MakesTheWordsOfPartsAndAnyNumberOfTimes) {
  const Standardiser standardiser =
      made(input_of({field("family_name", Kind::name)}), {{"family_name", Part::soundex},
                                                          {"family_name", Part::initial},
                                                          {"family_name", Part::first2},
                                                          {"family_name", Part::first3},
                                                          {"family_name", Part::first4},
                                                          {"family_name", Part::first_token},
                                                          {"family_name", Part::no_space},
                                                          {"family_name", Part::sorted_letters},
                                                          {"family_name", Part::soundex}});
  Batch batch(2);
  batch.add_texts({"Smith-Jones", ""});
  const WordBatch words = run(standardiser, batch.raw).words;
  const char* expected[] = {"S532", "S", "SM", "SMI", "SMIT", "SMITH", "SMITHJONES", "EHIJMNOSST", "S532"};
  for (size_t i = 0; i < std::size(expected); ++i)
    EXPECT_EQ(column(words, i), (Column{text_word(expected[i]), 0})) << expected[i];
}

TEST(Standardiser, TakesPostcodesOfOtherCountriesWhenAsked) {
  FieldSpec spec = field("postcode", Kind::postcode);
  spec.country = "any";
  const Standardiser standardiser =
      made(input_of({spec}),
           {{"postcode"}, {"postcode", Part::area}, {"postcode", Part::sector}, {"postcode", Part::but_last}});
  Batch batch(2);
  batch.add_texts({"d02-x285", "sw1a 2aa"});
  const WordBatch words = run(standardiser, batch.raw).words;
  const uint64_t british = 0x5357314120324141;  // "SW1A 2AA"
  EXPECT_EQ(column(words, 0), (Column{text_word("D02 X285"), british}));
  EXPECT_EQ(column(words, 1), (Column{text_word("D02"), derive_word(Kind::postcode, Part::area, british)}));
  EXPECT_EQ(column(words, 2), (Column{0, derive_word(Kind::postcode, Part::sector, british)}));
  EXPECT_EQ(column(words, 3), (Column{text_word("D02 X28"), derive_word(Kind::postcode, Part::but_last, british)}));
}

TEST(Standardiser, FlagsValuesOnAList) {
  const auto path = std::filesystem::temp_directory_path() / ("tessera-list-" + std::to_string(::getpid()) + ".csv");
  std::ofstream(path) << "NAME,POSTCODE\nhome,sw1a2aa\nhostel,M1 1AE\nnone,\n";
  const std::vector<ListFile> lists = {{"communal", path.string(), "POSTCODE"}};
  const Standardiser standardiser =
      made(input_of({field("postcode", Kind::postcode)}), {{"postcode", Part::whole, "communal"}}, lists);
  Batch batch(4);
  batch.add_texts({"SW1A 2AA", "LS1 4AP", "M1   1AE", ""});
  EXPECT_EQ(column(run(standardiser, batch.raw).words, 0), (Column{1, 0, 1, 0}));
  EXPECT_EQ(standardiser.word_of({"postcode", Part::whole, "communal"}, "m11ae"), 1u);
  std::ofstream(path) << "NAME,POSTCODE\nhome,nowhere\n";
  const auto unusable =
      Standardiser::make(input_of({field("postcode", Kind::postcode)}), lists, {{"postcode", Part::whole, "communal"}});
  ASSERT_FALSE(unusable);
  EXPECT_EQ(unusable.error().code, ErrorCode::data);
  EXPECT_EQ(unusable.error().message.find("nowhere"), std::string::npos) << "no value in a message";
  std::filesystem::remove(path);
}

TEST(Standardiser, RefusesWhatDoesNotFit) {
  const auto refused = [](FieldSpec spec, const WordSpec& word) {
    const auto result = Standardiser::make(input_of({std::move(spec)}), {}, {word});
    return !result && result.error().code == ErrorCode::usage;
  };
  EXPECT_TRUE(refused(field("dob", Kind::date), {"nobody"}));
  EXPECT_TRUE(refused(field("dob", Kind::date), {"dob", Part::soundex}));
  EXPECT_TRUE(refused(field("sex", Kind::sex), {"sex", Part::initial}));
  EXPECT_TRUE(refused(field("postcode", Kind::postcode), {"postcode", Part::whole, "no-such-list"}));
  EXPECT_TRUE(refused(field("dob", Kind::date, {}), {"dob"}));
  FieldSpec dob = field("dob", Kind::date);
  dob.formats = {"%Q"};
  EXPECT_TRUE(refused(dob, {"dob"}));
  dob = field("dob", Kind::date);
  dob.date_min = "yesterday";
  EXPECT_TRUE(refused(dob, {"dob"}));
  FieldSpec postcode = field("postcode", Kind::postcode);
  postcode.country = "fr";
  EXPECT_TRUE(refused(postcode, {"postcode"}));
}

TEST(Standardiser, AddsTheCountsOfSeveralThreads) {
  const Standardiser standardiser = made(input_of({field("sex", Kind::sex)}), {{"sex"}});
  Batch batch(2);
  batch.add_texts({"M", "9"});
  std::vector<FieldProfile> profile;
  for (int thread = 0; thread < 2; ++thread) {
    const auto scratch = standardiser.scratch();
    WordBatch words;
    std::vector<Reject> rejects;
    standardiser.run(batch.raw, words, rejects, *scratch);
    standardiser.add_profile(*scratch, profile);
  }
  ASSERT_EQ(profile.size(), 1u);
  EXPECT_EQ(profile[0].valid, 2u);
  EXPECT_EQ(profile[0].invalid, (Reasons{{"unknown", 2}}));
}

// More distinct names than the memo holds, each twice, long ones too.
TEST(Standardiser, RemembersNamesWithoutMixingThem) {
  Texts texts;
  for (int i = 0; i < 20000; ++i)
    texts.push_back("name " + std::to_string(i % 10000) + std::string(static_cast<size_t>(i % 40), 'x'));
  const Standardiser standardiser = made(input_of({field("n", Kind::text)}), {{"n"}, {"n", Part::first_token}});
  Batch batch(texts.size());
  batch.add_texts(texts);
  const WordBatch words = run(standardiser, batch.raw).words;
  for (size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(words.words[0][i], standardiser.word_of({"n"}, *texts[i]));
    ASSERT_EQ(words.words[1][i], text_word("NAME"));
  }
}

// Plain, dictionary and one by one: the same words and the same counts, of any kind.
RC_GTEST_PROP(Standardiser, GivesTheSameWordsForEveryForm, ()) {
  const Kind kinds[] = {Kind::nhs_number, Kind::date, Kind::sex,   Kind::postcode, Kind::name,
                        Kind::code,       Kind::text, Kind::token, Kind::integer};
  const std::vector<std::string> samples = {
      "9434765919", "9434765918", " 943 476 5919", "1950-03-01", "19500301", "1",  "F", "x", "SW1A 2AA",
      "m11ae",      "O'Brien",    "Zoë ",          "-12",        "NA",       "na", "",  " ", "01/03/50"};
  for (const Kind kind : kinds) {
    FieldSpec spec = field("f", kind);
    spec.missing = {"NA"};
    const Standardiser standardiser = made(input_of({spec}), {{"f"}});
    Texts texts;
    for (const auto& [pick, null] : *rc::gen::container<std::vector<std::pair<std::string, bool>>>(
             rc::gen::pair(rc::gen::oneOf(rc::gen::elementOf(samples), rc::gen::arbitrary<std::string>()),
                           rc::gen::arbitrary<bool>())))
      texts.push_back(null ? std::nullopt : std::optional(pick));
    Batch plain(texts.size()), coded(texts.size());
    plain.add_texts(texts);
    coded.add_dictionary(texts, 1);
    if (texts.empty()) continue;
    const Outcome a = run(standardiser, plain.raw), b = run(standardiser, coded.raw);
    RC_ASSERT(a.words.words == b.words.words);
    RC_ASSERT(a.profile[0].valid == b.profile[0].valid);
    RC_ASSERT(a.profile[0].null == b.profile[0].null);
    RC_ASSERT(a.profile[0].invalid == b.profile[0].invalid);
    for (size_t i = 0; i < texts.size(); ++i)
      RC_ASSERT(a.words.words[0][i] == standardiser.word_of({"f"}, texts[i].value_or("")));
    const Outcome placed = run(standardiser, coded.raw, true);
    RC_ASSERT(column(placed.words, 0) == a.words.words[0]);
    RC_ASSERT(placed.profile[0].valid == a.profile[0].valid);
    RC_ASSERT(placed.profile[0].null == a.profile[0].null);
    RC_ASSERT(placed.profile[0].invalid == a.profile[0].invalid);
    uint64_t total = a.profile[0].valid + a.profile[0].null;
    for (const auto& [reason, count] : a.profile[0].invalid) total += count;
    RC_ASSERT(total == texts.size());
  }
}
