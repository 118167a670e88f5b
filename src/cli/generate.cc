// generate.cc: tessera generate FOLDER
#include "generate/generate.h"

#ifdef TESSERA_MIMALLOC
#include <mimalloc.h>
#endif

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"

namespace tessera {
namespace {

std::vector<Option> options() {
  return {
      {"people", "N", "people ever born or moved in; default 100000"},
      {"hes-rows", "N", "about how many hospital rows; default 16 for each person"},
      {"seed", "N", "the same seed gives the same bytes; default 1"},
      {"what",
       "TABLE",
       "only this table; may be given again; default all but contacts",
       {"hes", "deaths", "pds", "cohort", "contacts"},
       true},
      {"cohort-share", "N", "how many of 1,000 people are in the cohort; default 20"},
      {"format", "FORMAT", "default parquet", {"parquet", "csv", "ndjson"}},
      {"real-layout", "",
       "admitted care, outpatients and emergencies apart, with the columns of "
       "each"},
      {"first-year", "YEAR", "the first financial year; default 1997"},
      {"years", "N", "how many years; default 25"},
      {"threads", "N", "threads to use; default all that this process may. Changes no byte"},
      {"force", "", "replace the folder if it is there, whole and at once"},
      {"quiet", "", "print nothing"},
      {"summary", "table|json", "how the summary is printed; default table", {"table", "json"}},
  };
}

FileFormat format_of(const std::string& name) {
  return name == "csv" ? FileFormat::csv : name == "ndjson" ? FileFormat::ndjson : FileFormat::parquet;
}

std::string summary_table(const GenerateReport& report, const std::string& folder) {
  std::string out;
  for (const OutputFile& file : report.files)
    out += fmt::format("  {:<28} {:>16} rows {:>12}\n", file.name, grouped_count(file.rows), human_bytes(file.bytes));
  const double rate = report.seconds > 0 ? static_cast<double>(report.hes_rows) / report.seconds : 0;
  out += fmt::format(
      "\n{} people, {} hospital rows in {}: {} rows/s; peak memory {}\nwritten "
      "to {}\n",
      grouped_count(report.people), grouped_count(report.hes_rows), human_seconds(report.seconds),
      human_count(static_cast<uint64_t>(rate)), human_bytes(report.peak_memory_bytes), folder);
  return out;
}

std::string summary_json(const GenerateReport& report) {
  using Json = nlohmann::ordered_json;
  Json files = Json::array();
  for (const OutputFile& file : report.files)
    files.push_back({{"name", file.name}, {"rows", file.rows}, {"bytes", file.bytes}, {"digest", file.digest}});
  const Json out{{"files", std::move(files)},
                 {"people", report.people},
                 {"hes_rows", report.hes_rows},
                 {"deaths", report.deaths},
                 {"pds_rows", report.pds_rows},
                 {"cohort_rows", report.cohort_rows},
                 {"contact_rows", report.contact_rows},
                 {"seconds", report.seconds},
                 {"peak_memory_bytes", report.peak_memory_bytes}};
  return out.dump(2) + "\n";
}

// Buffers of some megabytes are taken and given back all the time: left with the process for a second, the next one
// lies in memory that is there. A twelfth of the time went to page faults.
void keep_memory() {
#ifdef TESSERA_MIMALLOC
  constexpr long delay_ms = 1000;
#if MI_MALLOC_VERSION >= 210
  mi_option_set(mi_option_purge_delay, delay_ms);
#else
  mi_option_set(mi_option_decommit_delay, delay_ms);
#endif
#endif
}

Status run(const Arguments& arguments) {
  GenerateOptions asked;
  asked.directory = arguments.positional()[0];
  TESSERA_ASSIGN(asked.people, arguments.number("people", asked.people, 1, uint64_t{1} << 28));
  TESSERA_ASSIGN(asked.hes_rows, arguments.number("hes-rows", asked.hes_rows, 0, uint64_t{1} << 40));
  TESSERA_ASSIGN(asked.seed, arguments.number("seed", asked.seed, 0, UINT64_MAX));
  TESSERA_ASSIGN(const uint64_t threads, arguments.number("threads", asked.threads, 1, 1024));
  TESSERA_ASSIGN(const uint64_t first,
                 arguments.number("first-year", static_cast<uint64_t>(asked.first_year), 1900, 2100));
  TESSERA_ASSIGN(const uint64_t years, arguments.number("years", static_cast<uint64_t>(asked.years), 1, 100));
  TESSERA_ASSIGN(const uint64_t share, arguments.number("cohort-share", asked.cohort_share, 0, 1000));
  asked.cohort_share = static_cast<unsigned>(share);
  asked.threads = static_cast<unsigned>(threads);
  asked.first_year = static_cast<int>(first);
  asked.years = static_cast<int>(years);
  asked.format = format_of(arguments.value("format", "parquet"));
  asked.what = arguments.values("what");
  asked.real_layout = arguments.has("real-layout");
  asked.force = arguments.has("force");
  keep_memory();
  TESSERA_ASSIGN(const GenerateReport report, generate(asked));
  if (arguments.value("summary") == "json") return print(summary_json(report));
  return arguments.has("quiet") ? Status{} : print(summary_table(report, asked.directory));
}

}  // namespace

Command generate_command() {
  return {"generate",
          "FOLDER",
          1,
          1,
          "make realistic test data, with its truth",
          "Makes hospital rows, deaths, a register, a cohort and a list of contacts of "
          "people who do not exist, with the missing "
          "and wrong values that real data have, and who is who in separate "
          "files. The bytes depend on the options and "
          "the seed only.",
          options(),
          run};
}

}  // namespace tessera
