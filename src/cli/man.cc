// man.cc: tessera man
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"

namespace tessera {
namespace {

// roff reads a leading dot or quote as a command, and - as a hyphen.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

Status run(const Arguments&) {
  std::string out = fmt::format(".TH TESSERA 1 \"\" \"tessera {}\" \"User Commands\"\n", TESSERA_VERSION);
  out += ".SH NAME\ntessera \\- link the records of one person across data sets\n";
  out += ".SH SYNOPSIS\n.B tessera\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n";
  out += ".SH DESCRIPTION\nLinks data sets in ranked deterministic passes, as a job file in JSON says.\n.SH COMMANDS\n";
  for (const Command& command : commands()) {
    out += fmt::format(".SS \"tessera {}{}{}\"\n{}\n", roff(command.name), command.arguments.empty() ? "" : " ",
                       roff(command.arguments), roff(command.description));
    for (const Option& option : command.options) {
      out += fmt::format(".TP\n\\fB\\-\\-{}\\fR{}\n{}", roff(option.name),
                         option.value.empty() ? "" : fmt::format(" \\fI{}\\fR", roff(option.value)), roff(option.help));
      if (!option.choices.empty()) out += roff(fmt::format(" ({})", joined(option.choices, ", ")));
      out += "\n";
    }
  }
  out += ".SH EXIT STATUS\n";
  for (const ExitCode& code : exit_codes()) out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", code.code, roff(code.meaning));
  out +=
      ".SH ENVIRONMENT\n.TP\n\\fBTESSERA_KERNELS\\fR\nscalar, avx2 or avx512: use these kernels instead of the best "
      "that the processor has\n";
  out += ".TP\n\\fBNO_COLOR\\fR\nwhen set, no colour is used on a terminal\n";
  return print(out);
}

}  // namespace

Command man_command() {
  return {"man", "", 0, 0, "print the manual page", "Prints the manual page of tessera in roff: tessera man | man -l -",
          {},    run};
}

}  // namespace tessera
