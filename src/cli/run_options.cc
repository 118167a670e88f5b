// run_options.cc: which options do the commands that run jobs share? (see run_options.h)
#include "cli/run_options.h"

#include "base/log.h"

namespace tessera {

std::vector<Option> run_option_table() {
  return {
      {"threads", "N", "threads to use; default all that this process may"},
      {"memory", "SIZE", "memory to stay within, such as 8GiB; default three quarters of the machine"},
      {"spill", "FOLDER", "where to put what does not fit in memory; default beside the output"},
      {"rounds", "N",
       "times that the from side may be read for a to side that does not fit in memory; default 4. Changes no result"},
      {"batch-size", "SIZE", "input that a task holds at a time; default 4MiB. Changes no result"},
      {"batch-rows", "N", "rows that are worked on at a time; default 16384. Changes no result"},
  };
}

Result<RunOptions> run_options(const Arguments& arguments) {
  RunOptions options;
  TESSERA_ASSIGN(const uint64_t threads, arguments.number("threads", options.threads, 1, 1024));
  TESSERA_ASSIGN(const uint64_t rows, arguments.number("batch-rows", options.batch_rows, 1, 1u << 24));
  TESSERA_ASSIGN(options.memory_bytes, arguments.bytes("memory", options.memory_bytes));
  TESSERA_ASSIGN(options.batch_bytes, arguments.bytes("batch-size", options.batch_bytes));
  TESSERA_ASSIGN(const uint64_t rounds, arguments.number("rounds", options.rounds_max, 0, 32));
  options.threads = static_cast<unsigned>(threads);
  options.rounds_max = static_cast<unsigned>(rounds);
  options.batch_rows = static_cast<size_t>(rows);
  options.spill_directory = arguments.value("spill");
  if (options.batch_bytes < 1024 || options.batch_bytes > (1ull << 30))
    return fail(ErrorCode::usage, "--batch-size must be from 1KiB to 1GiB");
  return options;
}

std::vector<Option> telling_option_table() {
  return {{"format", "table|json", "how the summary is printed; default table", {"table", "json"}},
          {"progress",
           "WHEN",
           "progress on stderr; default automatic: when that is a terminal",
           {"auto", "always", "never"}},
          {"log", "plain|json", "how messages are written to stderr; default plain", {"plain", "json"}}};
}

Result<RunOptions> telling_options(const Arguments& arguments) {
  TESSERA_ASSIGN(RunOptions options, run_options(arguments));
  const std::string progress = arguments.value("progress", "auto");
  options.progress = progress == "always"  ? RunOptions::Progress::always
                     : progress == "never" ? RunOptions::Progress::never
                                           : RunOptions::Progress::automatic;
  options.force = arguments.has("force");
  options.strict = arguments.has("strict");
  options.quiet = arguments.has("quiet");
  options.log_json = arguments.value("log") == "json";
  start_log(options.log_json ? LogFormat::json : LogFormat::plain, options.quiet ? LogLevel::warning : LogLevel::info);
  return options;
}

}  // namespace tessera
