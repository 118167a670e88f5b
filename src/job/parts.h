// parts.h: the parts of the parser of a job. Private to the room.
//
// Each reader takes a node whose shape has been checked (shape.h); where the shape
// was wrong, that mistake is already told, and the reader goes on with what is right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "job/job.h"
#include "job/tree.h"
#include "tessera/job.h"

namespace tessera {

// What the readers add to.
struct Reading {
  ParsedJob& parsed;
  Mistakes& mistakes;
  bool look_at_files = true;
  bool fields_are_free = false;  // the job may take columns as they stand, or ids only: inputs need no fields

  // A path of the job as this process must write it.
  [[nodiscard]] std::string path(std::string_view written) const;
  void use_column(size_t input, const Node& node) { parsed.columns.push_back({input, node.text, node.place}); }
};

// inputs.cc
void read_inputs(const Node& inputs, Reading& reading);
void read_lists(const Node& lists, Reading& reading);
// Whether `name` may be an input, field or list; else a mistake is added.
bool good_name(const Node& name, const char* what, Mistakes& mistakes);
std::vector<std::string> strings_of(const Node& node);  // of a string or an array

// where.cc
// Fails: a mistake was added at the exact place.
std::optional<Filter> read_where(const Node& where, size_t input, Reading& reading);

// job.cc: why a file cannot be read; empty when it can.
std::string trouble_with(const std::string& path);
// The path of a bridging file; a mistake if it cannot be read.
std::string bridging_file(const Node& node, Reading& reading);

// steps.cc
void read_link(const Node& link, Reading& reading);
// The input that a node names; null: there is none, and a mistake was added.
const Input* named_input(const Node& name, const Job& job, Mistakes& mistakes);

// pseudonyms.cc
void read_pseudonyms(const Node& node, const Node& root, Reading& reading);
// Whether values of the field say, alone or nearly, who a person is.
bool is_identifying(const FieldSpec& field);
// A pseudonymised data set may have every field whose name tells its kind.
void add_token_fields(Input& input);

// The name of a domain, of pseudonyms or of a side of a bridge. pseudonyms.cc
std::string read_domain(const Node& node, Mistakes& mistakes);

// The ids of inputs stay as they are: a mistake at `place` for each that is an identifier. pseudonyms.cc
void check_kept_ids(const Node& place, Reading& reading);

// encode.cc
void read_encode(const Node& node, Reading& reading);

// bridge.cc
void read_bridge(const Node& node, const Node& root, Reading& reading);

// passes.cc
struct PassSides {
  const Input& from;
  const Input& to;
};
void read_passes(const Node& node, const PassSides& sides, LinkStep& step, Reading& reading);
const Input* find_input(const Job& job, std::string_view name);
const FieldSpec* find_field(const Input& input, std::string_view name);

// similar.cc
void read_similar(const Node& node, LinkStep& step, const ModelSides& sides, Reading& reading);

// What a pass is read against.
struct PassContext {
  const Input& from;
  const Input& to;
  const std::vector<ListFile>& lists;
  Mistakes& mistakes;
  // Of a built-in list: fields and lists that this job lacks are gathered here instead of being mistakes.
  std::vector<std::string>* absent = nullptr;
};

// terms.cc
// nullopt: a mistake was added, or an absent field gathered.
std::optional<Term> read_term(const Node& node, PassContext& context);
std::optional<Term> read_compatible(const Node& node, PassContext& context);
std::optional<Unless> read_unless(const Node& node, PassContext& context);

// builtin_passes.cc
struct BuiltinPasses {
  std::string name;
  std::vector<std::string> required;  // fields without which the list makes no sense
  std::string_view passes;            // JSON, as in a job
};
const std::vector<BuiltinPasses>& builtin_passes();

}  // namespace tessera
