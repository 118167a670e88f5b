"""How else may a saved model be written, and say the same?

    as_splink_3(settings), as_splink_4(settings)   the keys that older versions wrote
    in_dialect(model, settings, "spark")           the conditions of another database, with the same numbers
"""
import copy
import re

from splink.internals.exceptions import SplinkException

import models
import peer

DROPPED_3 = {"em_convergence", "max_iterations", "match_weight_column_prefix", "unique_id_column_name", "linker_uid"}


def as_splink_4(settings):
    """Version 4: a prefix for Bayes factors, a description for each comparison, salting."""
    out = copy.deepcopy(settings)
    del out["match_weight_column_prefix"]
    out["bayes_factor_column_prefix"] = "bf_"
    out["comparison_vector_value_column_prefix"] = "gamma_"
    for comparison in out["comparisons"]:
        comparison["comparison_description"] = "as its levels say"
    for rule in out["blocking_rules_to_generate_predictions"]:
        rule["salting_partitions"] = 4
    return out


def as_splink_3(settings):
    """Version 3: only what the user set, rules as bare texts, columns without quotes, and words for what was not seen."""
    out = {key: value for key, value in copy.deepcopy(settings).items() if key not in DROPPED_3}
    out["blocking_rules_to_generate_predictions"] = [
        unquoted(rule["blocking_rule"]) if "arrays_to_explode" not in rule else rule
        for rule in out["blocking_rules_to_generate_predictions"]]
    for comparison in out["comparisons"]:
        for level in comparison["comparison_levels"]:
            level["sql_condition"] = unquoted(level["sql_condition"])
            if level.get("m_probability") == models.NOT_SEEN:
                level["m_probability"] = "level not observed in training dataset"
            for key in ("fix_m_probability", "fix_u_probability"):
                level.pop(key, None)
            if level.get("tf_adjustment_weight") == 1.0:
                del level["tf_adjustment_weight"]
            if level.get("is_null_level") is False:
                del level["is_null_level"]
    return out


def unquoted(sql):
    return re.sub(r'"(\w+)"', r"\1", sql)


def comparisons_of(model, dialect):
    """The model's comparisons that a dialect can say, by their place."""
    out = {}
    for i, comparison in enumerate(model["compare"]()):
        try:
            out[i] = comparison.create_comparison_dict(dialect)
        except (NotImplementedError, ValueError, SplinkException):
            pass
    return out


def in_dialect(model, settings, dialect):
    """The settings with conditions in the dialect, and the places of the comparisons that it can say."""
    written = comparisons_of(model, dialect)
    said = peer.settings_of(model)._as_creator_dict()["blocking_rules_to_generate_predictions"]
    out = copy.deepcopy(settings) | {"sql_dialect": dialect}
    out["comparisons"] = [settings["comparisons"][i] for i in written]
    out = copy.deepcopy(out)
    for comparison, fresh in zip(out["comparisons"], written.values()):
        for level, other in zip(comparison["comparison_levels"], fresh["comparison_levels"], strict=True):
            level["sql_condition"] = other["sql_condition"]
    out["blocking_rules_to_generate_predictions"] = [rule.create_blocking_rule_dict(dialect) for rule in said]
    return out, list(written)
