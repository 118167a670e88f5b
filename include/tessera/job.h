// job.h: what is to be done?
//
// A Job is a job file that has been read whole and checked: names resolved,
// defaults filled in, built-in pass lists expanded. Nothing here touches data.
// docs/job.md is the user's view of the same nouns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tessera/error.h"
#include "tessera/model.h"

namespace tessera {

// What the values of a field are; decides how they are standardised.
enum class Kind : uint8_t {
  nhs_number,
  date,
  sex,
  postcode,
  name,
  code,
  integer,
  text,
  token,
  // Columns of a pseudonymised data set; no job file names the first two (docs/private-linkage.md).
  pseudonym,  // 16 bytes or 32 hex digits, made under a key
  flag,       // true or false
  clk,        // an encoded filter, in base64; job files may name it
};

// A value of a field that passes compare. `whole` is the standardised value;
// the others are computed from it. Not every part fits every kind.
enum class Part : uint8_t {
  whole,
  // date
  year,
  month,
  day,
  year_month,
  year_day,
  month_day,
  // postcode: SW1A 2AA -> sector SW1A 2, district SW1A, area SW;
  // but_last: the whole less its last character (SW1A 2A)
  sector,
  district,
  area,
  but_last,
  // name, text, code, token
  soundex,
  initial,
  first2,
  first3,
  first4,
  first_token,
  no_space,
  sorted_letters,
};

// The two sides of a link meet as (from, to).
struct FieldPart {
  std::string field;
  Part part = Part::whole;
  friend bool operator==(const FieldPart&, const FieldPart&) = default;
};

// One condition of a pass on a pair of records.
struct Term {
  enum class How : uint8_t {
    exact,         // both present and equal
    compatible,    // equal, or missing or invalid on a side
    date_partial,  // two of year, month, day agree; or year equal, month and day swapped
    date_swapped,  // year equal, month and day swapped (and not equal as they stand)
    within,        // dates or integers that differ by at most `bound`, both present
    any_of,        // one of `choices` holds; each choice is a conjunction
    likeness,      // `likeness` holds: jaro_winkler at least 0.9 ...
  };
  How how = How::exact;
  FieldPart from;
  FieldPart to;
  enum class Unit : uint8_t { days, years, number } unit = Unit::number;  // years: difference of the year parts
  int64_t bound = 0;
  std::vector<std::vector<Term>> choices;
  ModelCondition likeness;
  std::string text;  // as the job writes it, for messages and explain
};

// A reason why a pass does not apply: true on either side refuses the pair for that pass.
struct Unless {
  enum class What : uint8_t { january_1, pseudo_postcode /* ZZ99 */, on_list, flagged /* a field of kind flag */ };
  What what = What::january_1;
  std::string field;
  std::string list;  // on_list: a name in Job::lists
  std::string text;
};

struct Pass {
  int rank = 0;                // lower is better; unique in a list
  std::vector<Term> terms;     // all must hold ("agree" and "compatible" of the job)
  std::vector<Unless> unless;  // none may hold
};

struct ListFile {
  std::string name;
  std::string path;
  std::string column;  // empty: the first column of a file without header
};

// Simple filter on the columns of an input, before any standardisation.
// A comparison with null is false, as in SQL; is_null is the exception.
struct Filter {
  enum class Op : uint8_t { eq, ne, lt, le, gt, ge, in, is_null, is_not_null, all_of, any_of, negate };
  Op op = Op::eq;
  std::string column;
  std::vector<std::string> values;  // literals; one but for `in`
  std::vector<bool> numeric;        // literal written without quotes: compare as numbers
  std::vector<Filter> children;     // all_of, any_of, negate
};

// How a field of an input is made from its columns.
struct FieldSpec {
  std::string name;
  Kind kind = Kind::text;
  std::vector<std::string> columns;  // one, or several joined by a space; empty for a date from parts
  std::string day, month, year;      // date from three columns; empty: none
  std::vector<std::string> missing;  // spellings of null, beside those of the input
  bool required = false;             // a row whose value is missing or invalid goes to rejects

  // date
  std::vector<std::string> formats;     // tried in order; empty: %Y-%m-%d, %Y%m%d, %d/%m/%Y
  std::optional<int> two_digit_pivot;   // two-digit years: yy > pivot is 19yy, else 20yy; none: refused
  std::string date_min = "1880-01-01";  // outside the window: null
  std::string date_max;                 // empty: today
  std::vector<std::string> placeholders = {"1800-01-01", "1801-01-01", "1900-01-01", "1582-10-15"};
  // postcode
  std::string country = "gb";  // or "any": any text, its leading part is the area
  // nhs_number
  bool allow_test_range = false;  // 999 000 0000 to 999 999 9999
  // name
  bool drop_titles = true;
  // pseudonym: how it is written, and what it was made of
  bool binary = false;
  Kind made_of = Kind::text;
  Part made_of_part = Part::whole;
};

enum class FileFormat : uint8_t { by_name, csv, ndjson, parquet };
enum class Encoding : uint8_t { utf8, windows_1252, latin_1 };
enum class DuplicateIds : uint8_t { keep, error };
enum class Digest : uint8_t { automatic, full, none };  // automatic: full for text, footer for Parquet

struct Input {
  std::string name;
  std::vector<std::string> paths;  // after globbing, sorted within each glob; never empty
  FileFormat format = FileFormat::by_name;
  char delimiter = ',';
  bool header = true;  // without: columns are named column_1, column_2 ...
  Encoding encoding = Encoding::utf8;
  uint32_t skip_rows = 0;    // lines before the header
  uint32_t footer_rows = 0;  // lines at the end of each file
  std::vector<std::string> missing;
  std::string id;  // column
  DuplicateIds duplicate_ids = DuplicateIds::keep;
  std::vector<FieldSpec> fields;
  std::optional<Filter> where;
  std::optional<uint64_t> reject_limit;  // more rejected rows than this: the job stops
  Digest digest = Digest::automatic;
  // A data set that `tessera pseudonymise` wrote. Its fields are those that it may have, without columns; which it has,
  // and where, the data set says once it is looked at.
  bool tokens = false;
};

enum class Cardinality : uint8_t { one, many };
enum class Ties : uint8_t { drop, first, all, next };

struct Resolve {
  Cardinality each_from = Cardinality::one;
  Cardinality each_to = Cardinality::many;
  Ties ties = Ties::drop;
};

// A link is refused when date(from.field) > date(to.after) + days, or, with a
// group, when the latest from.field of the rows with the same group value is.
struct Refuse {
  std::string field;
  std::string after;
  int days = 0;
  std::string group;  // a column of the from input; empty: by record
};

// How pairs that a model has scored become clusters, for steps with `within`.
struct Clusters {
  enum class Method : uint8_t {
    automatic,  // the one that measures best on labelled data: docs/methods.md
    connected,  // whatever is connected by links
    best_link,  // each record follows its best link only
    average,    // merged while the mean weight between two clusters is above the threshold
    complete,   // merged while every pair between them is
    none,       // links alone: memory does not grow with them
  } method = Method::automatic;
  std::optional<double> probability;  // threshold of a link for clusters; none: that of the model
  bool one_per_input = false;         // at most one record of each input in a cluster
  std::vector<std::string> differ;    // fields of which two different values cannot be one person
  uint64_t size_max = 10'000;         // records of a connected piece beyond which it is only connected
};

// Records are linked whose encoded filters are alike.
struct Similar {
  std::string field;  // of kind clk, on both sides
  enum class How : uint8_t { dice, jaccard } how = How::dice;
  double at_least = 0;      // of a link
  uint32_t top = 0;         // only so many of the most similar for each from record; 0: all
  std::vector<Pass> block;  // records are compared that agree by one of these, of equal terms; empty: all are
};

// Records are joined through a bridging file.
struct Via {
  std::string bridge;    // file
  std::string from, to;  // columns that hold the pseudonyms; empty: the id
};

struct LinkStep {
  std::string from, to;             // names of inputs; empty with `within`
  std::vector<std::string> within;  // inputs whose records are linked with one another
  bool between_only = false;        // of several: only pairs of two different inputs
  std::optional<Model> model;
  std::optional<Similar> similar;  // then neither passes nor model
  std::optional<Via> via;          // then nothing else
  // With passes and a model: whether the model looks at all records, or at those that no pass linked.
  bool model_for_all = false;
  Clusters clusters;
  std::optional<double> close;  // a link whose next candidate is within this weight is said to be close
  std::string passes_name;      // built-in list, or empty
  std::vector<Pass> passes;     // sorted by rank
  Resolve resolve;
  std::vector<Refuse> refuse;
  std::vector<std::string> notes;  // what was left out of a built-in list and why, for explain
};

struct OutputColumn {
  std::string input;   // name of an input
  std::string column;  // a column of it
};

struct Output {
  std::string directory;
  FileFormat format = FileFormat::parquet;
  std::vector<OutputColumn> columns;   // carried to links and unmatched, as INPUT_COLUMN
  std::vector<std::string> unmatched;  // inputs whose records without a link are written
  bool refused = false;                // write refused links with their reason
  bool pattern = false;                // write the agreement pattern of each link
  bool levels = false;                 // write the level of each comparison by its name
  bool cluster_metrics = false;        // write how well each cluster hangs together
  bool identifiable = false;           // identifiers may stand among the output columns of a job with pseudonyms
  std::string legal_basis;             // why; not empty then
};

// What `tessera pseudonymise` makes of each input.
struct Pseudonyms {
  std::string key_file;
  std::string domain;
  std::string passes_name;           // built-in list, or empty
  std::vector<Pass> passes;          // that are to work on the tokens; of several steps, one after another
  std::vector<std::string> clear;    // fields that are written as they are
  std::vector<std::string> forbid;   // tokens that must not be written: "dob:year-month"
  std::vector<OutputColumn> groups;  // columns of which a token is written, for "refuse" with a group
  enum class Form : uint8_t {
    automatic,
    hex,
    binary
  } form = Form::automatic;  // automatic: binary in Parquet, else hex
  bool keep_ids = false;
};

// What is done to a filter beyond its schema; docs/private-linkage.md says what it costs.
struct Hardening {
  uint32_t folds = 0;    // halved so often, the halves XORed
  bool balance = false;  // filter and complement, shuffled: every filter has half its bits set
};

// What `tessera encode` makes of each input: a filter for each record.
struct Encode {
  std::string schema;       // file
  std::string key_file;     // empty: secret_file
  std::string domain;       // of the key
  std::string secret_file;  // its bytes as they stand are the secret, as clkhash takes it
  std::vector<std::pair<std::string, std::string>> features;  // identifier of the schema, field; else a column
  Hardening harden;
  bool keep_ids = false;
};

// What `tessera bridge` writes of each link: the pseudonym of either record in a domain of its own.
struct Bridge {
  struct Domain {
    std::string key_file;
    std::string domain;
    std::string name;  // of the input when its ids were made tokens; empty: as it is called here
  };
  std::optional<Domain> from, to;  // none: the id is a pseudonym already, and is kept
};

// What `tessera rekey` does: ids of every input become those that a bridging file gives for them.
struct Rekey {
  std::string bridge;  // file
};

struct Job {
  std::string path;  // of the job file; relative paths in it are relative to its folder
  std::string name;
  std::string text;  // the file as it was read, for the manifest
  std::vector<Input> inputs;
  std::vector<ListFile> lists;
  std::vector<LinkStep> link;  // done in order; empty only with pseudonyms, encode or rekey
  std::optional<Pseudonyms> pseudonyms;
  std::optional<Encode> encode;
  std::optional<Bridge> bridge;
  std::optional<Rekey> rekey;
  Output output;
};

// Reads and checks a job file, and with `look_at_files` also that every input
// exists, is readable and has the columns that the job names.
// Fails: usage (2) with "file:line:column: what", the line, a caret, and what to do;
//        data (3) when an input file cannot be understood.
[[nodiscard]] Result<Job> load_job(const std::string& path, bool look_at_files = true);

// Names of the built-in pass lists, in the order of the documentation.
[[nodiscard]] std::vector<std::string> builtin_pass_lists();

const char* name_of(Kind);
const char* name_of(Part);
const char* name_of(Ties);
const char* name_of(Cardinality);

}  // namespace tessera
