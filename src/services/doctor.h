// doctor.h: is this machine fit for Tessera, and is this Tessera whole?
#pragma once

#include <string>

namespace tessera {

struct Diagnosis {
  std::string text;  // for a person: versions, processor, memory, disk, one line for each self-test
  bool healthy = true;
};

// Takes about a second. Writes into a private folder below `folder`, which is gone at the end.
[[nodiscard]] Diagnosis examine(const std::string& folder);

}  // namespace tessera
