// mistakes.h: what is wrong with a job file, and where?
//
//   jobs/mine.json:7:18: unknown key "postcod"
//         "sex": "SEX", "postcod": "HOMEADD"
//                       ^~~~~~~~~
//   help: did you mean "postcode"?
//
// Mistakes are gathered, so that one run shows them all, and told in the order of the file.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/error.h"

namespace tessera {

// Bytes [begin, end) of the job file.
struct Place {
  size_t begin = 0;
  size_t end = 0;
};

class Mistakes {
 public:
  Mistakes(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

  // The same mistake at the same place is told once.
  void add(Place place, std::string what, std::string help = {});

  // Mistakes of another file, which the job names at that place; told as they are.
  void add_told(Place place, std::string told);

  // While pinned, every mistake is told at that place: the pass lists that are
  // built in have no place in the file but the line that names them.
  void pin(std::optional<Place> place) { pinned_ = place; }

  [[nodiscard]] size_t count() const { return mistakes_.size(); }
  // The first 20, as above. Requires: count() > 0.
  [[nodiscard]] Error error() const;
  // "file:line:column" of a place; columns count characters, from 1.
  [[nodiscard]] std::string position(size_t offset) const;

 private:
  struct Mistake {
    Place place;
    std::string what;
    std::string help;
    bool told = false;  // `what` is the whole message
  };
  [[nodiscard]] std::string show(const Mistake&) const;

  std::string path_;
  std::string text_;
  std::vector<Mistake> mistakes_;
  std::optional<Place> pinned_;
};

// `did you mean "postcode"?`, else `PREFIX a, b, c`; empty when nothing is known.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string> known,
                                     std::string_view prefix);

// a, b, c; cut after 20.
[[nodiscard]] std::string listing(std::span<const std::string> names);

}  // namespace tessera
