// hes.cc: rows of hospitals, with what is wrong in them.
#include "generate/hes.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "generate/mistakes.h"
#include "kernels/date.h"
#include "record/words.h"

namespace tessera::generate_detail {
namespace {

// What every layout is made of.
struct Episode {
  uint64_t person;
  uint64_t draw;  // for columns of the real layouts
  int32_t day;
  int32_t birth;  // as written
  Dataset dataset;
  bool has_number, has_birth, has_postcode;
  char sex, ethnos;
  char pseudo[32], number[10], birth_text[8], provider[3], local_id[10];
  Postcode postcode;
};

constexpr double wrong_birth_rate = 0.0049, wrong_sex_rate = 0.0033, unknown_sex_rate = 0.0015;
constexpr double mistyped_postcode_rate = 0.007, late_move_rate = 0.30, other_hospital_rate = 0.15;
constexpr double not_a_person_number_rate = 0.08;  // of NHS numbers that are not right: written all the same

// NHS numbers missing or wrong, of 1 (published: 0.3 % of inpatients, 2 to 7 % of emergencies): more often in
// the first years, for the newborn, for young adults, and without a home.
double number_trouble(Dataset dataset, int year, float age, bool homeless) {
  static constexpr double base[] = {0.0018, 0.004, 0.030};
  double rate = base[static_cast<size_t>(dataset)];
  if (year < 2008) rate *= 1 + 0.2 * (2008 - year);
  if (age < 0.1F) rate *= 6;
  if (age >= 18 && age < 35) rate *= 1.5;
  return std::min(homeless ? rate + 0.35 : rate, 0.9);
}

void put_hex(char* out, uint64_t value) {
  for (int i = 0; i < 16; ++i) out[i] = "0123456789ABCDEF"[value >> (60 - 4 * i) & 15];
}

// Three hospitals an area, "RAB". One person in seven goes to another than the usual one.
void put_provider(char* out, uint32_t area, uint64_t draw) {
  const uint32_t trust = area * 3 + below(draw, 3);
  out[0] = 'R';
  out[1] = "ABCDEFGHJKLMNPQRTVWXY"[trust / 20 % 21];
  out[2] = "0123456789ABCDEFGHJK"[trust % 20];
}

// Makes the episodes of one person in one year.
class Writer {
 public:
  Writer(const Country& country, const Activity& activity, const Person& p, int year)
      : country_(country),
        activity_(activity),
        p_(p),
        year_(year),
        key_(hash(p.key, 0x657069, static_cast<uint64_t>(year))),
        number_(country.nhs_number(p.id)),
        area_(country.places().area(country.home(p, std::max(p.birth, country.first_day())))) {}

  Episode episode(Dataset dataset, uint64_t which) const {
    const uint64_t draw = hash(key_, which);
    Episode e{.person = number(p_.id), .draw = draw, .dataset = dataset};
    e.day = activity_.day(p_, year_, draw);
    // An appointment that nobody could keep.
    if (dataset == Dataset::op && e.day == p_.death && chance(mix(draw + 1), 0.05))
      e.day += 1 + static_cast<int32_t>(draw & 31);
    const float age = p_.age(e.day);

    const uint64_t at_hospital = hospital(e);
    const uint32_t home = lived(e);
    fill_number(e, age, home == no_fixed_abode);
    fill_birth(e, at_hospital);
    fill_sex(e, at_hospital);
    fill_postcode(e, home);
    const uint32_t ethnos = static_cast<uint32_t>(mix(p_.key + 20) & 255);
    e.ethnos = (mix(draw + 2) & 15) == 0 ? 'Z' : "AABCNNTRSHJKMPLL"[p_.origin * 2 + (ethnos < 40 ? 1 : 0)];
    return e;
  }

 private:
  // Fills provider and local id; what this person and this hospital have between them.
  uint64_t hospital(Episode& e) const {
    const bool usual = !chance(mix(e.draw + 3), other_hospital_rate);
    put_provider(e.provider, area_, usual ? p_.key : mix(e.draw + 4));
    uint64_t text = 0;
    std::memcpy(&text, e.provider, 3);
    const uint64_t at_hospital = hash(p_.key, text);
    put_digits(e.local_id, 1000000000 + at_hospital % 8999999999, 10);
    return at_hospital;
  }

  // Where the hospital believes the patient lives: for some, where they lived up to four years ago.
  uint32_t lived(const Episode& e) const {
    const uint64_t draw = mix(e.draw + 5);
    if (!chance(draw, late_move_rate)) return country_.home(p_, e.day);
    const auto late = static_cast<int32_t>(1500 * unit(mix(draw)) * unit(mix(draw + 1)));
    return country_.home(p_, std::max(p_.birth, e.day - late));
  }

  void fill_number(Episode& e, float age, bool homeless) const {
    const uint64_t draw = mix(e.draw + 6), kind = mix(draw + 1);
    uint64_t written = number_;
    e.has_number = true;
    bool known = true;
    if (chance(draw, number_trouble(e.dataset, year_, age, homeless))) {
      known = false;
      e.has_number = chance(kind, not_a_person_number_rate);
      written = (kind & 7) == 0 ? 9999999999 : (kind & 7) == 1 ? 0 : wrong_nhs_number(number_, kind);
    } else if (chance(kind, p_.twin ? 0.004 : 0.00004) && (number(p_.id) ^ 1) < country_.people()) {
      // Somebody else's: a twin's, or that of one they live with.
      if (neighbour_lives(e)) written = country_.nhs_number(PersonId{number(p_.id) ^ 1});
    }
    if (e.has_number) put_digits(e.number, written, 10);
    // The HES identifier holds a person together as far as the number does.
    const uint64_t fragment = known ? 0 : (kind >> 8) % 3;
    const uint64_t pseudo = hash(p_.key, 0x70736575, fragment);
    put_hex(e.pseudo, pseudo);
    put_hex(e.pseudo + 16, mix(pseudo + 1));
  }
  bool neighbour_lives(const Episode& e) const {
    const Person other = country_.person(PersonId{number(p_.id) ^ 1});
    return other.birth <= e.day && e.day <= other.death;
  }

  void fill_birth(Episode& e, uint64_t at_hospital) const {
    const uint64_t draw = mix(e.draw + 7);
    e.birth = p_.birth;
    e.has_birth = !chance(mix(draw), e.dataset == Dataset::ae ? 0.002 : 0.0002);
    // Two in three mistakes are the hospital's own and stay.
    if (chance(mix(at_hospital), wrong_birth_rate * 2 / 3))
      e.birth = wrong_birth(p_.birth, country_.end_day(), at_hospital);
    else if (chance(draw, wrong_birth_rate / 3))
      e.birth = wrong_birth(p_.birth, country_.end_day(), draw);
    if (e.has_birth) put_ddmmyyyy(e.birth_text, e.birth);
  }

  void fill_sex(Episode& e, uint64_t at_hospital) const {
    const uint64_t draw = mix(e.draw + 8);
    const bool wrong = chance(mix(at_hospital + 1), wrong_sex_rate / 2) != chance(draw, wrong_sex_rate / 2);
    e.sex = p_.female != wrong ? '2' : '1';
    if (chance(mix(draw + 1), unknown_sex_rate)) e.sex = (draw & 1) != 0 ? '9' : '0';
  }

  void fill_postcode(Episode& e, uint32_t home) const {
    const uint64_t draw = mix(e.draw + 9);
    e.has_postcode = home == no_fixed_abode || !chance(draw, e.dataset == Dataset::ae ? 0.02 : 0.005);
    e.postcode = country_.places().text(home);
    if (home != no_fixed_abode && chance(mix(draw), mistyped_postcode_rate)) mistype_postcode(e.postcode, draw);
  }

  const Country& country_;
  const Activity& activity_;
  const Person& p_;
  int year_;
  uint64_t key_, number_;
  uint32_t area_;
};

std::vector<OutColumn> columns_of(std::optional<Dataset> only) {
  const OutColumn pseudo{"PSEUDO_HESID", OutType::text, false}, number{"NEWNHSNO"}, birth{"DOB"}, home{"HOMEADD"},
      sex{"SEX", OutType::text, false}, trust{"PROCODET", OutType::text, false}, ethnos{"ETHNOS", OutType::text, false};
  if (!only)
    return {{"HES_ID", OutType::int64, false},
            {"DATASET", OutType::text, false},
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
                                {"MYDOB"},
                                sex,
                                home,
                                {"LOPATID", OutType::text, false},
                                {"PROCODE3", OutType::text, false},
                                trust,
                                ethnos,
                                {"GPPRAC"},
                                {"LSOA11"}};
  const auto date = [&](const char* name, bool nullable) { out.push_back({name, OutType::date, nullable}); };
  if (*only == Dataset::op) date("APPTDATE", false);
  if (*only == Dataset::ae) date("ARRIVALDATE", false);
  if (*only == Dataset::apc) {
    date("ADMIDATE", false);
    date("DISDATE", true);
    date("EPISTART", false);
    date("EPIEND", false);
    out.push_back({"EPIORDER", OutType::int32, false});
    out.push_back({"DISMETH", OutType::text, false});
  }
  return out;
}

void put_optional(Rows& rows, size_t column, bool present, std::string_view text) {
  present ? rows.text(column, text) : rows.null_text(column);
}
template <size_t n>
std::string_view view(const char (&text)[n]) {
  return {text, n};
}

void put_one(const Episode& e, Rows& rows) {
  static constexpr std::string_view names[] = {"APC", "OP", "AE"};
  rows.text(1, names[static_cast<size_t>(e.dataset)]);
  rows.text(2, view(e.pseudo));
  put_optional(rows, 3, e.has_number, view(e.number));
  put_optional(rows, 4, e.has_birth, view(e.birth_text));
  rows.text(5, {&e.sex, 1});
  put_optional(rows, 6, e.has_postcode, {e.postcode.data(), e.postcode.size()});
  rows.text(7, view(e.provider));
  rows.text(8, {&e.ethnos, 1});
  rows.number(9, e.day);
  rows.persons.push_back(static_cast<int64_t>(e.person));
}

void put_real(const Episode& e, const Person& p, Rows& rows) {
  rows.text(1, view(e.pseudo));
  put_optional(rows, 2, e.has_number, view(e.number));
  put_optional(rows, 3, e.has_birth, view(e.birth_text));
  put_optional(rows, 4, e.has_birth, view(e.birth_text).substr(2));
  rows.text(5, {&e.sex, 1});
  put_optional(rows, 6, e.has_postcode, {e.postcode.data(), e.postcode.size()});
  rows.text(7, view(e.local_id));
  rows.text(8, view(e.provider));
  rows.text(9, view(e.provider));
  rows.text(10, {&e.ethnos, 1});
  uint64_t place = 0;
  std::memcpy(&place, e.postcode.data(), e.postcode.size());
  char practice[6] = {'A'}, lsoa[9] = {'E', '0', '1'};
  practice[0] = "ABCDEFGHJKLMNPY"[mix(place) % 15];
  put_digits(practice + 1, mix(place + 1) % 7000 + 81000, 5);
  put_digits(lsoa + 3, mix(place + 2) % 34753 + 1, 6);
  put_optional(rows, 11, e.has_postcode, view(practice));
  put_optional(rows, 12, e.has_postcode, view(lsoa));
  size_t at = 13;
  rows.number(at++, e.day);
  if (e.dataset == Dataset::apc) {
    // Most stays are a day; a death ends one. A stay that goes on after the year is not discharged.
    const uint64_t draw = mix(e.draw + 30);
    const auto stay =
        static_cast<int32_t>((draw & 1) != 0 ? 0 : 60 * unit(draw) * unit(mix(draw)) * unit(mix(draw + 1)));
    const bool died = p.death <= e.day + stay;
    const int32_t end = std::max(e.day, std::min(p.death, e.day + stay));
    rows.maybe(at++, (draw >> 8 & 127) != 0 || died, end);
    rows.number(at++, e.day);
    rows.number(at++, end);
    rows.number(at++, 1);
    rows.text(at, died ? "4" : "1");
  }
  rows.persons.push_back(static_cast<int64_t>(e.person));
}

}  // namespace

HospitalEpisodes::HospitalEpisodes(const Country& country, const Activity& activity, int years, uint64_t rows)
    : country_(country), activity_(activity) {
  constexpr double chunk_rows = 1 << 13;  // a megabyte of episodes: they are shuffled in the cache
  const double per_person = static_cast<double>(rows) / static_cast<double>(country.people()) / years;
  chunk_people_ = static_cast<uint64_t>(std::clamp(chunk_rows / std::max(per_person, 1e-3), 64.0, 0x1p20));
}

TableJob HospitalEpisodes::file(int year, std::optional<Dataset> only) const {
  static constexpr const char* prefixes[] = {"hes_apc_", "hes_op_", "hes_ae_"};
  const uint64_t key = country_.key(0x6f72646572 + static_cast<uint64_t>(year));
  const Permutation order(country_.people(), key);
  const auto make = [this, year, only, key, order](uint64_t chunk, Rows& rows) {
    thread_local std::vector<Episode> episodes;
    episodes.clear();
    const uint64_t end = std::min(country_.people(), (chunk + 1) * chunk_people_);
    for (uint64_t i = chunk * chunk_people_; i < end; ++i) {
      const Person p = country_.person(PersonId{order(i)});
      const std::array<uint32_t, 3> counts = activity_.rows(p, year);
      if (counts[0] + counts[1] + counts[2] == 0) continue;
      const Writer writer(country_, activity_, p, year);
      uint64_t which = 0;  // of the person's year: the same in both layouts
      for (size_t d = 0; d < counts.size(); ++d) {
        const auto dataset = static_cast<Dataset>(d);
        if (only && *only != dataset) {
          which += counts[d];
          continue;
        }
        for (uint32_t k = 0; k < counts[d]; ++k) episodes.push_back(writer.episode(dataset, which++));
      }
    }
    if (episodes.empty()) return;
    const Permutation shuffle(episodes.size(), hash(key, 0x73687566, chunk));
    for (uint64_t i = 0; i < episodes.size(); ++i) {
      const Episode& e = episodes[shuffle(i)];
      only ? put_real(e, country_.person(PersonId{e.person}), rows) : put_one(e, rows);
    }
  };
  return {.name = (only ? prefixes[static_cast<size_t>(*only)] : "hes_") + std::to_string(year),
          .columns = columns_of(only),
          .first_id = int64_t{year} * 100'000'000 + 1,
          .chunks = (country_.people() + chunk_people_ - 1) / chunk_people_,
          .make = make};
}

}  // namespace tessera::generate_detail
