// hes.cc: episodes as rows of the layouts.
#include "generate/hes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
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

constexpr size_t ahead = 8;
void soon(const Episode& e) {
  __builtin_prefetch(&e);
  __builtin_prefetch(reinterpret_cast<const char*>(&e + 1) - 1);
}

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
    counts_ = {};
  }

  // The people at places [begin, end) of the year's order. Whether somebody is one of the year's is no branch.
  void look(const Country& country, const Activity& activity, int year, const PeopleOfYear& of_year,
            const Permutation& order, uint64_t begin, uint64_t end) {
    std::array<uint64_t, look_max> ids;
    order.fill(begin, std::span(ids).first(end - begin));
    size_t count = 0;
    for (size_t i = 0; i < end - begin; ++i) {
      const uint64_t id = ids[i];
      ids[count] = id;
      count += of_year.holds(id) ? 1 : 0;
    }
    const size_t before = seen_.size();
    for (size_t i = 0; i < count; ++i) {
      seen_.push_back({country.person(PersonId{ids[i]}), {}});
      activity.soon(seen_.back().person);
    }
    size_t kept = before;
    for (size_t i = before; i < seen_.size(); ++i) {
      seen_[kept] = {seen_[i].person, activity.rows(seen_[i].person, year)};
      const auto& counts = seen_[kept].counts;
      kept += counts[0] + counts[1] + counts[2] > 0 ? 1 : 0;
    }
    seen_.resize(kept);
  }

  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }
  [[nodiscard]] std::span<const Episode> episodes(size_t table) const {
    return std::span(episodes_[table]).first(counts_[table]);
  }
  // One more, to be written over.
  Episode& add(size_t table) {
    std::vector<Episode>& of_table = episodes_[table];
    const size_t at = counts_[table]++;
    if (at == of_table.size()) of_table.resize(at + at / 2 + 1024);
    return of_table[at];
  }
  // For each row of a sheet, which episode it holds.
  std::span<const uint64_t> shuffle(size_t count, uint64_t key) {
    order_.resize(count);
    Permutation(count, key).fill(0, order_);
    return order_;
  }

  static constexpr uint64_t look_max = 512;

 private:
  std::vector<Seen> seen_;
  std::array<std::vector<Episode>, 3> episodes_;
  std::array<size_t, 3> counts_{};  // of episodes_ that are of this chunk
  std::vector<uint64_t> order_;
};

}  // namespace

HospitalEpisodes::HospitalEpisodes(const Country& country, const Activity& activity, const BirthTexts& births,
                                   int first_year, int years, uint64_t rows)
    : country_(country),
      activity_(activity),
      schedule_(country, activity, first_year, years),
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

TableJob HospitalEpisodes::file(int year) {
  return job(year, {{.name = "hes_" + std::to_string(year), .columns = columns_of({})}});
}

TableJob HospitalEpisodes::real_files(int year) {
  const std::string suffix = std::to_string(year);
  return job(year, {{.name = "hes_apc_" + suffix, .columns = columns_of(Dataset::apc)},
                    {.name = "hes_op_" + suffix, .columns = columns_of(Dataset::op)},
                    {.name = "hes_ae_" + suffix, .columns = columns_of(Dataset::ae)}});
}

// Of one table, or of one for each dataset.
TableJob HospitalEpisodes::job(int year, std::vector<Table> tables) {
  for (Table& table : tables) table.first_id = int64_t{year} * 100'000'000 + 1;
  const uint64_t key = country_.key(0x6f72646572 + static_cast<uint64_t>(year));
  const Permutation order(country_.people(), key);
  const auto make = [this, year, key, order, tables, of_year = schedule_.in(year)](uint64_t chunk, Sheets sheets) {
    std::any& scratch = sheets.front()->scratch;
    if (!scratch.has_value()) scratch = Visits();
    auto& visits = std::any_cast<Visits&>(scratch);
    visits.clear();
    const uint64_t end = std::min(country_.people(), (chunk + 1) * chunk_people_);
    for (uint64_t at = chunk * chunk_people_; at < end; at += Visits::look_max)
      visits.look(country_, activity_, year, *of_year, order, at, std::min(end, at + Visits::look_max));
    const bool real = tables.size() > 1;
    for (const auto& [p, counts] : visits.seen()) {
      Patient patient(country_, activity_, p, year);
      uint64_t which = 0;  // of the person's year: the same in both layouts
      for (size_t d = 0; d < counts.size(); ++d) {
        for (uint32_t k = 0; k < counts[d]; ++k)
          patient.write(static_cast<Dataset>(d), which++, visits.add(real ? d : 0));
      }
    }
    for (size_t t = 0; t < tables.size(); ++t) {
      const std::span<const Episode> episodes = visits.episodes(t);
      if (episodes.empty()) continue;
      Rows& rows = *sheets[t];
      rows.resize(tables[t].columns, episodes.size());
      const auto order_in_chunk = visits.shuffle(episodes.size(), hash(key, 0x73687566, chunk));
      for (size_t row = 0; row < episodes.size(); ++row) {
        // They do not all fit into the nearest cache, and come in no order.
        if (row + ahead < episodes.size()) soon(episodes[order_in_chunk[row + ahead]]);
        const Episode& e = episodes[order_in_chunk[row]];
        Fill to(rows, row);
        real ? put_real(to, e, births_) : put_one(to, e, births_);
        rows.persons[row] = static_cast<int64_t>(e.person);
      }
    }
  };
  return {.tables = std::move(tables), .chunks = (country_.people() + chunk_people_ - 1) / chunk_people_, .make = make};
}

}  // namespace tessera::generate_detail
