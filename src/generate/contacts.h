// contacts.h: what does a list look like that a service keeps of those who call?
//
//   1  Margaret   Hughes   1957-03-09  2  LS12 4AB  margaret.hughes4@example.org
//   7  Maggie     Huges    1957-03-09     LS9 8QT
//   9  Margaret   Patel    1957-09-03  2  LS9 8QT   mhughes4@example.org
//
// Whoever calls again is written down again: under the name of that day, from the home of that day, with the mistakes of
// that clerk. Nobody has compared the rows. This is the file to deduplicate.
#pragma once

#include "generate/country.h"
#include "generate/table.h"

namespace tessera::generate_detail {

// Each person's one to six rows, in no order of people. The country must outlive the job.
[[nodiscard]] TableJob contacts_file(const Country&);

// How many rows a person has, 1 to 6: nearly half have one, the mean is 2.1.
inline constexpr uint64_t contacts_max = 6;
[[nodiscard]] uint64_t contacts_of(const Country&, PersonId);

}  // namespace tessera::generate_detail
