// registers.h: what do registers hold about people: their deaths, all of them, a study of some?
//
// Each is written by others than the hospitals, with mistakes of their own.
#pragma once

#include "generate/country.h"
#include "generate/table.h"
#include "generate/text_list.h"

namespace tessera::generate_detail {

// Deaths within the period, in no order of people. The country must outlive the jobs.
[[nodiscard]] TableJob deaths_file(const Country&);
// All people as at the end of the period, or at their death. The texts must outlive the job and its writer, too.
[[nodiscard]] TableJob pds_file(const Country&, const BirthTexts&);
// A share of all people, asked at some day when they were grown up, typed from paper.
[[nodiscard]] TableJob cohort_file(const Country&, double share);

}  // namespace tessera::generate_detail
