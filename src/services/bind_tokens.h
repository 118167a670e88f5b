// bind_tokens.h: how does a job link data sets that were pseudonymised?
//
// The passes are those of a job in the clear. Each is rewritten onto the columns of tokens, and from then on the engine
// is the one that there is: a token is a word like any other.
//
//   agree dob:partial      any of dob.year-month | dob.year-day | dob.month-day | dob ~ dob.swapped
//   unless dob:january-1   the flag dob.january-1 of either side
//
// Nothing is read but descriptions: two data sets under different keys or domains are refused before a row is.
#pragma once

#include <map>
#include <string>

#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

struct BoundJob {
  Job job;                                    // inputs with tokens have their columns as fields
  std::map<std::string, std::string> tokens;  // input -> what it says of itself, as JSON
};

// Fails: usage (2) where job and data sets do not fit: tokens that are not declared or not there, other keys, a pass that
// wants a token which a data set lacks; data (3) for a description that is damaged.
[[nodiscard]] Result<BoundJob> bind_tokens(const Job& job);

// Fails: usage (2) if a file of the input holds tokens, and the job takes it for a data set in the clear.
[[nodiscard]] Status check_in_the_clear(const Input& input);

}  // namespace tessera
