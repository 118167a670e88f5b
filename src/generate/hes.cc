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
  uint64_t draw;         // for columns of the real layouts
  uint64_t at_hospital;  // what this person and this hospital have between them
  int32_t day;
  Dataset dataset;
  bool has_number, has_birth, has_postcode;
  char sex, ethnos;
  char pseudo[32], number[10], birth[8], provider[3];
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

// Eight digits at a time: one nibble to a byte, then '0' or 'A' - 10 added to each.
void put_hex(char* out, uint32_t value) {
  uint64_t x = value;
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
  const uint64_t letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
  x += 0x3030303030303030 + letters * ('A' - '0' - 10);
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(x >> (56 - 8 * i));
}
void put_hex(char* out, uint64_t value) {
  put_hex(out, static_cast<uint32_t>(value >> 32));
  put_hex(out + 8, static_cast<uint32_t>(value));
}

// Three hospitals an area, "RAB". One person in seven goes to another than the usual one.
void put_provider(char* out, uint32_t area, uint64_t draw) {
  const uint32_t trust = area * 3 + below(draw, 3);
  out[0] = 'R';
  out[1] = "ABCDEFGHJKLMNPQRTVWXY"[trust / 20 % 21];
  out[2] = "0123456789ABCDEFGHJK"[trust % 20];
}

// Makes the episodes of one person in one year. What most rows say is written once, and copied.
class Writer {
 public:
  Writer(const Country& country, const Activity& activity, const Person& p, int year)
      : country_(country),
        activity_(activity),
        p_(p),
        homes_(country, p),
        year_(year),
        key_(hash(p.key, 0x657069, static_cast<uint64_t>(year))),
        number_(country.nhs_number(p.id)),
        area_(country.places().area(homes_.at(std::max(p.birth, country.first_day())))) {
    usual_.person = generate_detail::number(p.id);
    put_digits(usual_.number, number_, 10);
    put_ddmmyyyy(usual_.birth, p.birth);
    put_pseudo(usual_, 0);
    const bool second = (mix(p.key + 20) & 255) < 40;
    usual_.ethnos = "AABCNNTRSHJKMPLL"[p.origin * 2 + (second ? 1 : 0)];
  }

  void write(Dataset dataset, uint64_t which, Episode& e) {
    const uint64_t draw = hash(key_, which);
    e = usual_;
    e.draw = draw;
    e.dataset = dataset;
    e.day = activity_.day(p_, year_, draw);
    // An appointment that nobody could keep.
    if (dataset == Dataset::op && e.day == p_.death && chance(mix(draw + 1), 0.05))
      e.day += 1 + static_cast<int32_t>(draw & 31);
    const float age = p_.age(e.day);

    fill_hospital(e);
    const uint32_t home = lived(e);
    fill_number(e, age, home == no_fixed_abode);
    fill_birth(e);
    fill_sex(e);
    fill_postcode(e, home);
    if ((mix(draw + 2) & 15) == 0) e.ethnos = 'Z';
  }

 private:
  void fill_hospital(Episode& e) const {
    const bool usual = !chance(mix(e.draw + 3), other_hospital_rate);
    put_provider(e.provider, area_, usual ? p_.key : mix(e.draw + 4));
    uint64_t text = 0;
    std::memcpy(&text, e.provider, 3);
    e.at_hospital = hash(p_.key, text);
  }

  // Where the hospital believes the patient lives: for some, where they lived up to four years ago.
  uint32_t lived(const Episode& e) {
    const uint64_t draw = mix(e.draw + 5);
    if (!chance(draw, late_move_rate)) return homes_.at(e.day);
    const auto late = static_cast<int32_t>(1500 * unit(mix(draw)) * unit(mix(draw + 1)));
    return homes_.at(std::max(p_.birth, e.day - late));
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
    if (written != number_) put_digits(e.number, written, 10);
    // The HES identifier holds a person together as far as the number does.
    if (!known) put_pseudo(e, (kind >> 8) % 3);
  }
  void put_pseudo(Episode& e, uint64_t fragment) const {
    const uint64_t pseudo = hash(p_.key, 0x70736575, fragment);
    put_hex(e.pseudo, pseudo);
    put_hex(e.pseudo + 16, mix(pseudo + 1));
  }
  bool neighbour_lives(const Episode& e) const {
    const Person other = country_.person(PersonId{number(p_.id) ^ 1});
    return other.birth <= e.day && e.day <= other.death;
  }

  void fill_birth(Episode& e) const {
    const uint64_t draw = mix(e.draw + 7);
    e.has_birth = !chance(mix(draw), e.dataset == Dataset::ae ? 0.002 : 0.0002);
    // Two in three mistakes are the hospital's own and stay.
    if (chance(mix(e.at_hospital), wrong_birth_rate * 2 / 3))
      put_ddmmyyyy(e.birth, wrong_birth(p_.birth, country_.end_day(), e.at_hospital));
    else if (chance(draw, wrong_birth_rate / 3))
      put_ddmmyyyy(e.birth, wrong_birth(p_.birth, country_.end_day(), draw));
  }

  void fill_sex(Episode& e) const {
    const uint64_t draw = mix(e.draw + 8);
    const bool wrong = chance(mix(e.at_hospital + 1), wrong_sex_rate / 2) != chance(draw, wrong_sex_rate / 2);
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
  Homes homes_;
  int year_;
  uint64_t key_, number_;
  uint32_t area_;
  Episode usual_{};
};

std::vector<OutColumn> columns_of(std::optional<Dataset> only) {
  const OutColumn pseudo{"PSEUDO_HESID", OutType::text, false, true}, number{"NEWNHSNO", OutType::text, true, true},
      birth{"DOB"}, home{"HOMEADD"}, sex{"SEX", OutType::text, false}, trust{"PROCODET", OutType::text, false},
      ethnos{"ETHNOS", OutType::text, false};
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
                                {"LOPATID", OutType::text, false, true},
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

// Episodes outlive the rows that they make, and so do the texts in them.
void put_optional(Rows& rows, size_t column, bool present, std::string_view text) {
  present ? rows.borrowed(column, text) : rows.null_text(column);
}
template <size_t n>
std::string_view view(const char (&text)[n]) {
  return {text, n};
}

void put_one(const Episode& e, Rows& rows) {
  static constexpr std::string_view names[] = {"APC", "OP", "AE"};
  rows.borrowed(1, names[static_cast<size_t>(e.dataset)]);
  rows.borrowed(2, view(e.pseudo));
  put_optional(rows, 3, e.has_number, view(e.number));
  put_optional(rows, 4, e.has_birth, view(e.birth));
  rows.borrowed(5, {&e.sex, 1});
  put_optional(rows, 6, e.has_postcode, {e.postcode.data(), e.postcode.size()});
  rows.borrowed(7, view(e.provider));
  rows.borrowed(8, {&e.ethnos, 1});
  rows.number(9, e.day);
  rows.persons.push_back(static_cast<int64_t>(e.person));
}

void put_real(const Episode& e, const Person& p, Rows& rows) {
  rows.borrowed(1, view(e.pseudo));
  put_optional(rows, 2, e.has_number, view(e.number));
  put_optional(rows, 3, e.has_birth, view(e.birth));
  put_optional(rows, 4, e.has_birth, view(e.birth).substr(2));
  rows.borrowed(5, {&e.sex, 1});
  put_optional(rows, 6, e.has_postcode, {e.postcode.data(), e.postcode.size()});
  char local_id[10];
  put_digits(local_id, 1000000000 + e.at_hospital % 8999999999, 10);
  rows.text(7, view(local_id));
  rows.borrowed(8, view(e.provider));
  rows.borrowed(9, view(e.provider));
  rows.borrowed(10, {&e.ethnos, 1});
  uint64_t place = 0;
  std::memcpy(&place, e.postcode.data(), e.postcode.size());
  char practice[6] = {'A'}, lsoa[9] = {'E', '0', '1'};
  practice[0] = "ABCDEFGHJKLMNPY"[mix(place) % 15];
  put_digits(practice + 1, mix(place + 1) % 7000 + 81000, 5);
  put_digits(lsoa + 3, mix(place + 2) % 34753 + 1, 6);
  e.has_postcode ? rows.text(11, view(practice)) : rows.null_text(11);
  e.has_postcode ? rows.text(12, view(lsoa)) : rows.null_text(12);
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
    rows.borrowed(at, died ? "4" : "1");
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
    if (!rows.scratch.has_value()) rows.scratch = std::vector<Episode>();
    auto& episodes = std::any_cast<std::vector<Episode>&>(rows.scratch);
    episodes.clear();
    const uint64_t end = std::min(country_.people(), (chunk + 1) * chunk_people_);
    for (uint64_t i = chunk * chunk_people_; i < end; ++i) {
      const PersonId id{order(i)};
      if (activity_.surely_none(country_.person_key(id), year)) continue;
      Person p = country_.born(id);
      if (activity_.surely_none(p, year)) continue;
      country_.bury(p);
      const std::array<uint32_t, 3> counts = activity_.rows(p, year);
      if (counts[0] + counts[1] + counts[2] == 0) continue;
      Writer writer(country_, activity_, p, year);
      uint64_t which = 0;  // of the person's year: the same in both layouts
      for (size_t d = 0; d < counts.size(); ++d) {
        const auto dataset = static_cast<Dataset>(d);
        if (only && *only != dataset) {
          which += counts[d];
          continue;
        }
        for (uint32_t k = 0; k < counts[d]; ++k) writer.write(dataset, which++, episodes.emplace_back());
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
