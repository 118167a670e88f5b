// generate.cc: the files of a country, one after another, each made by all threads.
#include "generate/generate.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>

#include "base/memory.h"
#include "base/publish.h"
#include "generate/activity.h"
#include "generate/contacts.h"
#include "generate/country.h"
#include "generate/hes.h"
#include "generate/registers.h"
#include "generate/table.h"
#include "write/write.h"

namespace tessera {
namespace {

using namespace generate_detail;

constexpr const char* table_names[] = {"hes", "deaths", "pds", "cohort", "contacts"};

bool wanted(const GenerateOptions& options, std::string_view table) {
  if (options.what.empty()) return table != "contacts";  // for who asks for it
  return std::find(options.what.begin(), options.what.end(), table) != options.what.end();
}

Status check(const GenerateOptions& options, uint64_t rows) {
  if (options.directory.empty()) return fail(ErrorCode::usage, "generate: an output directory is needed");
  if (options.people < 1 || options.people > uint64_t{1} << 28)
    return fail(ErrorCode::usage, "generate: people must be 1 to 268435456");
  if (options.years < 1 || options.years > 100 || options.first_year < 1900 ||
      options.first_year + options.years > 2200)
    return fail(ErrorCode::usage, "generate: 1 to 100 years from 1900 to 2200");
  // Ids have room for 10^8 rows a year; counts vary, and years are not alike.
  if (rows / static_cast<uint64_t>(options.years) > 80'000'000)
    return fail(ErrorCode::usage, "generate: at most 80 million HES rows a year");
  if (options.cohort_share > 1000) return fail(ErrorCode::usage, "generate: the cohort is 0 to 1000 of 1000 people");
  for (const std::string& what : options.what) {
    if (std::find(std::begin(table_names), std::end(table_names), what) == std::end(table_names))
      return fail(ErrorCode::usage,
                  "generate: no table is called '" + what + "'; there are hes, deaths, pds, cohort and contacts");
  }
  return {};
}

// The postcodes where many people live: what a linkage must not take for a home.
Result<OutputFile> write_communal(const Country& country, const OutputDirectory& directory) {
  std::vector<std::string> texts(country.communal_count());
  for (uint64_t i = 0; i < texts.size(); ++i) {
    char text[8];
    texts[i].assign(text, single_spaced(country.places().text(country.communal(i)), text));
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  TESSERA_ASSIGN(const std::unique_ptr<TableWriter> writer,
                 make_table_writer(directory.file("communal.csv"), "communal.csv", FileFormat::csv,
                                   {{"POSTCODE", OutType::text, false}}));
  TESSERA_TRY(writer->append(writer->prepare({.rows = views.size(), .columns = {{.texts = views}}})));
  return writer->close();
}

Result<std::vector<TableFiles>> close_all(const std::vector<MadeTable>& tables) {
  std::vector<TableFiles> out;
  for (const MadeTable& table : tables) {
    TESSERA_ASSIGN(TableFiles files, table.close());
    out.push_back(std::move(files));
  }
  return out;
}

Result<GenerateReport> write_all(const GenerateOptions& options, uint64_t rows, unsigned threads) {
  const FileFormat format = options.format == FileFormat::by_name ? FileFormat::parquet : options.format;
  TESSERA_ASSIGN(OutputDirectory directory, OutputDirectory::begin(options.directory, options.force));
  const Country country(options.seed, options.people, options.first_year, options.years);
  GenerateReport report{.people = options.people};
  Pool<Rows> pool;
  // What columns refer to until their file is closed.
  const BirthTexts dates(country.first_day(), country.end_day());
  std::optional<Activity> activity;
  std::optional<HospitalEpisodes> episodes;
  // While one table is closed, which is waiting for the disk, the next one is made.
  std::future<Result<std::vector<TableFiles>>> closing;
  uint64_t* closing_count = nullptr;
  const auto closed = [&]() -> Status {
    if (!closing.valid()) return {};
    TESSERA_ASSIGN(std::vector<TableFiles> tables, closing.get());
    for (TableFiles& files : tables) {
      *closing_count += files.data.rows;
      report.files.push_back(std::move(files.data));
      report.files.push_back(std::move(files.truth));
    }
    return {};
  };
  const auto write = [&](const TableJob& job, uint64_t& count) -> Status {
    TESSERA_ASSIGN(std::vector<MadeTable> tables, write_tables(job, directory, format, threads, pool));
    TESSERA_TRY(closed());
    closing = std::async(std::launch::async, [made = std::move(tables)] { return close_all(made); });
    closing_count = &count;
    return {};
  };

  if (wanted(options, "hes")) {
    activity.emplace(country, options.first_year, options.years, rows);
    episodes.emplace(country, *activity, dates, options.first_year, options.years, rows);
    for (int year = options.first_year; year < options.first_year + options.years; ++year) {
      TESSERA_TRY(write(options.real_layout ? episodes->real_files(year) : episodes->file(year), report.hes_rows));
    }
  }
  if (wanted(options, "deaths")) TESSERA_TRY(write(deaths_file(country), report.deaths));
  if (wanted(options, "pds")) TESSERA_TRY(write(pds_file(country, dates), report.pds_rows));
  if (wanted(options, "cohort"))
    TESSERA_TRY(write(cohort_file(country, options.cohort_share / 1000.0), report.cohort_rows));
  if (wanted(options, "contacts")) TESSERA_TRY(write(contacts_file(country), report.contact_rows));
  TESSERA_TRY(closed());
  TESSERA_ASSIGN(OutputFile communal, write_communal(country, directory));
  report.files.push_back(std::move(communal));
  TESSERA_TRY(directory.publish());
  std::sort(report.files.begin(), report.files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return report;
}

}  // namespace

Result<GenerateReport> generate(const GenerateOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const uint64_t rows = options.hes_rows != 0 ? options.hes_rows : 16 * options.people;
  TESSERA_TRY(check(options, rows));
  const unsigned threads =
      options.threads != 0 ? options.threads : static_cast<unsigned>(oneapi::tbb::info::default_concurrency());
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads);
  oneapi::tbb::task_arena arena(static_cast<int>(threads));
  TESSERA_ASSIGN(GenerateReport report, arena.execute([&] { return write_all(options, rows, threads); }));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.peak_memory_bytes = peak_memory_bytes();
  return report;
}

}  // namespace tessera
