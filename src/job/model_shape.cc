// model_shape.cc: which keys may a model have? (see shape.h)
#include "job/names.h"
#include "job/shape.h"

namespace tessera {
namespace {

Shape any_text() { return {.string = true}; }
Shape any_number() { return {.real = true}; }
Shape truth() { return {.boolean = true}; }
Shape share() { return {.real = true, .real_least = 0, .real_most = 1}; }
Shape whole(int64_t least, int64_t most) { return {.integer = true, .least = least, .most = most}; }
Shape choice(std::vector<std::string> values) { return {.string = true, .values = std::move(values)}; }

std::vector<std::string> condition_hows() {
  std::vector<std::string> out = measure_names();
  out.insert(out.end(), {"else", "null"});
  return out;
}

extern const ObjectShape condition_shape;
const Shape condition_value{.string = true, .object = &condition_shape};

std::vector<Key> condition_keys() {
  return {
      {"how", choice(condition_hows()), false, "what is measured of the two values; docs/model.md", {}},
      {"field", any_text(), false, "a field, field:part, or field ~ field; default that of the comparison", {}},
      {"of", any_text(), false, "an expression instead of a field, or two with ~ between", {}},
      {"longitude", any_text(), false, "of distance_km: the field of longitudes, whose latitudes are \"field\"", {}},
      {"unit", choice({"characters", "bytes"}), false, "of likenesses and distances of texts; default characters", {}},
      {"q", whole(1, 8), false, "of jaccard and cosine: letters of a gram, default 2", {}},
      {"best_of_items", truth(), false, "of texts: the values are lists, and their most alike items count", {}},
      {"at_least", any_number(), false, "it holds from this on", {}},
      {"at_most", any_number(), false, "it holds up to this", {}},
      {"above", any_number(), false, "it holds above this", {}},
      {"below", any_number(), false, "it holds below this", {}},
      {"equals", any_number(), false, "it holds at this", {}},
      {"differs_from", any_number(), false, "it holds elsewhere", {}},
      {"all_of", {.items = &condition_value}, false, "conditions that all hold; a string is a field that is equal", {}},
      {"any_of", {.items = &condition_value}, false, "conditions of which one holds", {}},
      {"not", {.string = true, .object = &condition_shape}, false, "a condition that does not hold", {}},
      {"left", any_text(), false, "a condition on the left record: \"given_name is null\"", {}},
      {"right", any_text(), false, "a condition on the right record", {}},
      {"either", any_text(), false, "a condition on one of the records", {}},
      {"both", any_text(), false, "a condition on each of the records", {}},
      {"sql", any_text(), false, "a condition as Splink writes it for DuckDB, over x_l and x_r", {}},
  };
}

const ObjectShape condition_shape{"a condition on two records", condition_keys()};

const ObjectShape frequency_shape{
    "term frequency: agreement on a rare value says more",
    {
        {"weight", {.real = true, .real_least = 0}, false, "how much of the adjustment counts, default 1", {}},
        {"minimum_u", share(), false, "a value is taken for no rarer than this, default 0", {}},
        {"of", any_text(), false, "whose frequency counts; default the field of the level", {}},
        {"exact_detection",
         truth(),
         false,
         "default true: measured against u of the level that is equality; false: of this level",
         {}},
    }};

std::vector<Key> level_keys() {
  std::vector<Key> out = condition_keys();
  const std::vector<Key> more = {
      {"label", any_text(), false, "its name in outputs", {}},
      {"m", share(), false, "its share among pairs of one person", {}},
      {"u", share(), false, "its share among pairs of two people", {}},
      {"fix_m", truth(), false, "do not estimate m", {}},
      {"fix_u", truth(), false, "do not estimate u", {}},
      {"null_level", truth(), false, "nothing is known of the pair: weight 0", {}},
      {"term_frequency", {.boolean = true, .object = &frequency_shape}, false, "weigh by how rare the value is", {}},
  };
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

const ObjectShape level_shape{"a level: the condition of a comparison under which a pair falls into it", level_keys()};
const Shape level_value{.string = true, .object = &level_shape};

const ObjectShape comparison_shape{
    "a comparison: levels, of which the first that holds counts",
    {
        {"name", any_text(), false, "its name in outputs; default the field", {}},
        {"description", any_text(), false, "for people", {}},
        {"field", any_text(), false, "the field that its levels compare", {}},
        {"of", any_text(), false, "an expression instead of a field, or two with ~ between", {}},
        {"levels", {.items = &level_value}, false, "default: by the kind of the field", {}},
        {"null_level", truth(), false, "default true: a level for null is put first where none is written", {}},
    }};
const Shape comparison_value{.string = true, .object = &comparison_shape};

const ObjectShape agreement_shape{
    "something that must be equal for two records to meet",
    {
        {"field", any_text(), false, "a field, field:part, or field ~ field", {}},
        {"of", any_text(), false, "an expression, or two with ~ between", {}},
        {"explode", truth(), false, "of lists and several words: one of them in common", {}},
    }};
const Shape agreement_value{.string = true, .object = &agreement_shape};

const ObjectShape rule_shape{"a blocking rule: records meet that agree",
                             {
                                 {"agree", {.items = &agreement_value}, true, "what must be equal: all of these", {}},
                                 {"also", {.string = true, .object = &condition_shape}, false, "and this holds", {}},
                                 {"text", any_text(), false, "its name in outputs", {}},
                             }};
const Shape rule_value{.string = true, .items = &agreement_value, .object = &rule_shape};

const ObjectShape estimate_shape{
    "how m, u and lambda are estimated",
    {
        {"method",
         choice(names_in(estimate_names)),
         false,
         "joint, or sessions whose median counts; default joint",
         {}},
        {"seed", whole(0, std::numeric_limits<int64_t>::max()), false, "of the random pairs, default 1", {}},
        {"random_pairs", whole(1, 1'000'000'000'000), false, "for u, default 1000000", {}},
        {"rules", {.items = &rule_value}, false, "blocking rules to train on; default those of the model", {}},
        {"certain", {.items = &rule_value}, false, "rules whose pairs are links: lambda is counted from them", {}},
        {"recall",
         {.real = true, .real_least = 0, .real_most = 1},
         false,
         "the share of true pairs that the certain rules find, default 1",
         {}},
        {"labels", any_text(), false, "a table of true pairs: m is counted from it", {}},
        {"entity", any_text(), false, "a field that names the person: m is counted from it", {}},
        {"rounds", whole(1, 100'000), false, "at most, default 100", {}},
        {"tolerance",
         {.real = true, .real_least = 0, .real_most = 1},
         false,
         "change that ends it, default 0.0001",
         {}},
    }};

const Shape number_value{.real = true};
const Shape numbers_value{.items = &number_value};
const Shape name_value{.string = true};
const ObjectShape dependence_shape{
    "two comparisons that in part say the same thing",
    {
        {"comparisons", {.items = &name_value}, true, "their two names, in the order of the model", {}},
        {"shared", share(), false, "of what the lesser says, the part that the other says too", {}},
        {"extra", {.items = &numbers_value}, true, "bits added to the weight: a row for each level of the first", {}},
    }};
const Shape dependence_value{.object = &dependence_shape};
const Shape share_value{.real = true, .real_least = 0, .real_most = 1};
const Shape shares_value{.items = &share_value};
const ObjectShape related_shape{
    "pairs of people of one home, who are not one person",
    {
        {"share", share(), true, "probability that two random records are such a pair", {}},
        {"levels", {.entries = &shares_value}, true, "by comparison: shares of its levels, 0 for null; others: u", {}},
    }};

std::vector<Key> model_keys() {
  return {
      {"description", any_text(), false, "for people", {}},
      {"compare", {.items = &comparison_value}, false, "comparisons; default by the kinds of the fields", {}},
      {"block",
       {.string = true, .values = {"auto"}, .items = &rule_value},
       false,
       "which records meet: rules, or auto; default auto",
       {}},
      {"block_pairs_max", whole(1, 1'000'000'000'000'000), false, "pairs that chosen rules may make", {}},
      {"block_size_max", whole(1, 1'000'000'000'000'000), false, "pairs of one value beyond which it is narrowed", {}},
      {"estimate", {.object = &estimate_shape}, false, "how m, u and lambda are estimated", {}},
      {"lambda", share(), false, "probability that two random records are one person", {}},
      {"dependences", {.items = &dependence_value}, false, "what comparisons say twice, as estimated", {}},
      {"related", {.object = &related_shape}, false, "pairs of one home, as estimated", {}},
      {"threshold", {.object = &model_threshold_shape}, false, "from when on a pair is a link", {}},
      {"close_frequency", truth(), false, "term frequency of values that are close to each other, default true", {}},
      {"empty_texts",
       truth(),
       false,
       "an empty text that an expression makes is a value, as in SQL; default false: it is null",
       {}},
      {"nicknames", any_text(), false, "a table of nicknames instead of the one that comes with Tessera", {}},
  };
}

std::vector<Key> file_keys() {
  std::vector<Key> out = {{"$schema", any_text(), false, "the schema, for editors", {}},
                          {"tessera_model", whole(1, 1), true, "the version of the format: 1", {}}};
  for (Key& key : model_keys()) out.push_back(std::move(key));
  out.push_back({"fit", {.anything = true}, false, "how the estimation went; not read", {}});
  return out;
}

}  // namespace

std::vector<std::string> measure_names() { return names_in(measure_table); }

const ObjectShape model_threshold_shape{"from when on a pair is a link",
                                        {
                                            {"probability", share(), false, "at least this", {}},
                                            {"weight", any_number(), false, "at least this, as log2 of the odds", {}},
                                        }};

const ObjectShape model_object_shape{"a probabilistic model", model_keys()};
const ObjectShape model_file_object_shape{"a model file", file_keys()};

}  // namespace tessera
