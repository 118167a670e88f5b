// help.cc: tessera help [COMMAND]
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"

namespace tessera {
namespace {

constexpr size_t line_max = 100;

// Words set into lines that begin with `indent` spaces; the first line has them already.
std::string filled(std::string_view text, size_t indent) {
  std::string out;
  size_t column = indent;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (column > indent && column + 1 + word.size() > line_max) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    at = end + 1;
  }
  return out;
}

Status run(const Arguments& arguments) {
  if (arguments.positional().empty()) return print(overview_text());
  const std::string& name = arguments.positional()[0];
  const Command* command = find_command(name);
  if (command != nullptr) return print(usage_text(*command));
  const auto near = nearest(name, command_names());
  return fail(ErrorCode::usage, fmt::format("there is no command {}\nhelp: {}", name,
                                            near ? fmt::format("did you mean {}?", *near) : "tessera help lists them"));
}

}  // namespace

std::string overview_text() {
  std::string out =
      "Usage: tessera COMMAND [ARGUMENTS]\n\nLinks the records of one person across data sets, as a job file says.\n\n";
  constexpr size_t width = 28;
  for (const Command& command : commands()) {
    const std::string usage = fmt::format("{} {}", command.name, command.arguments);
    const std::string before = usage.size() < width ? "" : usage + "\n  ";  // a long one has a line of its own
    out += fmt::format("  {}{:<{}}{}\n", before, before.empty() ? usage : "", width, command.summary);
  }
  out += "\ntessera help COMMAND tells more; the job file is described in docs/job.md.\n\nExit codes:\n";
  for (const ExitCode& code : exit_codes()) out += fmt::format("  {}  {}\n", code.code, code.meaning);
  return out;
}

std::string usage_text(const Command& command) {
  std::string out =
      fmt::format("Usage: tessera {}{}{}{}\n\n{}\n", command.name, command.options.empty() ? "" : " [OPTIONS]",
                  command.arguments.empty() ? "" : " ", command.arguments, filled(command.description, 0));
  if (command.options.empty()) return out;
  out += "\nOptions:\n";
  for (const Option& option : command.options) {
    const std::string left = fmt::format("--{}{}{}", option.name, option.value.empty() ? "" : " ", option.value);
    std::string help(option.help);
    if (!option.choices.empty()) help += fmt::format(" ({})", joined(option.choices, ", "));
    out += fmt::format("  {:<24}{}\n", left, filled(help, 26));
  }
  return out;
}

Command help_command() {
  return {
      "help", "[COMMAND]", 0, 1, "list the commands, or tell about one", "Prints what a command does and its options.",
      {},     run};
}

}  // namespace tessera
