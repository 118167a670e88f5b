// log.h: what does the operator get to read while we work?
//
//   plain   12:03:44 reading hes
//   json    {"time":"2024-05-01T12:03:44.120Z","level":"info","message":"reading hes","rows":"100000"}
//
// To stderr only: stdout holds nothing but results. A message never holds a person's value or a key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tessera {

enum class LogFormat : uint8_t { plain, json };
enum class LogLevel : uint8_t { debug, info, warning, error };

// Before it is called, the log is plain and shows warnings and errors. From one thread.
void start_log(LogFormat format, LogLevel least);

// Facts to go with a message: `name=value` when plain, members when JSON.
using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

// From any thread.
void log(LogLevel level, std::string_view message, LogFields fields = {});

// The line that log() writes, without time and newline colour. For tests and for `log`.
[[nodiscard]] std::string log_line(LogFormat format, LogLevel level, std::string_view message, LogFields fields);

// May we colour what goes to stderr? A terminal, and NO_COLOR not set.
[[nodiscard]] bool colour_on_stderr();

}  // namespace tessera
