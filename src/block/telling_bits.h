// telling_bits.h: which bits of filters tell strangers apart soonest, and how many of them are worth a look?
//
//   bit that hardly anybody has, or nearly everybody    two filters hardly ever differ in it
//   bit that half of the filters have                   every second pair differs in it
//
// Bits come in order of how often two filters differ in them. Strangers are beyond the furthest distance that is asked for
// after some of them; who is not is counted in full. One more round of bits is worth it while it saves more counts than
// it costs.
#pragma once

#include "kernels/near_filters.h"

namespace tessera {

// `furthest`: the distance up to which pairs of usual filters are wanted. Whatever the order, no pair is lost: it decides
// how long a search takes. At least one round.
[[nodiscard]] BitOrder telling_bits(const FilterGroups& from, const FilterGroups& to, size_t furthest);

}  // namespace tessera
