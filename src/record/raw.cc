// raw.cc: how is the reason of a rejected row said?
#include "record/raw.h"

namespace tessera {

const char* reason_text(RejectReason reason) {
  switch (reason) {
    case RejectReason::ragged: return "wrong number of columns";
    case RejectReason::undecodable: return "not in the encoding of the input";
    case RejectReason::not_an_object: return "not a JSON object";
    case RejectReason::id_missing: return "id missing";
    case RejectReason::required_missing: return "required value missing";
    case RejectReason::required_invalid: return "required value invalid";
    case RejectReason::too_long: return "value or line too long";
    case RejectReason::schema_misfit: return "value does not fit the schema";
    case RejectReason::no_partner: return "pseudonym not in the bridging file";
    case RejectReason::several_partners: return "pseudonym with several partners";
  }
  return "";
}

}  // namespace tessera
