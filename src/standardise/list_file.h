// list_file.h: which values are on a list that a job names?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// The values of one column of a text with commas and double quotes (RFC 4180): with a
// column name the first line is the header; without one there is no header and the first
// column is taken. Empty values are left out.
[[nodiscard]] Result<std::vector<std::string>> parse_list(const ListFile& list, std::string_view text);

// Fails: data (3) when the file cannot be read, or lacks the column, naming those it has.
[[nodiscard]] Result<std::vector<std::string>> read_list(const ListFile& list);

}  // namespace tessera
