// The self-tests are few, quick and known by heart: values from the sources of the kernels, the empty digest of
// xxHash's own tests, and a job of three rows whose links anyone can see.
#include "services/doctor.h"

#include <arrow/util/config.h>
#include <fmt/format.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/version.h>
#include <openssl/crypto.h>
#include <spdlog/version.h>
#include <xxhash.h>

#include <array>
#include <boost/version.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cpu.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/publish.h"
#include "base/text.h"
#include "base/version.h"
#include "kernels/date.h"
#include "kernels/nhs_number.h"
#include "kernels/postcode.h"
#include "kernels/sex.h"
#include "kernels/soundex.h"
#include "tessera/engine.h"
#include "tessera/job.h"

namespace tessera {
namespace {

Status must(bool holds, std::string_view what) {
  if (holds) return {};
  return fail(ErrorCode::internal, std::string(what));
}

Status test_kernels() {
  TESSERA_TRY(check_kernels());
  TESSERA_TRY(must(nhs_number("943 476 5919", false).word == 9434765919, "NHS number: a good check digit is refused"));
  TESSERA_TRY(
      must(nhs_number("943 476 5918", false).why == Invalid::check_digit, "NHS number: a bad check digit passes"));
  TESSERA_ASSIGN(const DateFormat format, DateFormat::compile("%d%m%Y"));
  TESSERA_TRY(must(format.read("29022000").word == date_of_parts(2000, 2, 29), "date: 29 February 2000 is not read"));
  TESSERA_TRY(must(format.read("29021900").why == Invalid::not_a_date, "date: 29 February 1900 is read"));
  TESSERA_TRY(must(day_number(date_of_parts(2000, 2, 29)) == 11016, "date: the days since 1970 are miscounted"));
  TESSERA_TRY(must(postcode("m11ae").word == postcode("M1  1AE").word && postcode("m11ae").word != 0,
                   "postcode: two spellings of one differ"));
  TESSERA_TRY(must(sex("female") == sex("2") && sex("1").word == 1, "sex: words and codes differ"));
  const std::array<char, 4> code = soundex("TYMCZAK");
  return must(std::string_view(code.data(), code.size()) == "T522", "soundex: TYMCZAK is not T522");
}

Status test_hash() {
  return must(XXH3_64bits("", 0) == 0x2d06800538d394c2, "xxHash: the digest of nothing is not the published one");
}

void put(const std::string& path, std::string_view text) { std::ofstream(path) << text; }

Status test_publish(const std::string& folder) {
  const std::string target = folder + "/published";
  for (const bool force : {false, true}) {
    TESSERA_ASSIGN(OutputDirectory out, OutputDirectory::begin(target, force));
    put(out.file("rows"), force ? "second" : "first");
    TESSERA_TRY(out.publish());
  }
  std::ifstream file(target + "/rows");
  std::string word;
  file >> word;
  return must(file && word == "second", "publish: a directory was not replaced");
}

// a: by NHS number and date of birth. b: by sex, date of birth and postcode. c: died nowhere.
Status test_link(const std::string& folder) {
  put(folder + "/stays.csv",
      "ID,NHS,DOB,SEX,POSTCODE\n"
      "a,9434765919,1950-03-01,1,M1 1AE\n"
      "b,,1961-04-02,2,SW1A 2AA\n"
      "c,,1972-05-03,2,M1 1AE\n");
  put(folder + "/deaths.csv",
      "ID,NHS,DOB,SEX,POSTCODE\n"
      "x,943 476 5919,1950-03-01,1,\n"
      "y,,1961-04-02,F,sw1a2aa\n");
  put(folder + "/job.json", R"({
    "job": "self-test",
    "inputs": {
      "stays": {"path": "stays.csv", "id": "ID",
                "fields": {"nhs_number": "NHS", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE"}},
      "deaths": {"path": "deaths.csv", "id": "ID",
                 "fields": {"nhs_number": "NHS", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE"}}},
    "link": [{"from": "stays", "to": "deaths",
              "passes": [{"rank": 1, "agree": ["nhs_number", "dob"]}, {"rank": 2, "agree": ["sex", "dob", "postcode"]}]}],
    "output": {"directory": "linked", "format": "parquet"}})");
  TESSERA_ASSIGN(const Job job, load_job(folder + "/job.json"));
  TESSERA_ASSIGN(const LinkReport report,
                 run_link(job, {.threads = 2, .progress = RunOptions::Progress::never, .quiet = true}));
  const auto& ranks = report.steps.at(0).ranks;
  return must(ranks.size() == 2 && ranks[0].links == 1 && ranks[1].links == 1,
              "link: a job of three rows and two deaths does not give one link at each of two ranks");
}

std::string huge_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string text;
  std::getline(file, text);  // always [madvise] never
  const size_t begin = text.find('['), end = text.find(']');
  return begin == std::string::npos || end == std::string::npos ? "none" : text.substr(begin + 1, end - begin - 1);
}

std::string libraries() {
  const unsigned xxhash = XXH_versionNumber();
  return fmt::format(
      "Arrow {}, oneTBB {}, xxHash {}.{}.{}, simdjson {}, OpenSSL {}, Boost {}.{}.{}, fmt {}.{}.{}, spdlog {}.{}.{}",
      ARROW_VERSION_STRING, TBB_VERSION_STRING, xxhash / 10000, xxhash / 100 % 100, xxhash % 100,
      TESSERA_SIMDJSON_VERSION, OpenSSL_version(OPENSSL_VERSION_STRING), BOOST_VERSION / 100000,
      BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
      SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
}

}  // namespace

Diagnosis examine(const std::string& folder) {
  Diagnosis out;
  const auto say = [&](std::string_view name, std::string_view text) {
    out.text += fmt::format("{:<10} {}\n", name, text);
  };
  const auto fail_with = [&](const Error& error) {
    out.healthy = false;
    return "FAILED: " + error.message;
  };
#ifdef __clang__
  say("tessera", fmt::format("{}, compiled by clang " __clang_version__, tessera_version()));
#else
  say("tessera", fmt::format("{}, compiled by gcc " __VERSION__, tessera_version()));
#endif
  say("libraries", libraries());
  say("processor", processor_text());
  const Status wish = check_kernels();
  say("kernels", wish ? name_of(kernels()) : fail_with(wish.error()));
  say("cores", std::to_string(oneapi::tbb::info::default_concurrency()));
  say("memory", fmt::format("{}, huge pages: {}", human_bytes(machine_memory_bytes()), huge_pages()));

  const auto disk = free_disk_bytes(folder);
  say("disk", disk ? fmt::format("{} free in {}", human_bytes(*disk), folder) : fail_with(disk.error()));
  const auto scratch = SpillDirectory::begin(folder);
  if (!scratch) {
    say("self-test", fail_with(scratch.error()));
    return out;
  }

  const std::vector<std::pair<std::string_view, std::function<Status()>>> tests = {
      {"kernels", test_kernels},
      {"hash", test_hash},
      {"publish", [&] { return test_publish(scratch->path()); }},
      {"link", [&] { return test_link(scratch->path()); }}};
  for (const auto& [name, test] : tests) {
    const auto start = std::chrono::steady_clock::now();
    const Status status = test();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    say("self-test",
        fmt::format("{:<8} {}", name,
                    status ? fmt::format("ok, {}", human_seconds(elapsed.count())) : fail_with(status.error())));
  }
  return out;
}

}  // namespace tessera
