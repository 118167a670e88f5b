// main.cc: where does a call of tessera begin and end?
//
// The only place that turns errors into exit codes.
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <typeinfo>
#include <vector>

#include <fmt/format.h>

#include "base/interrupt.h"
#include "base/private.h"
#include "base/progress.h"
#include "base/text.h"
#include "cli/command.h"

namespace tessera {
namespace {

Status run(std::vector<std::string> words) {
  if (words.empty()) return fail(ErrorCode::usage, overview_text());
  if (words[0] == "--help" || words[0] == "-h") words[0] = "help";
  if (words[0] == "--version") words[0] = "version";
  const Command* command = find_command(words[0]);
  if (command == nullptr) {
    const auto near = nearest(words[0], command_names());
    return fail(ErrorCode::usage,
                fmt::format("there is no command {}\nhelp: {}", words[0],
                            near ? fmt::format("did you mean {}?", *near) : "tessera help lists them"));
  }
  words.erase(words.begin());
  TESSERA_ASSIGN(const Arguments arguments, parse_arguments(*command, words));
  if (arguments.has("help")) return print(usage_text(*command));
  return command->run(arguments);
}

int tell(const Error& error) {
  clear_progress_line();
  fmt::print(stderr, "{}{}", error.message, error.message.ends_with('\n') ? "" : "\n");
  return static_cast<int>(error.code);
}

}  // namespace
}  // namespace tessera

int main(int count, char** words) {
  using namespace tessera;
  keep_private();
  watch_interrupts();
  try {
    const Status status = run(std::vector<std::string>(words + 1, words + count));
    return status ? 0 : tell(status.error());
  } catch (const std::bad_alloc&) {
    return tell({ErrorCode::resource, "out of memory\nhelp: give less with --memory, so that more goes to disk"});
  } catch (const std::exception& e) {
    // Its text might quote data; its type does not.
    return tell({ErrorCode::internal, fmt::format("an internal fault ({}): please report it", typeid(e).name())});
  }
}
