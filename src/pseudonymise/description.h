// description.h: what does a pseudonymised data set say of itself?
//
// One JSON object, in the key-value metadata of a Parquet file under "tessera.tokens", and in the manifest beside the file.
// It names the key and what was made, so that a link on tokens is checked before any row is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pseudonymise/token_plan.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

inline constexpr const char* description_key = "tessera.tokens";

struct Description {
  std::string domain, key_id, check;  // empty: it has no tokens
  bool binary = false;                // tokens are 16 bytes; else 32 hex digits
  bool keeps_ids = false;
  struct Field {
    std::string name;
    Kind kind = Kind::text;
  };
  std::vector<Field> fields;  // that the data set had in the clear, and of which tokens could be made
  std::vector<Field> clear;   // that it still has
  struct Column {
    std::string name, field, space;
    Kind kind = Kind::text;
    Part part = Part::whole;
    bool swapped = false;
    std::vector<int> ranks;
    std::optional<MovedBy> moved{};
  };
  std::vector<Column> tokens;
  std::vector<std::pair<std::string, std::string>> flags;  // name, field
  std::vector<std::string> groups;                         // columns that are tokens of what they held
  struct Filter {
    std::string name;  // of the column
    size_t bits = 0;
    std::string schema;                 // filter_schema_digest()
    std::string domain, key_id, check;  // empty: of a secret file, which says nothing of itself
    Hardening harden;
  };
  std::optional<Filter> filter;

  [[nodiscard]] const Column* token(std::string_view name) const;
  [[nodiscard]] const Field* field(std::string_view name) const;
  [[nodiscard]] const Field* clear_field(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] bool group(std::string_view name) const;
};

[[nodiscard]] std::string description_json(const Description& description);
// Fails: data (3) if the text is no description, or of a version that is not known; `where` names the file.
[[nodiscard]] Result<Description> parse_description(const std::string& where, const std::string& text);
// The description of `file` in the text of the manifest beside it; empty: the manifest has none.
[[nodiscard]] std::string description_in_manifest(const std::string& manifest, const std::string& file);

}  // namespace tessera
