// names.cc: how are the choices of a job written? (see names.h)
#include "job/names.h"

namespace tessera {

const char* name_of(Kind kind) { return name_in(kind_names, kind); }
const char* name_of(Part part) { return name_in(part_names, part); }
const char* name_of(Ties ties) { return name_in(ties_names, ties); }
const char* name_of(Cardinality cardinality) { return name_in(cardinality_names, cardinality); }

bool part_fits(Kind kind, Part part) {
  switch (part) {
    case Part::whole: return true;
    case Part::year:
    case Part::month:
    case Part::day:
    case Part::year_month:
    case Part::year_day:
    case Part::month_day: return kind == Kind::date;
    case Part::sector:
    case Part::district:
    case Part::area:
    case Part::but_last: return kind == Kind::postcode;
    case Part::soundex:
    case Part::initial:
    case Part::first2:
    case Part::first3:
    case Part::first4:
    case Part::first_token:
    case Part::no_space:
    case Part::sorted_letters:
      return kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token;
  }
  return false;
}

}  // namespace tessera
