// command.cc: which commands are there, and which options do they take? (see command.h)
#include "cli/command.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "base/text.h"

namespace tessera {
namespace {

namespace po = boost::program_options;

constexpr ExitCode codes[] = {{0, "done"},
                              {1, "an internal fault"},
                              {2, "the command line or the job file is wrong"},
                              {3, "an input cannot be used"},
                              {4, "disk or memory is missing"},
                              {5, "interrupted by SIGINT or SIGTERM"}};

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view dashes) {
  const auto near = nearest(word, known);
  return near ? fmt::format("\nhelp: did you mean {}{}?", dashes, *near) : std::string{};
}

Status check_choices(const Option& option, const std::vector<std::string>& values) {
  for (const std::string& value : values)
    if (!option.choices.empty() &&
        std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
      const std::string near = did_you_mean(value, option.choices, "");
      return fail(
          ErrorCode::usage,
          fmt::format("--{} cannot be \"{}\"{}", option.name, value,
                      near.empty() ? fmt::format("\nhelp: it is one of {}", joined(option.choices, ", ")) : near));
    }
  return {};
}

}  // namespace

std::span<const ExitCode> exit_codes() { return codes; }

std::string Arguments::value(std::string_view name, std::string_view otherwise) const {
  const auto found = options_.find(std::string(name));
  return found == options_.end() || found->second.empty() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = options_.find(std::string(name));
  return found == options_.end() ? std::vector<std::string>{} : found->second;
}

Result<uint64_t> Arguments::number(std::string_view name, uint64_t otherwise, uint64_t least, uint64_t most) const {
  if (!has(name)) return otherwise;
  const std::string text = value(name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
    return fail(ErrorCode::usage,
                fmt::format("--{} must be a whole number from {} to {}, not \"{}\"", name, least, most, text));
  return number;
}

Result<uint64_t> Arguments::bytes(std::string_view name, uint64_t otherwise) const {
  if (!has(name)) return otherwise;
  auto size = parse_bytes(value(name));
  if (!size) return fail(ErrorCode::usage, fmt::format("--{}: {}", name, size.error().message));
  return size;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      link_command(),     train_command(),    forecast_command(),     validate_command(), explain_command(),
      evaluate_command(), generate_command(), pseudonymise_command(), encode_command(),   rekey_command(),
      bridge_command(),   keys_command(),     doctor_command(),       schema_command(),   completions_command(),
      man_command(),      help_command(),     version_command()};
  return all;
}

const Command* find_command(std::string_view name) {
  const auto found =
      std::find_if(commands().begin(), commands().end(), [&](const Command& c) { return c.name == name; });
  return found == commands().end() ? nullptr : &*found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> out;
  for (const Command& command : commands()) out.emplace_back(command.name);
  return out;
}

Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words) {
  po::options_description table;
  std::vector<std::string> known{"help"};
  table.add_options()("help", "");
  for (const Option& option : command.options) {
    known.emplace_back(option.name);
    if (option.value.empty())
      table.add_options()(known.back().c_str(), "");
    else
      table.add_options()(known.back().c_str(), po::value<std::vector<std::string>>()->composing(), "");
  }
  po::options_description with_words;
  with_words.add(table).add_options()(" words", po::value<std::vector<std::string>>());
  po::positional_options_description rest;
  rest.add(" words", -1);

  po::variables_map given;
  try {
    using namespace po::command_line_style;
    po::store(po::command_line_parser(words)
                  .options(with_words)
                  .positional(rest)
                  .style(allow_long | long_allow_adjacent | long_allow_next)
                  .run(),
              given);
  } catch (const po::unknown_option& e) {
    std::string name = e.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    return fail(ErrorCode::usage,
                fmt::format("{} has no option --{}{}", command.name, name, did_you_mean(name, known, "--")));
  } catch (const po::error& e) {
    return fail(ErrorCode::usage, fmt::format("{}: {}", command.name, e.what()));
  }

  std::map<std::string, std::vector<std::string>> options;
  for (const auto& [name, value] : given) {
    if (name == " words") continue;
    const auto* values = boost::any_cast<std::vector<std::string>>(&value.value());  // of a flag: none
    options[name] = values == nullptr ? std::vector<std::string>{} : *values;
  }
  std::vector<std::string> positional;
  if (given.contains(" words")) positional = given[" words"].as<std::vector<std::string>>();
  if (options.contains("help")) return Arguments(std::move(options), std::move(positional));

  for (const Option& option : command.options) {
    const auto found = options.find(std::string(option.name));
    if (found == options.end()) continue;
    if (!option.many && found->second.size() > 1)
      return fail(ErrorCode::usage, fmt::format("--{} is given twice", option.name));
    TESSERA_TRY(check_choices(option, found->second));
  }
  // A single dash is no option here: "-f" would otherwise be taken for a file.
  for (const std::string& word : positional)
    if (word.size() > 1 && word[0] == '-')
      return fail(ErrorCode::usage,
                  fmt::format("{} has no option {}{}", command.name, word, did_you_mean(word.substr(1), known, "--")));
  if (positional.size() < command.arguments_least)
    return fail(ErrorCode::usage, fmt::format("{} needs {}\nhelp: tessera {} {}", command.name, command.arguments,
                                              command.name, command.arguments));
  if (positional.size() > command.arguments_most)
    return fail(ErrorCode::usage, fmt::format("{} takes {}, and there is one more: {}", command.name,
                                              command.arguments.empty() ? "no arguments" : command.arguments,
                                              positional[command.arguments_most]));
  return Arguments(std::move(options), std::move(positional));
}

Status print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return fail(ErrorCode::resource, fmt::format("cannot write to stdout: {}", std::strerror(errno)));
  return {};
}

}  // namespace tessera
