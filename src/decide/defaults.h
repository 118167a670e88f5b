// defaults.h: how are fields compared when a job does not say?
//
// By their kinds and, for names and places, by what they are called:
//
//   name       equal (tf), initial or nickname (given names), Jaro-Winkler .92, .88, .70, else
//   given and family name      equal (tf) each; a pair that has them exchanged is a level of the given name
//   date       equal, one edit, day and month exchanged or two elements equal, a year apart, else
//   postcode   equal (tf), one edit, sector, district, area, else
//   nhs_number equal, one edit, else
//   sex        equal, else
//   code, integer, token       equal, one edit, else
//   token under a key          equal, else
//   clk        Dice .95, .85, .75, .65, else
//   text       equal (tf), alike in letters, alike in words, else
//
// A null on either side is a level of its own, of weight 0. docs/methods.md says the same in a table.
//
// Not here: m and u (estimate.h; what is known beforehand is prior_m), how levels are computed (compare/).
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decide/digits.h"
#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/model.h"

namespace tessera {

using FieldKind = std::pair<std::string, Kind>;

// The part that a field plays, from its kind and name (forename and first_name are given_name, and so on).
enum class FieldRole : uint8_t {
  given_name,
  family_name,
  other_name,
  date,
  sex,
  postcode,
  nhs_number,
  code,
  filter,
  place,
  email,
  text
};
FieldRole role_of(const FieldKind& field);

// Levels for one field. Where `family` is not empty the field is a given name and `family` its family name.
Comparison default_comparison(const FieldKind& field, const std::string& family = {});

// One for each field, in their order.
std::vector<Comparison> default_comparisons(std::span<const FieldKind> fields);

// For each comparison without levels: those of the field of its name. Comparisons with levels stay as they are.
// Fails: usage (2) where there is no such field.
Status fill_default_levels(Model& model, std::span<const FieldKind> fields);

// What people of one home agree on, though they are not one person. A place that names the home (postcode, address,
// telephone) is told from what they may share besides (family name, town, e-mail).
enum class AtHome : uint8_t { no, shared, names_it };
AtHome at_home(const FieldKind& field);
// By comparison: the least of its fields.
std::vector<AtHome> at_home(const ModelPlan& plan);

// What m is expected to be, before any data: by kind, the share of matches at the top level and at the last
// ("else"); the levels between share the rest, each half of what the one above has.
LevelShares prior_m(const ModelPlan& plan);

}  // namespace tessera
