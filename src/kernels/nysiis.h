// nysiis.h: which names sound alike, by the code of the New York State Identification and Intelligence System?
//
//   PHILLIPSON, FILIPSON -> FALAPSAN, FALAPSAN     KNIGHT -> NAGT     MACINTOSH, MCINTOSH -> MCANT, MCANT
//
// Taft, Name Search Techniques, 1970. Unlike Soundex it keeps where the vowels are. The original stops after six
// signs; this one does not.
#pragma once

#include <string>
#include <string_view>

namespace tessera {

// Of the letters A to Z, either case, whatever else stands between them; empty without any. Replaces `out`.
void nysiis(std::string_view name, std::string& out);

}  // namespace tessera
