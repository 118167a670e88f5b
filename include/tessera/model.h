// model.h: what is a probabilistic model?
//
// The model of Fellegi and Sunter (1969). Each comparison sorts a pair into one of its levels, the first
// whose condition holds. m and u are the shares of levels among pairs that are, and are not, one person.
//
//   comparison given_name     m      u        match weight log2(m/u)
//     null                                    0
//     equal                   .80    .003     +8
//     jaro_winkler >= .92     .08    .002     +5.3
//     else                    .12    .995     -3
//
// The same nouns hold a model written in a job, a model file, a Splink model and a trained one.
// Not here: how m and u are estimated (decide/), how conditions are computed (compare/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera {

// A value of one record: a field, and what is made of it. Values are texts, numbers (dates are days since
// 1970-01-01, times are seconds), truths, lists of texts, or null. As in SQL, what is made of null is null,
// but for coalesce, is_null, all_of and any_of.
struct SideExpression {
  enum class What : uint8_t {
    null,
    field,   // text: its name
    text,    // the constant `text`
    number,  // the constant `number`
    // texts of texts
    part,  // text: the name of a part (soundex, sector, first-token ...) of parts[0]
    lower,
    upper,
    trim,
    concat,            // SQL's ||: null if any part is
    concat_words,      // parts joined by a space, nulls left out; null if all are
    substring,         // parts: text, start (from 1; below it as in SQL), [length]; in characters
    left,              // parts: text, count
    right,             // parts: text, count
    replace,           // parts: text, old, new
    split_part,        // parts: text, separator, index from 1, or from -1 backwards; "" beyond the ends
    regexp_extract,    // text: the expression (RE2); number: its group; parts[0]; "" where it does not match
    regexp_replace,    // text: the expression; parts: text, new; the first match
    double_metaphone,  // primary key; parts[0]
    nysiis,
    to_text,
    format_date,  // text: strftime format; parts[0]: a date or time
    // numbers
    length,      // in characters
    to_number,   // null where it is none
    parse_date,  // text: strptime format; parts[0]; days, a time of day as their fraction; null where it is none
    date_of,     // a date field as days: parts[0] is a field of kind date, or a text as 1950-12-31
    seconds,     // of days: times 86,400 (SQL's epoch), to the microsecond
    year,
    month,
    day,
    add,
    subtract,
    multiply,
    divide,
    negative,
    absolute,
    round,  // parts: number, [digits]
    floor,
    ceiling,
    greatest,  // nulls left out
    least,
    // lists
    tokens,    // the words of a text, without repeats
    split,     // parts: text, separator
    count_of,  // items of a list
    // choice and truth
    coalesce,
    null_if,  // null where parts[0] equals parts[1]
    choose,   // parts: condition, value, condition, value ..., [otherwise]
    is_null,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,    // parts: value, choices ...
    like,  // text: the SQL pattern
    all_of,
    any_of,
    negation,
  };
  What what = What::null;
  std::string text;
  double number = 0;
  std::vector<SideExpression> parts;
  friend bool operator==(const SideExpression&, const SideExpression&) = default;
};

// What is measured on a pair of values. Null on either side: unknown.
struct Measure {
  enum class What : uint8_t {
    // truths: 1 or 0
    equal,
    nickname,      // the same, or each a form of one name in the table of nicknames
    initial,       // one is the first letter of the other
    prefix,        // one begins with the other
    contains,      // one holds the other
    swapped_date,  // same year, day and month exchanged, and not equal as they stand
    // likeness of texts, 0 to 1
    jaro,
    jaro_winkler,       // prefix 4, weight 0.1, only above Jaro 0.7
    levenshtein_ratio,  // 1 - distance / length of the longer
    jaccard,            // of sets of q-grams; q 1: of characters
    cosine,             // of counts of q-grams
    token_likeness,     // of the words of both, weighted by rarity: weight shared / weight of the lighter side
    dice,               // of encoded filters: 2 |a & b| / (|a| + |b|), |x| the bits that are set
    bits_jaccard,       // ... |a & b| / |a | b|
    // distances of texts
    levenshtein,
    optimal_alignment,    // edits and exchanges of neighbours, no place edited twice
    damerau_levenshtein,  // unrestricted: exchanged letters may be edited between
    // lists
    items_in_common,  // how many
    items_jaccard,
    items_subset,  // a truth: the list with fewer items has none that the other lacks
    // dates and numbers
    difference,  // left - right
    absolute_difference,
    percentage_difference,  // |l - r| / max(l, r)
    days,                   // |difference| in days, of dates
    months,                 // in months of 30.4375 days
    years,                  // in years of 365.25 days
    month_boundaries,       // |calendar months crossed|
    year_boundaries,
    date_elements,  // how many of year, month and day are equal: 0 to 3
    distance_km,    // left2 and right2 are the longitudes, in degrees
  };
  What what = What::equal;
  SideExpression left, right;
  std::optional<SideExpression> left2, right2;
  // Of texts: the sides are lists, and it is the best over all pairs of their items (highest likeness, least distance).
  bool best_of_items = false;
  bool bytes = false;  // of texts: over bytes of UTF-8, as DuckDB does; else over Unicode characters
  unsigned q = 2;      // of q-grams
  friend bool operator==(const Measure&, const Measure&) = default;
};

enum class Comparator : uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

// A condition on a pair, in the three truth values of SQL; unknown is not true.
struct ModelCondition {
  enum class What : uint8_t {
    always,
    all_of,
    any_of,
    negation,
    measure,  // measure COMPARE bound; truths: the measure is 1
    left,     // `side` holds for the left record
    right,
  };
  What what = What::always;
  std::vector<ModelCondition> parts;
  Measure measure;
  Comparator compare = Comparator::greater_equal;
  double bound = 1;
  SideExpression side;
};

// Term frequency: agreement on a rare value says more. Adds
//   weight * (log2 u_exact - log2 max(share of the value on either side, minimum_u))
struct TermFrequency {
  SideExpression value;
  double weight = 1;
  double minimum_u = 0;
  bool exact_detection = true;  // u_exact: of the level that is equality of the value; false: of this level
  // Of levels of values that are close but not equal: stands for u_exact. The harmonic mean, over random pairs of
  // this level, of the larger share. Used only with Model::close_frequency.
  std::optional<double> close_mean;
};

struct Level {
  std::string label;
  bool null_level = false;   // weight 0
  ModelCondition condition;  // always: "else"
  std::optional<double> m, u;
  bool fix_m = false, fix_u = false;  // not estimated
  std::optional<TermFrequency> term_frequency;
};

struct Comparison {
  std::string name;
  std::string description;
  std::vector<Level> levels;  // the first that holds
};

// Pairs that share all of `equal` meet, if `also` holds.
struct BlockingRule {
  struct Equality {
    SideExpression left, right;
    bool explode = false;  // of lists: one item in common
    friend bool operator==(const Equality&, const Equality&) = default;
  };
  std::vector<Equality> equal;
  ModelCondition also;
  std::string text;  // as it was written
};

struct EstimateOptions {
  enum class Method : uint8_t { joint, sessions } method = Method::joint;
  uint64_t seed = 1;
  uint64_t random_pairs = 1'000'000;
  unsigned rounds_max = 100;
  double tolerance = 1e-4;
  std::vector<BlockingRule> rules;    // training blocks; empty: those of the model
  std::vector<BlockingRule> certain;  // lambda from pairs that meet one of these ...
  double certain_recall = 1;          // ... and the share of true pairs that do
  std::string labels;                 // a table of true pairs: m is counted from it
  std::string entity;                 // a field that names the person: m is counted from it
};

// Two comparisons that in part say the same thing. Added to the weight of a pair: extra[first's digit *
// digits of second + second's digit], in bits; digits as in record/model_plan.h, 0 where one is null.
struct Dependence {
  size_t first = 0, second = 0;  // in Model::comparisons
  std::vector<double> extra;
  double shared = 0;  // of what the lesser of the two says about a pair, the part that the other says too: 0 to 1
};

// Pairs of people of one home or family, a third class beside matches and others: they share an address and a name as
// matches do, and given name, birth date and NHS number no more than others. Within it a comparison without shares
// has its u. The weight of a pair is then against both other classes together.
struct Related {
  double share = 0;                         // probability that two random records are such a pair
  std::vector<std::vector<double>> levels;  // by comparison, by level (null: 0); empty: as u
};

struct Model {
  enum class Origin : uint8_t { job, file, splink, automatic } origin = Origin::job;
  std::string path;                     // of its file, if it has one
  std::vector<Comparison> comparisons;  // empty: chosen from the kinds of the fields
  std::vector<Dependence> dependences;  // sorted; each pair of comparisons at most once, without cycles
  std::optional<Related> related;
  std::vector<BlockingRule> block;  // empty: chosen from the data
  uint64_t block_pairs_max = 0;     // budget of pairs for chosen rules; 0: the default
  uint64_t block_size_max = 0;      // pairs of one key value beyond which it is narrowed; 0: the default
  std::optional<double> lambda;     // probability that two random records match
  EstimateOptions estimate;
  std::optional<double> threshold_probability, threshold_weight;  // neither: the default
  bool close_frequency = true;  // Tessera's term frequency for values that are close to each other
  bool empty_texts = false;     // an empty text that an expression makes is a value, as in SQL; else it is null
  std::string nicknames;        // a table of nicknames instead of ours; empty: ours
};

}  // namespace tessera
