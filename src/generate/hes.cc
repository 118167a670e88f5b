// hes.cc: episodes as rows of the layouts.
#include "generate/hes.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "generate/mistakes.h"
#include "generate/patient.h"

namespace tessera::generate_detail {
namespace {

constexpr std::string_view dataset_names[] = {"APC", "OP", "AE"};
constexpr std::string_view ways_out[] = {"1", "4"};  // discharged, died
constexpr uint32_t practice_letters = 15, practice_numbers = 7000, area_numbers = 34753;

// The columns of a chunk, whose rows are filled in any order.
class Fill {
 public:
  Fill(Rows& rows, size_t row) : rows_(rows), row_(row) {}
  void place(size_t column, uint32_t place) { rows_.columns[column].places[row_] = place; }
  void number(size_t column, int64_t value) { rows_.columns[column].numbers[row_] = value; }
  void present(size_t column, bool present) { rows_.columns[column].present[row_] = present ? 1 : 0; }
  [[nodiscard]] char* characters(size_t column, size_t width) {
    return &rows_.columns[column].characters[row_ * width];
  }

 private:
  Rows& rows_;
  size_t row_;
};

// From the pseudonym to the date of birth, which all layouts begin with.
void put_person(Fill& to, size_t column, const Episode& e, const Patient& patient, const BirthTexts& births) {
  patient.put_pseudo(to.characters(column, 32), e);
  patient.put_number(to.characters(column + 1, 10), e);
  to.present(column + 1, e.has_number);
  to.place(column + 2, births.day_place(e.birth));
  to.present(column + 2, e.has_birth);
}

void put_postcode(Fill& to, size_t column, const Episode& e) {
  std::memcpy(to.characters(column, 8), e.postcode.data(), 8);
  to.present(column, e.has_postcode);
}

void put_one(Fill& to, const Episode& e, const Patient& patient, const BirthTexts& births) {
  to.place(1, static_cast<uint32_t>(e.dataset));
  put_person(to, 2, e, patient, births);
  to.place(5, digit_place(e.sex));
  put_postcode(to, 6, e);
  to.place(7, e.trust);
  to.place(8, letter_place(e.ethnos));
  to.number(9, e.day);
}

void put_real(Fill& to, const Episode& e, const Patient& patient, const Person& p, const BirthTexts& births) {
  put_person(to, 1, e, patient, births);
  to.place(4, births.month_place(e.birth));
  to.present(4, e.has_birth);
  to.place(5, digit_place(e.sex));
  put_postcode(to, 6, e);
  put_digits(to.characters(7, 10), 1000000000 + e.at_hospital % 8999999999, 10);
  to.place(8, e.trust);
  to.place(9, e.trust);
  to.place(10, letter_place(e.ethnos));
  uint64_t home = 0;
  std::memcpy(&home, e.postcode.data(), e.postcode.size());
  to.place(11,
           static_cast<uint32_t>(mix(home) % practice_letters * practice_numbers + mix(home + 1) % practice_numbers));
  to.present(11, e.has_postcode);
  to.place(12, static_cast<uint32_t>(mix(home + 2) % area_numbers));
  to.present(12, e.has_postcode);
  to.number(13, e.day);
  if (e.dataset != Dataset::apc) return;
  // Most stays are a day; a death ends one. A stay that goes on after the year is not discharged.
  const uint64_t draw = mix(e.draw + 30);
  const auto stay = static_cast<int32_t>((draw & 1) != 0 ? 0 : 60 * unit(draw) * unit(mix(draw)) * unit(mix(draw + 1)));
  const bool died = p.death <= e.day + stay;
  const int32_t end = std::max(e.day, std::min(p.death, e.day + stay));
  to.number(14, end);
  to.present(14, (draw >> 8 & 127) != 0 || died);
  to.number(15, e.day);
  to.number(16, end);
  to.number(17, 1);
  to.place(18, died ? 1 : 0);
}

// The maker's own, from one chunk to the next.
struct Seen {
  Person person;
  std::array<uint32_t, 3> counts;
};
struct Visited {
  std::vector<uint64_t> maybe;  // people who are not known to have no rows
  std::vector<Seen> seen;
};

}  // namespace

HospitalEpisodes::HospitalEpisodes(const Country& country, const Activity& activity, int years, uint64_t rows)
    : country_(country),
      activity_(activity),
      births_(country.first_day(), country.end_day()),
      trusts_(trust_count, 3, [](char* at, size_t i) { put_trust(at, static_cast<uint32_t>(i)); }),
      practices_(size_t{practice_letters} * practice_numbers, 6,
                 [](char* at, size_t i) {
                   *at = "ABCDEFGHJKLMNPY"[i / practice_numbers];
                   put_digits(at + 1, i % practice_numbers + 81000, 5);
                 }),
      areas_(area_numbers, 9, [](char* at, size_t i) {
        std::memcpy(at, "E01", 3);
        put_digits(at + 3, i + 1, 6);
      }) {
  constexpr double chunk_rows = 1 << 13;  // a megabyte of rows: they are shuffled in the cache
  const double per_person = static_cast<double>(rows) / static_cast<double>(country.people()) / years;
  chunk_people_ = static_cast<uint64_t>(std::clamp(chunk_rows / std::max(per_person, 1e-3), 64.0, 0x1p20));
}

std::vector<OutColumn> HospitalEpisodes::columns_of(std::optional<Dataset> only) const {
  const auto of = [](const char* name, std::span<const std::string_view> texts, bool nullable) {
    return OutColumn{.name = name, .type = OutType::text, .nullable = nullable, .text_dictionary = texts};
  };
  const OutColumn pseudo{.name = "PSEUDO_HESID", .nullable = false, .distinct = true, .width = 32},
      number{.name = "NEWNHSNO", .distinct = true, .width = 10}, home{.name = "HOMEADD", .distinct = true, .width = 8},
      birth = of("DOB", births_.days(), true), sex = of("SEX", digits(), false),
      trust = of("PROCODET", trusts_.texts(), false), ethnos = of("ETHNOS", letters(), false);
  if (!only)
    return {{"HES_ID", OutType::int64, false},
            of("DATASET", dataset_names, false),
            pseudo,
            number,
            birth,
            sex,
            home,
            trust,
            ethnos,
            {"ACTIVITY_DATE", OutType::date, false}};
  const char* const ids[] = {"EPIKEY", "ATTENDKEY", "AEKEY"};
  std::vector<OutColumn> out = {{ids[static_cast<size_t>(*only)], OutType::int64, false},
                                pseudo,
                                number,
                                birth,
                                of("MYDOB", births_.months(), true),
                                sex,
                                home,
                                {.name = "LOPATID", .nullable = false, .distinct = true, .width = 10},
                                of("PROCODE3", trusts_.texts(), false),
                                trust,
                                ethnos,
                                of("GPPRAC", practices_.texts(), true),
                                of("LSOA11", areas_.texts(), true)};
  const auto date = [&](const char* name, bool nullable) { out.push_back({name, OutType::date, nullable}); };
  if (*only == Dataset::op) date("APPTDATE", false);
  if (*only == Dataset::ae) date("ARRIVALDATE", false);
  if (*only == Dataset::apc) {
    date("ADMIDATE", false);
    date("DISDATE", true);
    date("EPISTART", false);
    date("EPIEND", false);
    out.push_back({"EPIORDER", OutType::int32, false});
    out.push_back(of("DISMETH", ways_out, false));
  }
  return out;
}

TableJob HospitalEpisodes::file(int year, std::optional<Dataset> only) const {
  static constexpr const char* prefixes[] = {"hes_apc_", "hes_op_", "hes_ae_"};
  const uint64_t key = country_.key(0x6f72646572 + static_cast<uint64_t>(year));
  const Permutation order(country_.people(), key);
  const auto make = [this, year, only, key, order, columns = columns_of(only)](uint64_t chunk, Rows& rows) {
    if (!rows.scratch.has_value()) rows.scratch = Visited();
    auto& [maybe, seen] = std::any_cast<Visited&>(rows.scratch);
    const uint64_t begin = chunk * chunk_people_, end = std::min(country_.people(), begin + chunk_people_);
    // Most people have no rows in a year, and that is told without a branch.
    maybe.resize(end - begin);
    size_t maybe_count = 0;
    for (uint64_t i = begin; i < end; ++i) {
      const uint64_t id = order(i);
      maybe[maybe_count] = id;
      maybe_count += activity_.surely_none(country_.person_key(PersonId{id}), year) ? 0 : 1;
    }
    seen.clear();
    size_t count = 0;
    for (size_t i = 0; i < maybe_count; ++i) {
      Person p = country_.born(PersonId{maybe[i]});
      if (activity_.surely_none(p, year)) continue;
      country_.bury(p);
      const std::array<uint32_t, 3> counts = activity_.rows(p, year);
      const uint32_t wanted = only ? counts[static_cast<size_t>(*only)] : counts[0] + counts[1] + counts[2];
      if (wanted == 0) continue;
      count += wanted;
      seen.push_back({p, counts});
    }
    if (count == 0) return;
    rows.resize(columns, count);
    const Permutation shuffle(count, hash(key, 0x73687566, chunk));
    uint64_t next = 0;
    for (const auto& [p, counts] : seen) {
      Patient patient(country_, activity_, p, year);
      uint64_t which = 0;  // of the person's year: the same in both layouts
      for (size_t d = 0; d < counts.size(); ++d) {
        const auto dataset = static_cast<Dataset>(d);
        if (only && *only != dataset) {
          which += counts[d];
          continue;
        }
        for (uint32_t k = 0; k < counts[d]; ++k) {
          const uint64_t row = shuffle.inverse(next++);
          const Episode e = patient.episode(dataset, which++);
          Fill to(rows, row);
          only ? put_real(to, e, patient, p, births_) : put_one(to, e, patient, births_);
          rows.persons[row] = static_cast<int64_t>(number(p.id));
        }
      }
    }
  };
  return {.name = (only ? prefixes[static_cast<size_t>(*only)] : "hes_") + std::to_string(year),
          .columns = columns_of(only),
          .first_id = int64_t{year} * 100'000'000 + 1,
          .chunks = (country_.people() + chunk_people_ - 1) / chunk_people_,
          .make = make};
}

}  // namespace tessera::generate_detail
