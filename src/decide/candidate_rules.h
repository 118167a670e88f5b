// candidate_rules.h: which blocking rules could be worth having?
//
// Parts of fields, alone and two or three together, no two of one field. Which of them are used is decided on the data
// (services/model_rules.cc).
//
//   family_name  whole, soundex, first4     dob  whole, year-month, month-day, year     postcode  whole, sector, district
//   -> dob; postcode; family_name soundex & dob year; family_name & given_name initial & postcode sector ...
#pragma once

#include <string>
#include <vector>

#include "tessera/job.h"
#include "tessera/model.h"

namespace tessera {

struct CandidateRules {
  // A part of a field that rules are made of.
  struct Atom {
    SideExpression value;
    std::string field, text;
    Part part = Part::whole;
    double rate = 0;        // how often two records of one person agree on it, by experience (docs/methods.md)
    int from = -1;          // the atom that it is a part of: it agrees where that does ...
    double apart = 0;       // ... and else with this rate
    bool personal = false;  // the people of one home do not share it
    bool explode = false;
  };
  std::vector<Atom> atoms;
  std::vector<BlockingRule> rules;
  std::vector<std::vector<uint32_t>> of_rule;  // atoms of each rule
};

// Whether two records that agree on `a` agree on `b`: the whole and its parts, a sector and its district.
bool implies(const CandidateRules::Atom& a, const CandidateRules::Atom& b);

CandidateRules candidate_rules(const std::vector<std::pair<std::string, Kind>>& fields);

}  // namespace tessera
