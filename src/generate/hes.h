// hes.h: what do hospitals write down about a person in a year?
//
// People are visited in another order each year, and the rows of a chunk are shuffled, so
// a person's rows lie apart as they do in an extract. A mistake in a date of birth or a sex
// mostly belongs to a person at one hospital, and so comes back; one in a postcode or a
// missing NHS number belongs to a visit.
#pragma once

#include <cstdint>
#include <optional>

#include "generate/activity.h"
#include "generate/country.h"
#include "generate/table.h"

namespace tessera::generate_detail {

class HospitalEpisodes {
 public:
  // Both must outlive the jobs that are made. `rows` in all `years`: decides how many people make a chunk.
  HospitalEpisodes(const Country& country, const Activity& activity, int years, uint64_t rows);

  // The file of a financial year: all datasets with the ten columns of the "one" layout, or the
  // columns of one dataset. Ids: YYYY * 10^8 + 1 and on.
  [[nodiscard]] TableJob file(int year, std::optional<Dataset> only) const;

 private:
  const Country& country_;
  const Activity& activity_;
  uint64_t chunk_people_;
};

}  // namespace tessera::generate_detail
