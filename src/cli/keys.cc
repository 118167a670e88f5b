// keys.cc: tessera keys new|show|check|rotate
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "pseudonymise/pseudonymise.h"

namespace tessera {
namespace {

const std::vector<std::string> actions = {"new", "show", "check", "rotate"};

// All that may be said of a key.
std::string told(const SecretKey& key) {
  return fmt::format("key id   {}\ncreated  {}\n{}check    {}\n", key.key_id(), key.created(),
                     key.follows().empty() ? "" : fmt::format("follows  {}\n", key.follows()), key.check());
}

void warn_if_unlocked() {
  if (!secrets_are_locked()) log(LogLevel::warning, unlocked_secrets_warning());
}

Status write_new(std::string follows, const std::string& path) {
  TESSERA_ASSIGN(const SecretKey key, SecretKey::draw(std::move(follows)));
  TESSERA_TRY(key.write(path));
  warn_if_unlocked();
  return print(told(key));
}

Status run(const Arguments& arguments) {
  const std::string& action = arguments.positional()[0];
  if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
    const auto near = nearest(action, actions);
    return fail(ErrorCode::usage, fmt::format("keys cannot \"{}\"\nhelp: {}", action,
                                              near ? fmt::format("did you mean {}?", *near)
                                                   : fmt::format("it can {}", joined(actions, ", "))));
  }
  start_log(LogFormat::plain, LogLevel::warning);
  const bool writes = action == "new" || action == "rotate", reads = action != "new";
  if (reads != (arguments.positional().size() == 2))
    return fail(ErrorCode::usage, reads ? fmt::format("keys {} needs the key file", action)
                                        : "keys new takes no file but the one of --out FILE");
  if (writes != arguments.has("out"))
    return fail(ErrorCode::usage, writes ? fmt::format("keys {} needs --out FILE: where the new key is written", action)
                                         : fmt::format("keys {} writes nothing, so it takes no --out", action));
  const std::string out = arguments.value("out");
  if (!reads) return write_new({}, out);
  TESSERA_ASSIGN(const SecretKey key, SecretKey::read(arguments.positional()[1]));
  if (writes) return write_new(key.key_id(), out);
  warn_if_unlocked();
  return print(action == "show" ? told(key)
                                : fmt::format("{}: whole, key id {}\n", arguments.positional()[1], key.key_id()));
}

}  // namespace

Command keys_command() {
  return {
      "keys",
      "new|show|check|rotate [FILE]",
      1,
      2,
      "make, look at, check or follow a key file",
      "A key file holds the secret of which tokens are made (tessera pseudonymise). It is read and written 0600 only, "
      "and no command prints the secret. `new --out FILE` draws one; `show FILE` prints its key id, date and check "
      "value; `check FILE` says whether it is whole; `rotate FILE --out NEW` draws another that names the one that it "
      "follows. A file that is there is never replaced.",
      {{"out", "FILE", "where new and rotate write the key; it must not be there"}},
      run};
}

}  // namespace tessera
