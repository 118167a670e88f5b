// names.h: how are the choices of a job written?
//
// One table for each enumeration: the parser, the schema and messages use it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/job.h"

namespace tessera {

template <class E>
struct Named {
  const char* name;
  E value;
};

inline constexpr Named<Kind> kind_names[] = {
    {"nhs_number", Kind::nhs_number}, {"date", Kind::date}, {"sex", Kind::sex},
    {"postcode", Kind::postcode},     {"name", Kind::name}, {"code", Kind::code},
    {"integer", Kind::integer},       {"text", Kind::text}, {"token", Kind::token}};

inline constexpr Named<Part> part_names[] = {{"whole", Part::whole},
                                             {"year", Part::year},
                                             {"month", Part::month},
                                             {"day", Part::day},
                                             {"year-month", Part::year_month},
                                             {"year-day", Part::year_day},
                                             {"month-day", Part::month_day},
                                             {"sector", Part::sector},
                                             {"district", Part::district},
                                             {"area", Part::area},
                                             {"but-last", Part::but_last},
                                             {"soundex", Part::soundex},
                                             {"initial", Part::initial},
                                             {"first2", Part::first2},
                                             {"first3", Part::first3},
                                             {"first4", Part::first4},
                                             {"first-token", Part::first_token},
                                             {"no-space", Part::no_space},
                                             {"sorted-letters", Part::sorted_letters}};

inline constexpr Named<FileFormat> format_names[] = {
    {"csv", FileFormat::csv}, {"ndjson", FileFormat::ndjson}, {"parquet", FileFormat::parquet}};

inline constexpr Named<Encoding> encoding_names[] = {
    {"utf-8", Encoding::utf8}, {"windows-1252", Encoding::windows_1252}, {"latin-1", Encoding::latin_1}};

inline constexpr Named<DuplicateIds> duplicate_names[] = {{"keep", DuplicateIds::keep}, {"error", DuplicateIds::error}};

inline constexpr Named<Digest> digest_names[] = {
    {"automatic", Digest::automatic}, {"full", Digest::full}, {"none", Digest::none}};

inline constexpr Named<Cardinality> cardinality_names[] = {{"one", Cardinality::one}, {"many", Cardinality::many}};

inline constexpr Named<Ties> ties_names[] = {
    {"drop", Ties::drop}, {"first", Ties::first}, {"all", Ties::all}, {"next", Ties::next}};

inline constexpr Named<Term::Unit> unit_names[] = {
    {"days", Term::Unit::days}, {"years", Term::Unit::years}, {"number", Term::Unit::number}};

// What "how" may say in a term; `exact` and `compatible` too.
inline constexpr Named<Term::How> how_names[] = {{"exact", Term::How::exact},
                                                 {"compatible", Term::How::compatible},
                                                 {"partial", Term::How::date_partial},
                                                 {"swapped", Term::How::date_swapped},
                                                 {"within", Term::How::within}};

// Fields whose name tells their kind.
inline constexpr Named<Kind> field_kinds[] = {
    {"nhs_number", Kind::nhs_number}, {"dob", Kind::date},        {"sex", Kind::sex},
    {"postcode", Kind::postcode},     {"given_name", Kind::name}, {"family_name", Kind::name},
    {"other_names", Kind::name},      {"provider", Kind::code},   {"local_id", Kind::code},
    {"date_of_death", Kind::date}};

template <class E, size_t N>
std::vector<std::string> names_in(const Named<E> (&table)[N]) {
  std::vector<std::string> out;
  for (const auto& entry : table) out.emplace_back(entry.name);
  return out;
}

// Whether `name` is in the table; then `value` is set.
template <class E, size_t N>
bool look_up(const Named<E> (&table)[N], std::string_view name, E& value) {
  for (const auto& entry : table)
    if (entry.name == name) {
      value = entry.value;
      return true;
    }
  return false;
}

template <class E, size_t N>
const char* name_in(const Named<E> (&table)[N], E value) {
  for (const auto& entry : table)
    if (entry.value == value) return entry.name;
  return "";
}

// Whether a part can be taken of a kind.
[[nodiscard]] bool part_fits(Kind kind, Part part);

}  // namespace tessera
