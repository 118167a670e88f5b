// contacts.cc: the rows of the list.
#include "generate/contacts.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "generate/fields.h"

namespace tessera::generate_detail {
namespace {

#include "generate/nicknames.inc"

constexpr uint64_t contacts_topic = 0x636f6e7461637473;
constexpr uint64_t chunk_slots = 65536;  // a slot: a person and which of their six rows

Name named(std::string_view text) {
  Name name;
  name.size = static_cast<uint8_t>(std::min(text.size(), sizeof name.text));
  std::memcpy(name.text, text.data(), name.size);
  return name;
}

// What the caller is called by friends; their own name where nobody has a shorter one.
Name nickname_of(const Name& name) {
  for (const auto& [full, nickname] : nicknames) {
    if (full == name.view()) return named(nickname);
  }
  return name;
}

// The given name as it is heard: some say their nickname, or a second name that they use; some clerks write a letter.
Name given_as_said(const Country& country, const Person& p, uint64_t draw) {
  const double habit = chance(mix(p.key + 31), 0.12) ? 0.6 : 0.03;  // of those who are known by it, and of the others
  if (chance(mix(draw + 1), habit)) return nickname_of(country.given_name(p, 0));
  if (Country::has_second_name(p) && chance(mix(draw + 2), 0.015)) return country.given_name(p, 1);
  Name name = country.given_name(p, 0);
  if (chance(mix(draw + 3), 0.012) && static_cast<unsigned char>(name.text[0]) < 0x80) name.size = 1;
  return name;
}

// Letters and digits in ASCII and lower case: what an address is made of.
std::string lower_letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') out += c;
  }
  return out;
}

// A person keeps an address for years: of the name that they had when they took it. The domains are nobody's (RFC 2606).
std::string email_of(const Country& country, const Person& p, int32_t day) {
  static constexpr std::string_view domains[] = {"@example.org", "@example.com", "@example.net", "@mail.example"};
  // One in three changes it once, at some day of the period.
  const uint64_t change = mix(p.key + 33);
  const int32_t period = country.end_day() - country.first_day();
  const bool second = change % 3 == 0 &&
                      day >= country.first_day() + static_cast<int32_t>(below(change, static_cast<uint64_t>(period)));
  const uint64_t draw = hash(p.key, 0x656d, second ? 1 : 0);
  const std::string given = lower_letters(country.given_name(p, 0).view());
  std::string out;
  switch (draw & 3) {
    case 0: out = given.substr(0, 1); break;
    case 1: out = given; break;
    default: out = given + '.';
  }
  out += lower_letters(country.family_name(p, std::max(p.birth, country.first_day())).view());
  out += std::to_string(1 + (draw >> 8) % 999);
  out += domains[draw >> 2 & 3];
  return out;
}

void mistype_email(std::string& email, uint64_t draw) {
  Bits bits(mix(draw));
  const uint32_t kind = bits.take(8);
  const size_t at = 1 + bits.take(16) % (email.size() - 2);
  if (kind < 90) {
    email.erase(at, 1);
  } else if (kind < 150) {
    email.insert(at, 1, email[at]);
  } else if (kind < 220 && email[at] != email[at + 1]) {
    std::swap(email[at], email[at + 1]);
  } else {
    email.resize(email.find('@'));  // the rest went without saying
  }
}

// No country has the code 999.
void put_phone(Rows& rows, size_t column, const Country& country, const Person& p, int32_t day, uint64_t draw) {
  if (chance(draw, 0.3)) return rows.null_text(column);
  // One call in five is from the telephone of the household; other numbers last some eight years.
  const bool shared = chance(mix(draw + 1), 0.2);
  const auto period = static_cast<uint64_t>((day + 40000 + static_cast<int32_t>(p.key % 3000)) / 3000);
  const uint64_t number = shared ? hash(p.family, 0x7068, country.home(p, day)) : hash(p.key, 0x7068, period);
  char text[13] = {'+', '9', '9', '9'};
  put_digits(text + 4, number % 1'000'000'000, 9);
  if (chance(mix(draw + 2), 0.015)) std::swap(text[11], text[12]);
  rows.text(column, {text, 13});
}

void put_contact(const Country& country, const Person& p, uint64_t draw, Rows& rows) {
  const int32_t grown = std::max(country.first_day(), p.birth + 16 * 365),
                end = std::min(p.death, country.end_day() - 1);
  const uint64_t when = mix(draw + 1);
  const int32_t day = grown < end ? grown + static_cast<int32_t>(below(when, static_cast<uint64_t>(end - grown))) : end;

  Name given = given_as_said(country, p, mix(draw + 2)), family = country.family_name(p, day);
  if (chance(mix(draw + 3), 0.025)) mistype_name(given, draw);
  if (chance(mix(draw + 4), 0.035)) mistype_name(family, draw);
  if (chance(mix(draw + 5), 0.007)) std::swap(given, family);  // asked in the other order
  chance(mix(draw + 6), 0.01) ? rows.null_text(1) : rows.text(1, given.view());
  chance(mix(draw + 7), 0.005) ? rows.null_text(2) : rows.text(2, family.view());

  char birth[10];
  put_iso(birth, birth_of(country, p, 0.015, mix(draw + 8)));
  chance(mix(draw + 9), 0.03) ? rows.null_text(3) : rows.text(3, {birth, 10});
  const char sex = sex_of(p, 0.006, mix(draw + 10));
  chance(mix(draw + 11), 0.04) ? rows.null_text(4) : rows.text(4, {&sex, 1});
  Postcode postcode = country.places().text(country.home(p, day));
  if (chance(mix(draw + 12), 0.02)) mistype_postcode(postcode, draw);
  put_postcode(rows, 5, !chance(mix(draw + 13), 0.04), postcode);

  std::string email = email_of(country, p, day);
  if (chance(mix(draw + 14), 0.03)) mistype_email(email, draw);
  chance(mix(draw + 15), 0.35) ? rows.null_text(6) : rows.text(6, email);
  put_phone(rows, 7, country, p, day, mix(draw + 16));
}

}  // namespace

uint64_t contacts_of(const Country& country, PersonId p) {
  static constexpr uint8_t until[contacts_max] = {115, 179, 215, 236, 248, 255};  // of 255
  const uint64_t draw = hash(country.key(contacts_topic), number(p)) % 255;
  uint64_t count = 1;
  while (draw >= until[count - 1]) ++count;
  return count;
}

TableJob contacts_file(const Country& country) {
  const uint64_t key = country.key(contacts_topic), slots = country.people() * contacts_max;
  const Permutation order(slots, key);
  const auto make = [&country, order, key, slots](uint64_t chunk, Sheets sheets) {
    Rows& rows = *sheets.front();
    const uint64_t end = std::min(slots, (chunk + 1) * chunk_slots);
    for (uint64_t i = chunk * chunk_slots; i < end; ++i) {
      const uint64_t slot = order(i);
      const PersonId id{slot / contacts_max};
      if (slot % contacts_max >= contacts_of(country, id)) continue;
      put_contact(country, country.person(id), hash(key, slot, 1), rows);
      rows.persons.push_back(static_cast<int64_t>(number(id)));
    }
  };
  return {.tables = {{.name = "contacts",
                      .columns = {{"CONTACT_ID", OutType::int64, false},
                                  {"GIVEN_NAME"},
                                  {"FAMILY_NAME"},
                                  {"DOB"},
                                  {"SEX"},
                                  {"POSTCODE"},
                                  {"EMAIL"},
                                  {"PHONE"}}}},
          .chunks = (slots + chunk_slots - 1) / chunk_slots,
          .make = make};
}

}  // namespace tessera::generate_detail
