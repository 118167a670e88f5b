// jobs.h: a job to change in tests.
#pragma once

#include <string>

#include "job/job.h"

namespace tessera {

inline const std::string good_job = R"({
  "job": "hes-deaths",
  "inputs": {
    "hes": { "path": "hes.csv", "id": "EPIKEY",
             "fields": { "nhs_number": "NEWNHSNO", "dob": {"column": "DOB", "format": "%d%m%Y"}, "sex": "SEX",
                         "postcode": "HOMEADD", "given_name": "FORENAME", "family_name": "SURNAME",
                         "age": {"column": "AGE", "kind": "integer"}, "admission": {"column": "ADMIDATE", "kind": "date"} } },
    "deaths": { "path": "deaths.csv", "id": "DEATH_ID",
                "fields": { "nhs_number": "NHS", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE", "given_name": "FN",
                            "family_name": "SN", "age": {"column": "AGE", "kind": "integer"}, "date_of_death": "DOD" } }
  },
  "lists": { "communal": { "path": "communal.csv", "column": "POSTCODE" } },
  "link": [
    { "from": "hes", "to": "deaths",
      "passes": [ {"rank": 1, "agree": ["nhs_number", "dob"]} ],
      "resolve": { "each_from": "one", "each_to": "many", "ties": "drop" } }
  ],
  "output": { "directory": "out", "format": "parquet" }
})";

// good_job with one piece of its text replaced. Requires: the piece is there.
inline std::string changed(const std::string& piece, const std::string& by, std::string job = good_job) {
  const size_t at = job.find(piece);
  if (at == std::string::npos) return "the test is wrong: no such piece: " + piece;
  return job.replace(at, piece.size(), by);
}

inline std::string with_passes(const std::string& passes) {
  return changed(R"([ {"rank": 1, "agree": ["nhs_number", "dob"]} ])", passes);
}
inline std::string with_terms(const std::string& terms) {
  return with_passes(R"([{"rank": 1, "agree": [)" + terms + "]}]");
}

// The message of a job that must be refused; empty if it is not.
inline std::string complaint(const std::string& text) {
  const auto job = finish(parse_job("jobs/mine.json", text, false));
  return job ? std::string{} : job.error().message;
}

}  // namespace tessera
