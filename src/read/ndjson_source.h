// ndjson_source.h: JSON lines as a source. A morsel is a block of lines.
//
//   {"nhs":"943 476 5919","dob":"1970-01-31","n":7}     text, text, "7"
//   {"nhs":null}                                        null, null, null
//
// One object a line, in UTF-8. Only the keys that are needed are looked at; of a key
// that is there twice, the last value counts. Numbers and Booleans come as their
// text. A line that is not an object is rejected, as is one with an object or a list
// as a needed value. Blank lines are no rows.
#pragma once

#include <memory>

#include "read/read.h"

namespace tessera {

Result<std::unique_ptr<Source>> open_ndjson(const Input& input, const std::vector<std::string>& columns,
                                            const ReadOptions& options);
Result<InputShape> look_at_ndjson(const Input& input);

}  // namespace tessera
