// names.cc: how are the choices of a job written? (see names.h)
#include "job/names.h"

namespace tessera {

const char* name_of(Kind kind) {
  if (kind == Kind::pseudonym) return "token under a key";
  if (kind == Kind::flag) return "flag";
  return name_in(kind_names, kind);
}
const char* name_of(Part part) { return name_in(part_names, part); }
const char* name_of(Ties ties) { return name_in(ties_names, ties); }
const char* name_of(Cardinality cardinality) { return name_in(cardinality_names, cardinality); }

bool is_truth(Measure::What what) {
  using enum Measure::What;
  return what == equal || what == nickname || what == initial || what == prefix || what == contains ||
         what == swapped_date || what == items_subset;
}

bool is_likeness(Measure::What what) {
  using enum Measure::What;
  return what == jaro || what == jaro_winkler || what == levenshtein_ratio || what == jaccard || what == cosine ||
         what == token_likeness || what == dice || what == bits_jaccard || what == items_jaccard;
}

bool is_of_filters(Measure::What what) { return what == Measure::What::dice || what == Measure::What::bits_jaccard; }

bool part_fits(Kind kind, Part part) { return has_part(kind, part); }

}  // namespace tessera
