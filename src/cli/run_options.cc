// run_options.cc: which options do link and explain share? (see run_options.h)
#include "cli/run_options.h"

namespace tessera {

std::vector<Option> run_option_table() {
  return {
      {"threads", "N", "threads to use; default all that this process may"},
      {"memory", "SIZE", "memory to stay within, such as 8GiB; default three quarters of the machine"},
      {"spill", "FOLDER", "where to put what does not fit in memory; default beside the output"},
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
  options.threads = static_cast<unsigned>(threads);
  options.batch_rows = static_cast<size_t>(rows);
  options.spill_directory = arguments.value("spill");
  if (options.batch_bytes < 1024 || options.batch_bytes > (1ull << 30))
    return fail(ErrorCode::usage, "--batch-size must be from 1KiB to 1GiB");
  return options;
}

}  // namespace tessera
