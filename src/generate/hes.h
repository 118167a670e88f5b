// hes.h: which rows of hospitals does a year's file hold, and in which columns?
//
// People are visited in another order each year, and the rows of a chunk are shuffled, so
// a person's rows lie apart as they do in an extract.
//
// Not here: what a row says (patient.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "generate/activity.h"
#include "generate/country.h"
#include "generate/schedule.h"
#include "generate/table.h"
#include "generate/text_list.h"

namespace tessera::generate_detail {

class HospitalEpisodes {
 public:
  // All must outlive it, and it the jobs that are made and their writers. `rows` in all `years`: decides how many
  // people make a chunk.
  HospitalEpisodes(const Country&, const Activity&, const BirthTexts&, int first_year, int years, uint64_t rows);

  // The file of a financial year: all datasets with the ten columns of the "one" layout. Ids: YYYY * 10^8 + 1 and on.
  [[nodiscard]] TableJob file(int year);
  // The same rows as three files, of a dataset each and with its columns.
  [[nodiscard]] TableJob real_files(int year);

 private:
  [[nodiscard]] std::vector<OutColumn> columns_of(std::optional<Dataset> only) const;
  [[nodiscard]] TableJob job(int year, std::vector<Table> tables);

  const Country& country_;
  const Activity& activity_;
  Schedule schedule_;
  uint64_t chunk_people_;
  const BirthTexts& births_;
  TextList trusts_, areas_;
};

}  // namespace tessera::generate_detail
