// splink_shape.cc: which keys do the settings of Splink have? Of versions 3, 4 and 5.
//
// What only concerns Splink's own outputs is known and not used.
#include "job/shape.h"

namespace tessera {
namespace {

Shape splink_text() { return {.string = true}; }
Shape splink_flag() { return {.boolean = true}; }
Shape splink_number() { return {.real = true}; }
Shape unused() { return {.anything = true}; }

const ObjectShape splink_level_shape{
    "a level of a Splink comparison",
    {
        {"sql_condition", splink_text(), true, "the condition, or ELSE", {}},
        {"label_for_charts", unused(), false, "its name", {}},
        // A probability, or the words "level not observed in training dataset"; null is as if it were not there.
        {"m_probability", unused(), false, "", {}},
        {"u_probability", unused(), false, "", {}},
        {"fix_m_probability", splink_flag(), false, "", {}},
        {"fix_u_probability", splink_flag(), false, "", {}},
        {"is_null_level", splink_flag(), false, "", {}},
        {"tf_adjustment_column", unused(), false, "", {}},
        {"tf_adjustment_weight", splink_number(), false, "", {}},
        {"tf_minimum_u_value", splink_number(), false, "", {}},
        {"disable_tf_exact_match_detection", splink_flag(), false, "", {}},
        {"sql_dialect", unused(), false, "", {}},
        {"comparison_vector_value", unused(), false, "", {}},
        {"max_comparison_vector_value", unused(), false, "", {}},
        {"bayes_factor", unused(), false, "", {}},
        {"log2_bayes_factor", unused(), false, "", {}},
    }};
const Shape splink_level_value{.object = &splink_level_shape};

const ObjectShape splink_comparison_shape{
    "a comparison of Splink",
    {
        {"output_column_name", unused(), false, "its name", {}},
        {"comparison_description", unused(), false, "", {}},
        {"comparison_levels", {.items = &splink_level_value}, true, "its levels", {}},
        {"sql_dialect", unused(), false, "", {}},
    }};
const Shape splink_comparison_value{.object = &splink_comparison_shape};

const ObjectShape splink_rule_shape{
    "a blocking rule of Splink",
    {
        {"blocking_rule", splink_text(), true, "the condition", {}},
        {"sql_dialect", unused(), false, "", {}},
        {"salting_partitions", unused(), false, "", {}},
        {"arrays_to_explode", unused(), false, "columns of which one item is in common", {}},
    }};
const Shape splink_rule_value{.string = true, .object = &splink_rule_shape};

const ObjectShape splink_settings_shape{
    "the settings of Splink",
    {
        {"link_type",
         {.string = true, .values = {"dedupe_only", "link_only", "link_and_dedupe"}},
         true,
         "dedupe_only, link_only or link_and_dedupe",
         {}},
        {"comparisons", {.items = &splink_comparison_value}, true, "the comparisons", {}},
        {"blocking_rules_to_generate_predictions", {.items = &splink_rule_value}, false, "the blocking rules", {}},
        {"probability_two_random_records_match", {.real = true, .real_least = 0, .real_most = 1}, false, "lambda", {}},
        {"em_convergence", splink_number(), false, "", {}},
        {"max_iterations", {.integer = true, .least = 1, .most = 100'000}, false, "", {}},
        {"sql_dialect", unused(), false, "", {}},
        {"retain_matching_columns", unused(), false, "", {}},
        {"retain_intermediate_calculation_columns", unused(), false, "", {}},
        {"additional_columns_to_retain", unused(), false, "", {}},
        {"unique_id_column_name", unused(), false, "", {}},
        {"source_dataset_column_name", unused(), false, "", {}},
        {"linker_uid", unused(), false, "", {}},
        {"term_frequency_adjustment_column_prefix", unused(), false, "", {}},
        {"comparison_vector_value_column_prefix", unused(), false, "", {}},
        {"bayes_factor_column_prefix", unused(), false, "", {}},
        {"match_weight_column_prefix", unused(), false, "", {}},
    }};

}  // namespace

const ObjectShape& splink_shape() { return splink_settings_shape; }

}  // namespace tessera
