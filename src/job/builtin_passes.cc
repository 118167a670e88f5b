// builtin_passes.cc: which lists of passes come with Tessera?
//
// Each is written as a job would write it. Sources, tables and what was assumed
// where a source is silent: docs/passes.md.
#include "job/parts.h"

namespace tessera {
namespace {

// HES to ONS deaths, the eight ranks.
constexpr std::string_view hes_ons_8_rank = R"([
  {"rank": 1, "agree": ["nhs_number", "sex", "dob", "postcode"]},
  {"rank": 2, "agree": ["nhs_number", "sex", "dob"]},
  {"rank": 3, "agree": ["nhs_number", "sex", "dob:partial", "postcode"]},
  {"rank": 4, "agree": ["nhs_number", "sex", "dob:partial"]},
  {"rank": 5, "agree": ["nhs_number", "postcode"]},
  {"rank": 6, "agree": ["sex", "dob", "postcode"], "compatible": ["nhs_number"],
   "unless": ["dob:january-1", "postcode:zz99", "postcode:communal"]},
  {"rank": 7, "agree": ["sex", "dob", "postcode"], "compatible": ["nhs_number"], "unless": ["dob:january-1"]},
  {"rank": 8, "agree": ["nhs_number"]}
])";

// HES to the diagnostic imaging data set: the same ranks, the first in two: 1A is 11, 1B is 12, 2 is 20 ...
constexpr std::string_view hes_did_ranks = R"([
  {"rank": 11, "description": "1A", "agree": ["nhs_number", "sex", "dob", "postcode"]},
  {"rank": 12, "description": "1B", "agree": ["nhs_number", "dob", "postcode"]},
  {"rank": 20, "agree": ["nhs_number", "sex", "dob"]},
  {"rank": 30, "agree": ["nhs_number", "sex", "dob:partial", "postcode"]},
  {"rank": 40, "agree": ["nhs_number", "sex", "dob:partial"]},
  {"rank": 50, "agree": ["nhs_number", "postcode"]},
  {"rank": 60, "agree": ["sex", "dob", "postcode"], "compatible": ["nhs_number"],
   "unless": ["dob:january-1", "postcode:zz99", "postcode:communal"]},
  {"rank": 70, "agree": ["sex", "dob", "postcode"], "compatible": ["nhs_number"], "unless": ["dob:january-1"]},
  {"rank": 80, "agree": ["nhs_number"]}
])";

// The cross-check of the Master Person Service.
constexpr std::string_view hes_pds_cross_check = R"([
  {"rank": 1, "agree": ["nhs_number", "dob"]},
  {"rank": 2, "agree": ["nhs_number", "dob:partial",
    {"any_of": [["given_name:initial", "family_name:first3"], "postcode:district"]}]},
  {"rank": 3, "agree": ["nhs_number", "dob:partial"]}
])";

// ONS Census 2021 to Census Coverage Survey: those of the 35 matchkeys that need equality only, under their own numbers.
constexpr std::string_view census_35_matchkeys = R"([
  {"rank": 1, "agree": ["full_name:no-space", "dob", "sex", "postcode"]},
  {"rank": 2, "agree": ["given_name", "family_name", "dob", "sex", "uprn"]},
  {"rank": 3, "agree": ["given_name", "family_name", "dob", "sex", "postcode"]},
  {"rank": 4, "agree": ["full_name:sorted-letters", "dob", "sex", "postcode"]},
  {"rank": 9, "agree": ["given_name:soundex", "family_name:soundex", "dob", "sex", "postcode"]},
  {"rank": 10, "agree": ["given_name", "family_name", "dob", "postcode"]},
  {"rank": 14, "agree": ["second_given_name", "family_name", "dob", "sex", "postcode"]},
  {"rank": 16, "agree": ["given_name ~ second_given_name", "second_given_name ~ given_name", "family_name", "dob", "sex",
    {"any_of": ["uprn", ["postcode", "house_number"]]}]},
  {"rank": 17, "agree": ["given_name", "dob", "sex", {"any_of": ["uprn", ["postcode", "house_number"]]}]},
  {"rank": 19, "agree": ["given_name:first2", "family_name", "dob", "sex", {"any_of": ["uprn", ["postcode", "house_number"]]}]},
  {"rank": 20, "agree": ["given_name", "family_name", "postcode", "sex", "age"]},
  {"rank": 21, "agree": ["given_name", "family_name", "postcode", "sex", "dob:month-day", {"field": "dob", "within": 10, "unit": "years"}]},
  {"rank": 22, "agree": ["given_name", "family_name", "postcode", "sex", "dob:year"]},
  {"rank": 29, "agree": ["given_name", "family_name", "dob", "sex", "postcode:but-last"]},
  {"rank": 30, "agree": ["given_name", "family_name", "dob", "sex", "postcode:sector", "house_number"]},
  {"rank": 31, "agree": ["given_name", "family_name", "dob", "postcode:area", "sex"]}
])";

}  // namespace

const std::vector<BuiltinPasses>& builtin_passes() {
  static const std::vector<BuiltinPasses> lists = {
      {"hes-ons-8-rank", {"nhs_number", "sex", "dob", "postcode"}, hes_ons_8_rank},
      {"hes-did-ranks", {"nhs_number", "sex", "dob", "postcode"}, hes_did_ranks},
      {"hes-pds-cross-check", {"nhs_number", "dob"}, hes_pds_cross_check},
      {"census-35-matchkeys", {"given_name", "family_name", "dob", "sex", "postcode"}, census_35_matchkeys},
  };
  return lists;
}

std::vector<std::string> builtin_pass_lists() {
  std::vector<std::string> out;
  for (const BuiltinPasses& list : builtin_passes()) out.push_back(list.name);
  return out;
}

}  // namespace tessera
