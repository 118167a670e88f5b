// models.h: a step with a model, to change in tests.
#pragma once

#include <gtest/gtest.h>

#include "jobs.h"

namespace tessera {

inline const std::string levels_of_given_name =
    R"({"field": "given_name", "levels": [{"how": "exact", "term_frequency": true, "m": 0.8, "u": 0.01},
       {"how": "jaro_winkler", "at_least": 0.92, "m": 0.1, "u": 0.04}, {"how": "else", "m": 0.1, "u": 0.95}]})";

inline std::string with_model(const std::string& model, const std::string& more = "") {
  std::string out = good_job;
  const std::string passes = R"("passes": [ {"rank": 1, "agree": ["nhs_number", "dob"]} ])";
  return out.replace(out.find(passes), passes.size(), R"("model": )" + model + more);
}

inline std::string with_levels(const std::string& levels) {
  return with_model(R"({"compare": [{"field": "given_name", "levels": [)" + levels + "]}]}");
}

// A job whose two inputs have an encoded filter, "clk".
inline std::string with_filter(std::string job) {
  const std::string sex = R"("sex": "SEX",)";
  for (size_t at = job.find(sex); at != std::string::npos; at = job.find(sex, at + sex.size()))
    job.insert(at + sex.size(), R"( "clk": {"column": "CLK", "kind": "clk"},)");
  return job;
}

// good_job as one input within itself.
inline std::string within_job(const std::string& step) {
  std::string out = good_job;
  const size_t from = out.find(R"({ "from")"), to = out.find("\n  ],", from);
  return out.replace(from, to - from, step);
}

// The first step; the test fails where the job is refused.
inline LinkStep first_step(const std::string& text) {
  auto job = finish(parse_job("jobs/mine.json", text, false));
  if (!job) {
    ADD_FAILURE() << job.error().message;
    return {};
  }
  return job->link.front();
}

}  // namespace tessera
