// agree.h: do the fast kernels and their slow twins say the same of some bytes?
#pragma once

#include <string>
#include <vector>

#include "kernels/date.h"
#include "kernels/integer.h"
#include "kernels/name.h"
#include "kernels/nhs_number.h"
#include "kernels/postcode.h"
#include "kernels/sex.h"
#include "kernels/soundex.h"
#include "reference/kernels/slow.h"

namespace tessera::slow {

inline const std::vector<std::string>& formats() {
  static const std::vector<std::string> all = {"%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%d%m%Y",
                                               "%m/%d/%Y", "%m%d%Y", "%d.%m.%Y", "%Y/%m/%d"};
  return all;
}

inline const std::vector<DateFormat>& compiled_formats() {
  static const std::vector<DateFormat> all = [] {
    std::vector<DateFormat> made;
    for (const std::string& format : formats()) made.push_back(*DateFormat::compile(format));
    return made;
  }();
  return all;
}

inline std::string soundex_text(std::string_view name) {
  const auto key = tessera::soundex(name);
  return key[0] == 0 ? std::string() : std::string(key.data(), key.size());
}

// The kernels that disagree about `text`, by name; none is how it should be.
inline std::vector<std::string> disagreements(const std::string& text) {
  std::vector<std::string> wrong;
  const auto hold = [&wrong](const char* kernel, bool agree) {
    if (!agree) wrong.emplace_back(kernel);
  };
  for (const bool test_range : {false, true})
    hold("nhs_number", tessera::nhs_number(text, test_range) == nhs_number(text, test_range));
  if (const uint64_t word = text.size() == 10 ? tessera::nhs_number_at_once(text.data()) : 0)
    hold("nhs_number_at_once", Value{word, Invalid::none} == nhs_number(text, false));
  for (size_t i = 0; i < formats().size(); ++i)
    hold(formats()[i].c_str(), compiled_formats()[i].read(text) == date(text, formats()[i]));
  hold("postcode", tessera::postcode(text) == postcode(text));
  hold("sex", tessera::sex(text) == sex(text));
  hold("integer", tessera::integer(text) == integer(text));
  hold("soundex", soundex_text(text) == soundex(text));
  const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  for (const bool titles : {false, true}) {
    std::string name;
    tessera::fold_name(text, titles, name);
    if (ascii) hold("fold_name", name == fold_name(text, titles));
  }
  return wrong;
}

}  // namespace tessera::slow
