// registers.cc: the rows of the registers.
#include "generate/registers.h"

#include <algorithm>
#include <string>

#include "generate/fields.h"
#include "kernels/date.h"
#include "record/words.h"

namespace tessera::generate_detail {
namespace {

constexpr uint64_t chunk_people = 16384;

// A job that visits all people in an order of its own; `put` writes one person's row, or none.
template <class Put>
TableJob register_file(const Country& country, std::string name, const std::vector<OutColumn>& columns, Put put) {
  const uint64_t key = country.key(hash(0x72656769, name.size(), static_cast<uint64_t>(name[0])));
  const Permutation order(country.people(), key);
  const auto make = [&country, put, order, key](uint64_t chunk, Sheets sheets) {
    Rows& rows = *sheets.front();
    const uint64_t end = std::min(country.people(), (chunk + 1) * chunk_people);
    for (uint64_t i = chunk * chunk_people; i < end; ++i) {
      const Person p = country.person(PersonId{order(i)});
      if (put(p, hash(key, number(p.id)), rows)) rows.persons.push_back(static_cast<int64_t>(number(p.id)));
    }
  };
  return {.tables = {{.name = std::move(name), .columns = columns}},
          .chunks = (country.people() + chunk_people - 1) / chunk_people,
          .make = make};
}

// Names as typed by someone who has to hurry: published disagreement of first names 2.4 %, of surnames 4.9 %.
void put_given(Rows& rows, size_t column, const Country& country, const Person& p, uint64_t draw) {
  // One mistake in four: the second name is the one that is used.
  const bool second = Country::has_second_name(p) && chance(mix(draw + 1), 0.006);
  put_name(rows, column, country.given_name(p, second ? 1 : 0), 0.018, draw);
}
void put_family(Rows& rows, size_t column, const Country& country, const Person& p, int32_t day, uint64_t draw) {
  // A third of the mistakes: the name before the marriage.
  const bool former = chance(mix(draw + 1), 0.05);
  put_name(rows, column, country.family_name(p, former ? p.birth : day), 0.033, draw);
}

std::string_view cause_of(const Person& p, uint64_t draw) {
  static constexpr std::string_view old[] = {"I219", "I251", "F03",  "C349", "J189", "I64",  "G309", "J449",
                                             "C61",  "C509", "C189", "I500", "N390", "F019", "R54",  "K559"};
  static constexpr std::string_view young[] = {"X709", "V499", "X422", "C719", "P072", "C910", "K703", "G409"};
  return p.age(p.death) < 45 ? young[draw % std::size(young)] : old[std::min(draw % 16, draw / 16 % 16)];
}

constexpr std::string_view streets[] = {" High Street", " Station Road", " Church Lane", " Victoria Road",
                                        " The Green",   " Mill Lane",    " Park Avenue", " St Mary's Close"};
constexpr size_t houses = 180;

// "1 High Street" and so on: each house of each street.
std::span<const std::string_view> addresses() {
  static const auto lines = [] {
    std::vector<std::string> made;
    for (size_t house = 0; house < houses; ++house) {
      for (const std::string_view street : streets) made.push_back(std::to_string(1 + house) += street);
    }
    return made;
  }();
  static const std::vector<std::string_view> texts(lines.begin(), lines.end());
  return texts;
}

}  // namespace

TableJob deaths_file(const Country& country) {
  std::vector<OutColumn> columns = {{"DEATH_ID", OutType::int64, false},
                                    {"DEC_CONF_NHS_NUMBER"},
                                    {"DOB"},
                                    {"SEX", OutType::text, false},
                                    {"POSTCODE"},
                                    {"REG_DATE", OutType::date, false},
                                    {"REG_DATE_OF_DEATH", OutType::date, false},
                                    {"S_UNDERLYING_COD_ICD10", OutType::text, false},
                                    {"DEC_FORENAME", OutType::text, false},
                                    {"DEC_SURNAME", OutType::text, false}};
  const auto put = [&country](const Person& p, uint64_t draw, Rows& rows) {
    if (p.death >= country.end_day()) return false;
    const float years_in = static_cast<float>(p.death - country.first_day()) / 365.25F;
    const uint32_t home = country.home(p, p.death);
    // Numbers are traced after registration: early years and the homeless go without more often.
    const double untraced = (years_in < 10 ? 0.06 - 0.004 * static_cast<double>(years_in) : 0.015) +
                            (home == no_fixed_abode ? 0.3 : 0) + (p.age(p.death) < 0.1F ? 0.15 : 0);
    put_number(rows, 1, !chance(mix(draw + 1), untraced), country.nhs_number(p.id));
    char birth[10];
    put_iso(birth, birth_of(country, p, 0.002, mix(draw + 2)));
    chance(mix(draw + 3), 0.001) ? rows.null_text(2) : rows.text(2, {birth, 10});
    const char sex = sex_of(p, 0.0005, mix(draw + 4));
    rows.text(3, {&sex, 1});
    Postcode postcode = country.places().text(home);
    if (home != no_fixed_abode && chance(mix(draw + 5), 0.003)) mistype_postcode(postcode, draw);
    put_postcode(rows, 4, !chance(mix(draw + 6), 0.006), postcode);
    // Five days to register; an inquest takes months.
    const uint64_t wait = mix(draw + 7);
    const auto days = static_cast<int32_t>((wait & 15) == 0 ? 30 + below(wait, 300) : 1 + below(wait, 9));
    rows.number(5, p.death + days);
    rows.number(6, p.death);
    rows.text(7, cause_of(p, mix(draw + 8)));
    put_name(rows, 8, country.given_name(p, 0), 0.008, mix(draw + 9));
    put_name(rows, 9, country.family_name(p, p.death), 0.010, mix(draw + 10));
    return true;
  };
  return register_file(country, "deaths", columns, put);
}

TableJob pds_file(const Country& country, const BirthTexts& dates) {
  const auto of = [](const char* name, std::span<const std::string_view> texts, bool nullable) {
    return OutColumn{.name = name, .nullable = nullable, .text_dictionary = texts};
  };
  const std::vector<OutColumn> columns = {{"PDS_ID", OutType::int64, false},
                                          {"NHS_NO", OutType::text, false, true},
                                          {"FAMILY_NAME", OutType::text, false},
                                          {"GIVEN_NAME", OutType::text, false},
                                          {"OTHER_GIVEN_NAME"},
                                          of("GENDER", digits(), false),
                                          of("DATE_OF_BIRTH", dates.days_year_first(), false),
                                          {"POSTCODE", OutType::text, true, true},
                                          of("DATE_OF_DEATH", dates.days_year_first(), true),
                                          of("ADDRESS_LINE1", addresses(), true),
                                          of("GP_PRACTICE_CODE", practices().texts(), true)};
  const auto put = [&country, &dates](const Person& p, uint64_t draw, Rows& rows) {
    const bool dead = p.death < country.end_day();
    const int32_t last = std::min(p.death, country.end_day() - 1);
    // Practices hear of a move when the patient comes: one in four addresses is up to three years old.
    const uint64_t late = mix(draw + 1);
    const int32_t known = (late & 3) == 0 ? last - static_cast<int32_t>(below(late, 1100)) : last;
    const uint32_t home = country.home(p, std::max(p.birth, known));

    put_number(rows, 1, true, country.nhs_number(p.id));
    put_name(rows, 2, country.family_name(p, known), 0.002, mix(draw + 2));
    put_name(rows, 3, country.given_name(p, 0), 0.001, mix(draw + 3));
    Country::has_second_name(p) ? rows.text(4, country.given_name(p, 1).view()) : rows.null_text(4);
    rows.place(5, digit_place(sex_of(p, 0.0003, mix(draw + 4))));
    rows.place(6, dates.day_place(birth_of(country, p, 0.0008, mix(draw + 5))));
    put_postcode(rows, 7, !chance(mix(draw + 6), 0.003), country.places().text(home));
    rows.maybe_place(8, dead && !chance(mix(draw + 7), 0.015), dates.day_place(last));
    // The house is the household's, so that those who live together say the same.
    const uint64_t house = hash(p.family, home);
    rows.maybe_place(9, home != no_fixed_abode,
                     static_cast<uint32_t>(house % houses * std::size(streets) + (house >> 20 & 7)));
    const uint64_t practice = mix(home / 1600 * 8 + (p.family & 3));
    rows.maybe_place(
        10, !chance(mix(draw + 8), 0.02),
        static_cast<uint32_t>(practice % practice_letters * practice_numbers + practice % practice_numbers));
    return true;
  };
  return register_file(country, "pds", columns, put);
}

TableJob cohort_file(const Country& country, double share) {
  std::vector<OutColumn> columns = {{"COHORT_ID", OutType::int64, false},
                                    {"GIVEN_NAME", OutType::text, false},
                                    {"FAMILY_NAME", OutType::text, false},
                                    {"DOB"},
                                    {"SEX"},
                                    {"POSTCODE"},
                                    {"NHS_NUMBER"}};
  const auto put = [&country, share](const Person& p, uint64_t draw, Rows& rows) {
    if (!chance(draw, share)) return false;
    const int32_t grown = std::max(country.first_day(), p.birth + 16 * 365),
                  end = std::min(p.death, country.end_day() - 1);
    const uint64_t when = mix(draw + 1);
    const int32_t day =
        grown < end ? grown + static_cast<int32_t>(below(when, static_cast<uint64_t>(end - grown))) : end;
    put_given(rows, 1, country, p, mix(draw + 2));
    put_family(rows, 2, country, p, day, mix(draw + 3));
    char birth[10];
    put_iso(birth, birth_of(country, p, 0.008, mix(draw + 4)));
    chance(mix(draw + 5), 0.01) ? rows.null_text(3) : rows.text(3, {birth, 10});
    const char sex = sex_of(p, 0.004, mix(draw + 6));
    chance(mix(draw + 7), 0.01) ? rows.null_text(4) : rows.text(4, {&sex, 1});
    Postcode postcode = country.places().text(country.home(p, day));
    if (chance(mix(draw + 8), 0.015)) mistype_postcode(postcode, draw);
    put_postcode(rows, 5, !chance(mix(draw + 9), 0.04), postcode);
    uint64_t written = country.nhs_number(p.id);
    if (chance(mix(draw + 11), 0.01)) written = wrong_nhs_number(written, draw);
    put_number(rows, 6, !chance(mix(draw + 10), 0.4), written);
    return true;
  };
  return register_file(country, "cohort", columns, put);
}

}  // namespace tessera::generate_detail
