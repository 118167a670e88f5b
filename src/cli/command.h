// command.h: which commands are there, and which options do they take?
//
// Each command is one file that says so in one table. From the tables come the
// parsing, the help, the man page and the shell completions, so they agree.
//
// Not here: what the commands do (include/tessera/engine.h).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/error.h"

namespace tessera {

struct Option {
  std::string_view name;   // without the dashes
  std::string_view value;  // what its value is called in the help; empty: a flag
  std::string_view help;
  std::vector<std::string> choices{};  // of the value; empty: any
  bool many = false;                   // may be given again
};

// The options and arguments of one call, checked against the table.
class Arguments {
 public:
  Arguments(std::map<std::string, std::vector<std::string>> options, std::vector<std::string> positional)
      : options_(std::move(options)), positional_(std::move(positional)) {}
  [[nodiscard]] bool has(std::string_view name) const { return options_.contains(std::string(name)); }
  // The value, or `otherwise` when it was not given.
  [[nodiscard]] std::string value(std::string_view name, std::string_view otherwise = "") const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }
  // Fails: usage (2) unless the value is a whole number in [least, most].
  [[nodiscard]] Result<uint64_t> number(std::string_view name, uint64_t otherwise, uint64_t least, uint64_t most) const;
  // Fails: usage (2) unless the value is a size such as 4GiB.
  [[nodiscard]] Result<uint64_t> bytes(std::string_view name, uint64_t otherwise) const;

 private:
  std::map<std::string, std::vector<std::string>> options_;
  std::vector<std::string> positional_;
};

struct Command {
  std::string_view name;
  std::string_view arguments;  // "JOB", "[COMMAND]"
  size_t arguments_least = 0, arguments_most = 0;
  std::string_view summary;      // one line
  std::string_view description;  // for its help and the man page
  std::vector<Option> options;
  Status (*run)(const Arguments&);
};

// In the order of the help.
[[nodiscard]] const std::vector<Command>& commands();
[[nodiscard]] const Command* find_command(std::string_view name);
[[nodiscard]] std::vector<std::string> command_names();

// Fails: usage (2), with the nearest option as suggestion. `--help` is always known.
[[nodiscard]] Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words);

[[nodiscard]] std::string overview_text();                     // of all commands
[[nodiscard]] std::string usage_text(const Command& command);  // of one

// Results, and nothing else, go to stdout. Fails: resource (4) when it cannot take them.
Status print(std::string_view text);

struct ExitCode {
  int code;
  std::string_view meaning;
};
[[nodiscard]] std::span<const ExitCode> exit_codes();

// One file each.
Command link_command();
Command validate_command();
Command explain_command();
Command train_command();
Command forecast_command();
Command evaluate_command();
Command bridge_command();
Command generate_command();
Command encode_command();
Command rekey_command();
Command pseudonymise_command();
Command keys_command();
Command doctor_command();
Command schema_command();
Command completions_command();
Command man_command();
Command help_command();
Command version_command();

}  // namespace tessera
