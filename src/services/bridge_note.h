// bridge_note.h: what does a bridging file say of its two sides?
//
//   {"from": {"domain": "of-hes", "key_id": "5b0c...", "check": "..."}, "to": {"domain": "of-mhsds", ...}}
//
// In the metadata of Parquet under "tessera.bridge", and for every format in the manifest beside the file. A side whose ids
// were kept has no entry, unless its data set says under which key they were made.
#pragma once

#include <map>
#include <string>

#include "tessera/error.h"
#include "tessera/job.h"
#include "tessera/report.h"

namespace tessera {

inline constexpr const char* bridge_note_key = "tessera.bridge";

// Key ids and domains of the sides of a job's bridge; nothing is counted yet. `tokens`: what inputs say of themselves, by
// name. Fails: as SecretKey::read.
[[nodiscard]] Result<BridgeReport> name_bridge(const Job& job, const std::map<std::string, std::string>& tokens);
[[nodiscard]] std::string bridge_note(const BridgeReport& bridge);

// Whether the pseudonyms of an input are those of a side ("from", "to") of the bridging file, as far as both say under
// which domain and key they were made. `description`: what the data set says of itself; empty: nothing.
// Fails: usage (2) if they are others.
[[nodiscard]] Status check_bridge_side(const std::string& path, const char* side, const std::string& input,
                                       const std::string& description);

}  // namespace tessera
