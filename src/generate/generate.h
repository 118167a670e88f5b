// generate.h: what does a country's health data look like, when nobody in it exists?
//
//   (seed, person) -> sex, birth, names, homes, death, illness     a pure function, no table of people
//   (seed, year, person) -> that year's rows, with errors
//
// Nothing is remembered between rows, so the bytes depend on the options only (not on the
// threads), and memory does not grow with rows; with people up to 64 MiB (schedule.h). The files: docs/generate.md.
//
//   hes_YYYY              episodes, appointments and attendances of financial year YYYY (April to March)
//   deaths, pds, cohort   death registrations, the register of all people, a study of 2 % of them
//   contacts              a list with several rows for many people
//   truth_*               for each file above, whose row it is: the file's id, PERSON
//   communal.csv          POSTCODE of homes for many people
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

struct GenerateOptions {
  uint64_t people = 100000;  // 1 to 2^28
  uint64_t hes_rows = 0;     // about; 0: 16 for each person
  uint64_t seed = 1;
  unsigned threads = 0;  // 0: as many as there are processors
  std::string directory;
  FileFormat format = FileFormat::parquet;
  std::vector<std::string> what;  // hes, deaths, pds, cohort, contacts; empty: all but contacts
  unsigned cohort_share = 20;     // of 1,000 people, 0 to 1,000
  bool real_layout = false;       // hes_apc_YYYY, hes_op_YYYY and hes_ae_YYYY, with the columns of each
  int first_year = 1997, years = 25;
  bool force = false;  // replaces the directory
};

struct GenerateReport {
  std::vector<OutputFile> files;  // by name
  uint64_t people = 0, hes_rows = 0, deaths = 0, pds_rows = 0, cohort_rows = 0, contact_rows = 0;
  double seconds = 0;
  uint64_t peak_memory_bytes = 0;
};

// Writes the directory whole or not at all.
// Fails: usage (2) for options out of range; resource (4); interrupted (5).
Result<GenerateReport> generate(const GenerateOptions&);

}  // namespace tessera
