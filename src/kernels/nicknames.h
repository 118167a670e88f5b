// nicknames.h: may two given names be one?
//
//   NAME,FORM         BILL and WILLIAM: yes, the one is a form of the other
//   WILLIAM,BILL      BILL and LIAM: yes, both are forms of one name
//   WILLIAM,LIAM      JACK and JAKE: yes by JACOB; JACK and IAN: yes by JOHN
//   JOHN,JACK ...     JAKE and IAN: no. Forms are not handed on from name to name.
//
// The table is configs/nicknames.csv, which the binary holds; a job may name another file of the same two columns.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tessera/error.h"

namespace tessera {

class Nicknames {
 public:
  // The table that is shipped.
  static const Nicknames& ours();

  // A CSV file with the header NAME,FORM; both are written as standardised names are (fold_name).
  // Fails: data (3) with file and line where it is no such table, resource (4) where it cannot be read.
  static Result<Nicknames> read(const std::string& path);
  static Result<Nicknames> parse(std::string_view text, const std::string& path);

  // Equal, or each a form of one name; a name is a form of itself. Symmetric. Requires: names as fold_name writes
  // them. May be called from any thread.
  [[nodiscard]] bool alike(std::string_view a, std::string_view b) const;

  [[nodiscard]] size_t pairs() const { return pairs_; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  void add(const std::string& form, uint32_t name);

  // Of each form the names that it stands for, ascending.
  std::unordered_map<std::string, std::vector<uint32_t>, Hash, std::equal_to<>> names_of_;
  size_t pairs_ = 0;
};

}  // namespace tessera
