// shape.cc: which keys may a job have, and what may stand there? (see shape.h)
#include "job/shape.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "job/names.h"

namespace tessera {
namespace {

Shape text() { return {.string = true}; }
Shape flag() { return {.boolean = true}; }
Shape number(int64_t least, int64_t most) { return {.integer = true, .least = least, .most = most}; }
Shape one_of(std::vector<std::string> values) { return {.string = true, .values = std::move(values)}; }
Shape object(const ObjectShape& shape) { return {.object = &shape}; }
Shape list_of(const Shape& items) { return {.items = &items}; }
Shape text_or_list(const Shape& items) { return {.string = true, .items = &items}; }

const Shape text_item = text();

// What a term of a pass may say: the conditions of passes, and likenesses.
std::vector<std::string> term_hows() {
  std::vector<std::string> out = names_in(how_names);
  for (std::string& name : measure_names())
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  return out;
}

Shape real_number() { return {.real = true}; }

const ObjectShape field_shape{
    "a field: how it is made of the columns of the input",
    {
        {"column", text(), false, "the column that holds it", {}},
        {"columns", list_of(text_item), false, "several columns, joined by a space (names, codes, texts)", {}},
        {"kind", one_of(names_in(kind_names)), false, "what its values are; fields with a known name have theirs", {}},
        {"missing", list_of(text_item), false, "spellings of null, beside those of the input", {}},
        {"required", flag(), false, "a row whose value is missing or invalid goes to the rejects", {}},
        {"format", text_or_list(text_item), false, "date: how it is written, %d/%m/%Y; a list is tried in order", {}},
        {"pivot", number(0, 99), false, "date: a two-digit year above it is 19yy, else 20yy", {}},
        {"day", text(), false, "date from three columns: that of the day", {}},
        {"month", text(), false, "date from three columns: that of the month", {}},
        {"year", text(), false, "date from three columns: that of the year", {}},
        {"min", text(), false, "date: earlier ones are null; YYYY-MM-DD, default 1880-01-01", {}},
        {"max", text(), false, "date: later ones are null; YYYY-MM-DD, default today", {}},
        {"placeholders", list_of(text_item), false, "date: dates that mean unknown", {}},
        {"country", one_of({"gb", "any"}), false, "postcode: gb, or any text whose leading part is the area", {}},
        {"allow_test_range", flag(), false, "nhs_number: take 999 000 0000 to 999 999 9999 too", {}},
        {"keep_titles", flag(), false, "name: do not take off Mr, Mrs, Dr ...", {}},
    }};

const Shape field_value{.string = true, .object = &field_shape};

const ObjectShape input_shape{
    "an input: files with one layout",
    {
        {"description", text(), false, "for people", {}},
        {"tokens", flag(), false, "it is a data set that tessera pseudonymise wrote", {}},
        {"path", text_or_list(text_item), true, "a file, a glob, or a list of them; relative to the job file", {}},
        {"format", one_of(names_in(format_names)), false, "default: by the ending of the name (.gz, .zst too)", {}},
        {"delimiter", text(), false, "csv: the character between values, default ,", {}},
        {"header",
         flag(),
         false,
         "csv: the first line names the columns, default true; else column_1, column_2 ...",
         {}},
        {"encoding", one_of(names_in(encoding_names)), false, "csv, ndjson: default utf-8", {}},
        {"skip_rows", number(0, 1'000'000), false, "csv: lines before the header", {}},
        {"footer_rows", number(0, 1'000), false, "csv: lines at the end of each file that are not data", {}},
        {"missing", list_of(text_item), false, "spellings of null, such as NA", {}},
        {"id", text(), true, "the column that names a row in the outputs", {}},
        {"duplicate_ids", one_of(names_in(duplicate_names)), false, "default keep", {}},
        {"fields", {.entries = &field_value}, false, "the fields, by name: a column, or an object", {}},
        {"where", text(), false, "only rows for which it holds: ADMIMETH = '21' and AGE >= 18", {}},
        {"reject_limit",
         number(0, std::numeric_limits<int64_t>::max()),
         false,
         "more rejected rows than this: stop",
         {}},
        {"digest", one_of(names_in(digest_names)), false, "of the files, for the manifest; default automatic", {}},
        {"history", {}, false, "", "several rows a person are not taken together yet: give one row a person"},
    }};

const Shape input_value = object(input_shape);

const ObjectShape list_shape{"a list of values, such as communal postcodes",
                             {
                                 {"path", text(), true, "a CSV file, relative to the job file", {}},
                                 {"column", text(), false, "its column; without: the first, and no header", {}},
                             }};
const Shape list_value = object(list_shape);

extern const ObjectShape term_shape;
const Shape term_value{.string = true, .object = &term_shape};
const Shape choice_value{.string = true, .items = &term_value, .object = &term_shape};

const ObjectShape term_shape{
    "a term of a pass",
    {
        {"field", text(), false, "a field, field:part, or field ~ field across the sides", {}},
        {"how",
         one_of(term_hows()),
         false,
         "default exact; within when that key is there; or a likeness, with a bound",
         {}},
        {"within", number(0, 1'000'000'000), false, "dates or integers differ by at most this", {}},
        {"unit",
         one_of({"days", "years", "number", "characters", "bytes"}),
         false,
         "of within: days or years for dates, number for integers; of a likeness: characters or bytes",
         {}},
        {"any_of", list_of(choice_value), false, "one of these holds; an array is a conjunction", {}},
        {"at_least", real_number(), false, "of a likeness or a distance", {}},
        {"at_most", real_number(), false, "of a likeness or a distance", {}},
        {"above", real_number(), false, "of a likeness or a distance", {}},
        {"below", real_number(), false, "of a likeness or a distance", {}},
        {"q", number(1, 8), false, "of jaccard and cosine: letters of a gram, default 2", {}},
    }};

const ObjectShape pass_shape{
    "a pass: the conditions under which two records are linked, and how good that is",
    {
        {"description", text(), false, "for people", {}},
        {"rank", number(1, 9999), true, "its rank: lower is better, no two alike", {}},
        {"agree", list_of(term_value), true, "terms that all hold", {}},
        {"compatible", list_of(text_item), false, "fields that are equal, or missing on a side", {}},
        {"unless", list_of(text_item), false, "dob:january-1, postcode:zz99, FIELD:LIST: no link in this pass", {}},
    }};
}  // namespace

extern const Shape pass_value = object(pass_shape);

namespace {

const ObjectShape clusters_shape{
    "how linked pairs become clusters",
    {
        {"method", one_of(names_in(cluster_names)), false, "default automatic", {}},
        {"threshold",
         {.real = true, .real_least = 0, .real_most = 1},
         false,
         "probability of a link that counts for clusters; default that of the model",
         {}},
        {"one_per_input", flag(), false, "at most one record of each input in a cluster", {}},
        {"differ", list_of(text_item), false, "fields of which two values cannot be one person", {}},
        {"size_max", number(2, 1'000'000'000), false, "records of a piece beyond which it is only connected", {}},
    }};

const ObjectShape resolve_shape{
    "which of several links are kept",
    {
        {"each_from", one_of(names_in(cardinality_names)), false, "links of a from record: default one", {}},
        {"each_to", one_of(names_in(cardinality_names)), false, "links of a to record: default many", {}},
        {"ties", one_of(names_in(ties_names)), false, "several equally good: default drop", {}},
        {"clusters",
         {.string = true, .values = names_in(cluster_names), .object = &clusters_shape},
         false,
         "of within: a method, or an object",
         {}},
        {"close",
         {.real = true, .real_least = 0},
         false,
         "a link whose next candidate is within this weight is marked close",
         {}},
    }};

const ObjectShape refuse_shape{
    "when a link is refused: the date of the from side lies after that of the to side",
    {
        {"field", text(), true, "a date field of the from input", {}},
        {"after", text(), true, "a date field of the to input", {}},
        {"days", number(0, 100'000), false, "that many days later is still fine; default 0", {}},
        {"group", text(), false, "a column of the from input: the latest date of its rows counts", {}},
    }};
const Shape refuse_value = object(refuse_shape);

const Shape block_value{.string = true, .items = &text_item};

const ObjectShape similar_shape{
    "records are linked whose encoded filters are alike",
    {
        {"field", text(), false, "the field of kind clk on both sides; default clk", {}},
        {"how", one_of(names_in(similar_names)), false, "default dice", {}},
        {"at_least",
         {.real = true, .real_least = 0.05, .real_most = 1},
         true,
         "from which similarity on it is a link",
         {}},
        {"top", number(1, 1'000'000), false, "only so many of the most similar for each from record", {}},
        {"block", list_of(block_value), false, "records are compared that agree by one of these: fields, or lists", {}},
    }};

const ObjectShape via_shape{
    "records are joined through a bridging file",
    {
        {"bridge", text(), true, "the bridging file, relative to the job file", {}},
        {"from", text(), false, "the column of the from input that holds the pseudonyms; default its id", {}},
        {"to", text(), false, "the same of the to input", {}},
    }};

const ObjectShape step_shape{
    "one linkage: of two inputs, or of the records of one or several with each other",
    {
        {"description", text(), false, "for people", {}},
        {"from", text(), false, "the input whose records are looked up", {}},
        {"to", text(), false, "the input in which they are looked up", {}},
        {"within", text_or_list(text_item), false, "instead of from and to: inputs whose records are linked", {}},
        {"pairs",
         one_of({"all", "between"}),
         false,
         "of several within: between takes only pairs of different inputs; default all",
         {}},
        {"passes", text_or_list(pass_value), false, "the name of a built-in list, or passes", {}},
        {"model",
         {.string = true, .object = &model_object_shape},
         false,
         "auto, a model file of Tessera or Splink, or a model",
         {}},
        {"similar", object(similar_shape), false, "instead: by the similarity of encoded filters", {}},
        {"via",
         {.string = true, .object = &via_shape},
         false,
         "instead: through a bridging file, its path or an object",
         {}},
        {"cascade",
         one_of({"rest", "all"}),
         false,
         "of passes and a model: which records the model looks at; default rest",
         {}},
        {"threshold",
         object(model_threshold_shape),
         false,
         "of a model, in place of its own: from when on a pair is a link",
         {}},
        {"resolve", object(resolve_shape), false, "which of several links are kept", {}},
        {"refuse", list_of(refuse_value), false, "links that cannot be", {}},
    }};
const Shape step_value = object(step_shape);

const Shape columns_value = list_of(text_item);

const ObjectShape output_shape{
    "where the results go",
    {
        {"directory", text(), true, "a folder that appears whole or not at all; relative to the job file", {}},
        {"format", one_of(names_in(format_names)), false, "default parquet", {}},
        {"columns", {.entries = &columns_value}, false, "columns to carry, by input: only what is named", {}},
        {"unmatched",
         {.boolean = true, .items = &text_item},
         false,
         "inputs whose unlinked records are written; true: all",
         {}},
        {"refused", flag(), false, "write refused links with their reason", {}},
        {"pattern", flag(), false, "write which comparisons agreed, for each link", {}},
        {"levels", flag(), false, "write the level of each comparison of a model, by name", {}},
        {"cluster_metrics", flag(), false, "write size, links, density and bridges of each cluster", {}},
        {"identifiable", flag(), false, "identifiers may be written although the job has pseudonyms", {}},
        {"legal_basis", text(), false, "of identifiable: why; it is printed in the manifest", {}},
    }};

const ObjectShape whole_shape{
    "a Tessera job",
    {
        {"$schema", text(), false, "the schema, for editors", {}},
        {"description", text(), false, "for people", {}},
        {"job", text(), true, "its name", {}},
        {"inputs", {.entries = &input_value}, true, "the data sets, by name", {}},
        {"lists", {.entries = &list_value}, false, "lists that passes name, by name", {}},
        {"link", list_of(step_value), false, "what to link, in order", {}},
        {"output", object(output_shape), true, "where the results go", {}},
        {"bridge", object(bridge_shape), false, "what tessera bridge writes", {}},
        {"pseudonyms", object(pseudonyms_shape), false, "what tessera pseudonymise makes", {}},
        {"encode", object(encode_shape), false, "what tessera encode makes", {}},
        {"rekey", object(rekey_shape), false, "what tessera rekey does", {}},
    }};

// "a string or an array"
std::string allowed(const Shape& shape) {
  std::vector<std::string> types;
  if (shape.boolean) types.emplace_back("true or false");
  if (shape.real) types.emplace_back("a number");
  if (shape.integer && !shape.real) types.emplace_back("a whole number");
  if (shape.string) types.emplace_back("a string");
  if (shape.items != nullptr) types.emplace_back("an array");
  if (shape.object != nullptr || shape.entries != nullptr) types.emplace_back("an object");
  return joined(types, " or ");
}

void check_string(const Node& node, const Shape& shape, const std::string& what, Mistakes& mistakes) {
  const auto holds = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), node.text) != list.end();
  };
  if (shape.values.empty() || holds(shape.values)) return;
  mistakes.add(node.place, fmt::format("{} cannot be \"{}\"", what, node.text),
               suggestion(node.text, shape.values, "it is one of"));
}

void check_real(const Node& node, const Shape& shape, const std::string& what, Mistakes& mistakes) {
  if (node.number >= shape.real_least && node.number <= shape.real_most) return;
  const bool open = shape.real_most == std::numeric_limits<double>::infinity();
  mistakes.add(node.place, fmt::format("{} is out of range", what),
               open ? fmt::format("at least {}", shape.real_least)
                    : fmt::format("from {} to {}", shape.real_least, shape.real_most));
}

void check_duplicates(const Node& node, Mistakes& mistakes) {
  for (size_t i = 0; i < node.keys.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (node.keys[j].text == node.keys[i].text) {
        mistakes.add(node.keys[i].place, fmt::format("\"{}\" is given twice", node.keys[i].text),
                     "the first is at " + mistakes.position(node.keys[j].place.begin));
        break;
      }
}

}  // namespace

const ObjectShape& job_shape() { return whole_shape; }

void check_shape(const Node& node, const Shape& shape, const std::string& what, Mistakes& mistakes) {
  if (shape.anything) return;
  const auto wrong = [&] {
    mistakes.add(node.place, fmt::format("{} must be {}, not {}", what, allowed(shape), name_of(node.type)));
  };
  switch (node.type) {
    case Node::Type::boolean:
      if (!shape.boolean) wrong();
      return;
    case Node::Type::integer:
      if (shape.real) return check_real(node, shape, what, mistakes);
      if (!shape.integer) return wrong();
      if (node.integer < shape.least || node.integer > shape.most)
        mistakes.add(node.place, fmt::format("{} is out of range", what),
                     shape.most == std::numeric_limits<int64_t>::max()
                         ? fmt::format("at least {}", shape.least)
                         : fmt::format("from {} to {}", shape.least, shape.most));
      return;
    case Node::Type::string:
      if (!shape.string) return wrong();
      return check_string(node, shape, what, mistakes);
    case Node::Type::array:
      if (shape.items == nullptr) return wrong();
      for (const Node& item : node.items) check_shape(item, *shape.items, "an item of " + what, mistakes);
      return;
    case Node::Type::object:
      if (shape.object != nullptr) return check_object(node, *shape.object, mistakes);
      if (shape.entries == nullptr) return wrong();
      check_duplicates(node, mistakes);
      for (size_t i = 0; i < node.items.size(); ++i)
        check_shape(node.items[i], *shape.entries, fmt::format("\"{}\"", node.keys[i].text), mistakes);
      return;
    case Node::Type::real:
      if (!shape.real) return wrong();
      return check_real(node, shape, what, mistakes);
    case Node::Type::null: return wrong();
  }
}

void check_object(const Node& node, const ObjectShape& shape, Mistakes& mistakes) {
  check_duplicates(node, mistakes);
  std::vector<std::string> known;
  for (const Key& key : shape.keys)
    if (key.not_yet.empty()) known.push_back(key.name);
  for (size_t i = 0; i < node.items.size(); ++i) {
    const std::string& name = node.keys[i].text;
    const auto key = std::find_if(shape.keys.begin(), shape.keys.end(), [&](const Key& k) { return k.name == name; });
    if (key == shape.keys.end())
      mistakes.add(node.keys[i].place, fmt::format("unknown key \"{}\"", name),
                   suggestion(name, known, "the keys here are"));
    else if (!key->not_yet.empty())
      mistakes.add(node.keys[i].place, fmt::format("\"{}\" cannot be used", name), key->not_yet);
    else
      check_shape(node.items[i], key->shape, fmt::format("\"{}\"", name), mistakes);
  }
  for (const Key& key : shape.keys)
    if (key.required && node.find(key.name) == nullptr)
      mistakes.add(node.place, fmt::format("\"{}\" is missing here", key.name), key.help);
}

}  // namespace tessera
