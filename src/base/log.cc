#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/progress.h"

namespace tessera {
namespace {

struct LevelName {
  spdlog::level::level_enum level;
  const char* name;
  const char* colour;
};
constexpr LevelName levels[] = {{spdlog::level::debug, "debug", "\033[2m"},
                                {spdlog::level::info, "info", ""},
                                {spdlog::level::warn, "warning", "\033[33m"},
                                {spdlog::level::err, "error", "\033[31m"}};
const LevelName& named(LogLevel level) { return levels[static_cast<size_t>(level)]; }

struct Log {
  LogFormat format = LogFormat::plain;
  std::shared_ptr<spdlog::logger> logger =
      std::make_shared<spdlog::logger>("tessera", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  Log() { set(LogFormat::plain, LogLevel::warning); }

  void set(LogFormat wanted, LogLevel least) {
    format = wanted;
    logger->set_level(named(least).level);
    logger->flush_on(spdlog::level::debug);
    // UTC in the machine's lines, the operator's clock in the person's. log_line() opens the JSON object's rest.
    if (format == LogFormat::json)
      logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)", spdlog::pattern_time_type::utc);
    else
      logger->set_pattern("%H:%M:%S %v", spdlog::pattern_time_type::local);
  }
};

Log& the_log() {
  static Log log;
  return log;
}

}  // namespace

void start_log(LogFormat format, LogLevel least) { the_log().set(format, least); }

std::string log_line(LogFormat format, LogLevel level, std::string_view message, LogFields fields) {
  if (format == LogFormat::json) {
    nlohmann::ordered_json line;
    line["level"] = named(level).name;
    line["message"] = message;
    for (const auto& [name, value] : fields) line[std::string(name)] = value;
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  std::string text =
      level >= LogLevel::warning ? fmt::format("{}: {}", named(level).name, message) : std::string(message);
  for (const auto& [name, value] : fields) text += fmt::format("  {}={}", name, value);
  return text;
}

void log(LogLevel level, std::string_view message, LogFields fields) {
  Log& out = the_log();
  if (!out.logger->should_log(named(level).level)) return;
  std::string line = log_line(out.format, level, message, fields);
  if (out.format == LogFormat::json)
    line.erase(0, 1);  // the pattern has opened the object
  else if (colour_on_stderr() && *named(level).colour != '\0')
    line = named(level).colour + line + "\033[0m";
  clear_progress_line();
  out.logger->log(named(level).level, spdlog::string_view_t(line));
}

bool colour_on_stderr() {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && stderr_is_terminal();
}

}  // namespace tessera
