// names.h: how are the choices of a job written?
//
// One table for each enumeration: the parser, the schema and messages use it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/text_parts.h"  // Named, part_names
#include "tessera/job.h"

namespace tessera {

inline constexpr Named<Kind> kind_names[] = {{"nhs_number", Kind::nhs_number},
                                             {"date", Kind::date},
                                             {"sex", Kind::sex},
                                             {"postcode", Kind::postcode},
                                             {"name", Kind::name},
                                             {"code", Kind::code},
                                             {"integer", Kind::integer},
                                             {"text", Kind::text},
                                             {"token", Kind::token},
                                             {"clk", Kind::clk}};

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

inline constexpr Named<Clusters::Method> cluster_names[] = {
    {"automatic", Clusters::Method::automatic}, {"connected", Clusters::Method::connected},
    {"best-link", Clusters::Method::best_link}, {"average", Clusters::Method::average},
    {"complete", Clusters::Method::complete},   {"none", Clusters::Method::none}};

inline constexpr Named<EstimateOptions::Method> estimate_names[] = {{"joint", EstimateOptions::Method::joint},
                                                                    {"sessions", EstimateOptions::Method::sessions}};

// What "how" may say of a pair of values.
inline constexpr Named<Measure::What> measure_table[] = {
    {"exact", Measure::What::equal},
    {"nickname", Measure::What::nickname},
    {"initial", Measure::What::initial},
    {"prefix", Measure::What::prefix},
    {"contains", Measure::What::contains},
    {"swapped_date", Measure::What::swapped_date},
    {"jaro", Measure::What::jaro},
    {"jaro_winkler", Measure::What::jaro_winkler},
    {"levenshtein_ratio", Measure::What::levenshtein_ratio},
    {"jaccard", Measure::What::jaccard},
    {"cosine", Measure::What::cosine},
    {"token_likeness", Measure::What::token_likeness},
    {"dice", Measure::What::dice},
    {"bits_jaccard", Measure::What::bits_jaccard},
    {"levenshtein", Measure::What::levenshtein},
    {"optimal_alignment", Measure::What::optimal_alignment},
    {"damerau_levenshtein", Measure::What::damerau_levenshtein},
    {"items_in_common", Measure::What::items_in_common},
    {"items_jaccard", Measure::What::items_jaccard},
    {"items_subset", Measure::What::items_subset},
    {"difference", Measure::What::difference},
    {"absolute_difference", Measure::What::absolute_difference},
    {"percentage_difference", Measure::What::percentage_difference},
    {"days", Measure::What::days},
    {"months", Measure::What::months},
    {"years", Measure::What::years},
    {"month_boundaries", Measure::What::month_boundaries},
    {"year_boundaries", Measure::What::year_boundaries},
    {"date_elements", Measure::What::date_elements},
    {"distance_km", Measure::What::distance_km}};

// Whether the measure is 1 or 0, and needs no bound.
[[nodiscard]] bool is_truth(Measure::What what);
// Likenesses lie from 0 to 1; differences may be below 0; the others are 0 or more.
[[nodiscard]] bool is_likeness(Measure::What what);
// Whether it is taken of encoded filters, and of nothing else.
[[nodiscard]] bool is_of_filters(Measure::What what);

inline constexpr Named<Similar::How> similar_names[] = {{"dice", Similar::How::dice},
                                                        {"jaccard", Similar::How::jaccard}};

// "at_least" ....
inline constexpr Named<Comparator> bound_table[] = {
    {"at_least", Comparator::greater_equal}, {"at_most", Comparator::less_equal},
    {"above", Comparator::greater},          {"below", Comparator::less},
    {"equals", Comparator::equal},           {"differs_from", Comparator::not_equal}};

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
