// hes.cc: episodes as rows of the layouts.
#include "generate/hes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "generate/mistakes.h"
#include "generate/patient.h"

namespace tessera::generate_detail {
namespace {

constexpr std::string_view dataset_names[] = {"APC", "OP", "AE"};
constexpr std::string_view ways_out[] = {"1", "4"};  // discharged, died
constexpr uint32_t area_numbers = 34753;

// One row of a chunk.
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
void put_person(Fill& to, size_t column, const Episode& e, const BirthTexts& births) {
  std::memcpy(to.characters(column, 32), e.pseudo, 32);
  std::memcpy(to.characters(column + 1, 10), e.number, 10);
  to.present(column + 1, e.has_number);
  to.place(column + 2, births.day_place(e.birth));
  to.present(column + 2, e.has_birth);
}

void put_postcode(Fill& to, size_t column, const Episode& e) {
  std::memcpy(to.characters(column, 8), e.postcode.data(), 8);
  to.present(column, e.has_postcode);
}

void put_one(Fill& to, const Episode& e, const BirthTexts& births) {
  to.place(1, static_cast<uint32_t>(e.dataset));
  put_person(to, 2, e, births);
  to.place(5, digit_place(e.sex));
  put_postcode(to, 6, e);
  to.place(7, e.trust);
  to.place(8, letter_place(e.ethnos));
  to.number(9, e.day);
}

void put_real(Fill& to, const Episode& e, const BirthTexts& births) {
  put_person(to, 1, e, births);
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
  const bool died = e.death <= e.day + stay;
  const int32_t end = std::max(e.day, std::min(e.death, e.day + stay));
  to.number(14, end);
  to.present(14, (draw >> 8 & 127) != 0 || died);
  to.number(15, e.day);
  to.number(16, end);
  to.number(17, 1);
  to.place(18, died ? 1 : 0);
}

// The people of a chunk who have rows, and the rows. Kept from one chunk to the next.
class Visits {
 public:
  struct Seen {
    Person person;
    std::array<uint32_t, 3> counts;
  };

  void clear() {
    seen_.clear();
    for (std::vector<Episode>& of_table : episodes_) of_table.clear();
  }

  // People are looked at step by step, each step for some hundred of them: whether somebody passes is no branch, so
  // the processor is busy with the next ones already.
  void look(const Country& country, const Activity& activity, int year, const Permutation& order, uint64_t begin,
            uint64_t end) {
    size_t count = 0;
    for (uint64_t i = begin; i < end; ++i) {
      const PersonId id{order(i)};
      ids_[count] = id;
      const uint64_t key = country.person_key(id);
      activity.soon(key);
      count += activity.surely_none(key, year) ? 0 : 1;
    }
    size_t born = 0;
    for (size_t i = 0; i < count; ++i) {
      born_[born] = country.born(ids_[i]);
      born += activity.surely_none(born_[born], year) ? 0 : 1;
    }
    for (size_t i = 0; i < born; ++i) country.bury(born_[i]);
    for (size_t i = 0; i < born; ++i) {
      const std::array<uint32_t, 3> counts = activity.rows(born_[i], year);
      if (counts[0] + counts[1] + counts[2] > 0) seen_.push_back({born_[i], counts});
    }
  }

  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }
  std::vector<Episode>& episodes(size_t table) { return episodes_[table]; }

  static constexpr uint64_t look_max = 512;

 private:
  std::array<PersonId, look_max> ids_;
  std::array<Person, look_max> born_;
  std::vector<Seen> seen_;
  std::array<std::vector<Episode>, 3> episodes_;
};

}  // namespace

HospitalEpisodes::HospitalEpisodes(const Country& country, const Activity& activity, const BirthTexts& births,
                                   int years, uint64_t rows)
    : country_(country),
      activity_(activity),
      births_(births),
      trusts_(trust_count, 3, [](char* at, size_t i) { put_trust(at, static_cast<uint32_t>(i)); }),
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
                                of("GPPRAC", practices().texts(), true),
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

TableJob HospitalEpisodes::file(int year) const {
  return job(year, {{.name = "hes_" + std::to_string(year), .columns = columns_of({})}});
}

TableJob HospitalEpisodes::real_files(int year) const {
  const std::string suffix = std::to_string(year);
  return job(year, {{.name = "hes_apc_" + suffix, .columns = columns_of(Dataset::apc)},
                    {.name = "hes_op_" + suffix, .columns = columns_of(Dataset::op)},
                    {.name = "hes_ae_" + suffix, .columns = columns_of(Dataset::ae)}});
}

// Of one table, or of one for each dataset.
TableJob HospitalEpisodes::job(int year, std::vector<Table> tables) const {
  for (Table& table : tables) table.first_id = int64_t{year} * 100'000'000 + 1;
  const uint64_t key = country_.key(0x6f72646572 + static_cast<uint64_t>(year));
  const Permutation order(country_.people(), key);
  const auto make = [this, year, key, order, tables](uint64_t chunk, Sheets sheets) {
    std::any& scratch = sheets.front()->scratch;
    if (!scratch.has_value()) scratch = Visits();
    auto& visits = std::any_cast<Visits&>(scratch);
    visits.clear();
    const uint64_t end = std::min(country_.people(), (chunk + 1) * chunk_people_);
    for (uint64_t at = chunk * chunk_people_; at < end; at += Visits::look_max)
      visits.look(country_, activity_, year, order, at, std::min(end, at + Visits::look_max));
    const bool real = tables.size() > 1;
    for (const auto& [p, counts] : visits.seen()) {
      Patient patient(country_, activity_, p, year);
      uint64_t which = 0;  // of the person's year: the same in both layouts
      for (size_t d = 0; d < counts.size(); ++d) {
        std::vector<Episode>& episodes = visits.episodes(real ? d : 0);
        for (uint32_t k = 0; k < counts[d]; ++k)
          patient.write(static_cast<Dataset>(d), which++, episodes.emplace_back());
      }
    }
    for (size_t t = 0; t < tables.size(); ++t) {
      const std::vector<Episode>& episodes = visits.episodes(t);
      if (episodes.empty()) continue;
      Rows& rows = *sheets[t];
      rows.resize(tables[t].columns, episodes.size());
      const Permutation shuffle(episodes.size(), hash(key, 0x73687566, chunk));
      for (size_t row = 0; row < episodes.size(); ++row) {
        const Episode& e = episodes[shuffle(row)];
        Fill to(rows, row);
        real ? put_real(to, e, births_) : put_one(to, e, births_);
        rows.persons[row] = static_cast<int64_t>(e.person);
      }
    }
  };
  return {.tables = std::move(tables), .chunks = (country_.people() + chunk_people_ - 1) / chunk_people_, .make = make};
}

}  // namespace tessera::generate_detail
