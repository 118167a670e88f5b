"""Which models of Splink are compared? Between them they use every comparison and every level of its library.

    model["compare"], ["block"]   as a user of Splink writes them
    model["train"]                rules of EM sessions; without it m and u are set by a formula (see with_numbers)
"""
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import ColumnExpression, block_on

import conditions

NOT_SEEN = 1e-6  # what Splink takes an m for that version 3 has in words
# What Tessera has no counterpart for, and says so: see not_expressed().
NOT_EXPRESSED = {"CosineSimilarityAtThresholds", "CosineSimilarityLevel"}


def called(name, comparison):
    """The comparison under another name: two of one column cannot have the same."""
    comparison.create_output_column_name = lambda: name
    return comparison


def frequency(level, column, **more):
    return level.configure(tf_adjustment_column=column, **more)


def fake_names():
    """The example of Splink's own documentation, and what it says of names otherwise."""
    return [
        cl.NameComparison("first_name", dmeta_col_name="sounds"),
        cl.JaroAtThresholds("surname", [0.9, 0.75]).configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
        # Term frequency on fuzzy levels, with weights and a least u.
        cl.CustomComparison([
            cll.NullLevel("surname"),
            frequency(cll.ExactMatchLevel("surname"), "surname", tf_adjustment_weight=0.5, tf_minimum_u_value=0.01),
            frequency(cll.JaroWinklerLevel("surname", 0.9), "surname", tf_adjustment_weight=0.3),
            # Splink does not write a weight of 0, and reads 1.
            frequency(cll.JaroLevel("surname", 0.85), "surname", tf_adjustment_weight=0.0),
            frequency(cll.LevenshteinLevel("surname", 2), "surname", tf_minimum_u_value=0.005,
                      disable_tf_exact_match_detection=True),
            cll.ElseLevel()], output_column_name="surname_again"),
    ]


def fake_measures():
    """Distances, places, times, lists, and levels that combine others."""
    lower = ColumnExpression("city").lower()
    return [
        cl.LevenshteinAtThresholds("first_name", [1, 2, 3]),
        cl.DamerauLevenshteinAtThresholds("surname", [1, 2]),
        cl.JaccardAtThresholds("email", [0.9, 0.7]),
        called("surname_2", cl.DistanceFunctionAtThresholds("surname", "jaro_winkler_similarity", [0.95, 0.8])),
        called("email_2", cl.DistanceFunctionAtThresholds(ColumnExpression("email").lower(), "levenshtein", [2, 5],
                                        higher_is_more_similar=False)),
        cl.DistanceInKMAtThresholds("lat", "long", [0.01, 1, 25.5, 100]),
        cl.AbsoluteTimeDifferenceAtThresholds("seen", input_is_string=True, metrics=["second", "hour", "day"],
                                              thresholds=[30, 12, 1.5]),
        cl.AbsoluteDateDifferenceAtThresholds("born", input_is_string=False, metrics=["day", "month", "year"],
                                              thresholds=[10, 1, 5]),
        cl.CustomComparison([
            cll.Or(cll.NullLevel("amount"), cll.NullLevel("visits")),
            cll.And(cll.PercentageDifferenceLevel("amount", 0.05), cll.AbsoluteDifferenceLevel("visits", 1)),
            cll.PercentageDifferenceLevel("amount", 0.2),
            cll.AbsoluteDifferenceLevel("amount", 2.5),
            cll.ElseLevel()], output_column_name="amounts"),
        cl.CustomComparison([
            cll.And(cll.NullLevel("first_name"), cll.NullLevel("surname")),
            cll.ColumnsReversedLevel("first_name", "surname", symmetrical=True),
            cll.ColumnsReversedLevel("first_name", "surname"),
            cll.LiteralMatchLevel("city", "London", "string"),
            cll.LiteralMatchLevel(lower, "leeds", "string", side_of_comparison="left"),
            cll.Not(cll.Or(cll.ExactMatchLevel("first_name"), cll.ExactMatchLevel("surname"))),
            cll.ElseLevel()], output_column_name="combined"),
    ]


def fake_lists():
    """Lists, literals and SQL of the user's own."""
    pairwise = cl.PairwiseStringDistanceFunctionAtThresholds
    return [
        pairwise("words", "jaro_winkler", [0.95, 0.8]),
        called("words_2", pairwise("words", "levenshtein", [1, 2])),
        pairwise("sounds", "jaro", [0.6]),
        called("sounds_2", pairwise("sounds", "damerau_levenshtein", [1])),
        called("words_3", cl.ArrayIntersectAtSizes("words", [3, 2, 1])),
        cl.CustomComparison([
            cll.NullLevel("words"), cll.ArraySubsetLevel("words"), cll.ArrayIntersectLevel("words", 2),
            cll.ArraySubsetLevel("sounds", empty_is_subset=True), cll.ElseLevel()], output_column_name="subset"),
        cl.CustomComparison([
            cll.NullLevel("visits"), cll.LiteralMatchLevel("visits", "104", "int", side_of_comparison="right"),
            cll.LiteralMatchLevel("amount", "2.5", "float", side_of_comparison="left"),
            cll.LiteralMatchLevel("born", "1971-07-20", "date"),
            cll.CustomLevel("substr(first_name_l, 1, 1) = substr(first_name_r, 1, 1) "
                            "and coalesce(city_l, '') <> coalesce(city_r, '')", "initial, another city"),
            cll.CustomLevel("length(surname_l) > length(surname_r) or surname_l in ('Jones', 'Smith')", "longer"),
            cll.ElseLevel()], output_column_name="custom"),
        cl.CustomComparison([
            cll.NullLevel(ColumnExpression("email").regex_extract("@([^@]+)$", 1)),
            cll.ExactMatchLevel(ColumnExpression("email").regex_extract("@([^@]+)$", 1)),
            cll.JaroLevel(ColumnExpression("email").lower().substr(1, 6), 0.8),
            cll.JaccardLevel(ColumnExpression("email").regex_extract("^[^@]+").nullif("info"), 0.6),
            cll.ElseLevel()], output_column_name="domain"),
        cl.CustomComparison([
            cll.NullLevel(ColumnExpression("words").access_extreme_array_element("last")),
            cll.ExactMatchLevel(ColumnExpression("words").access_extreme_array_element("last")),
            cll.ExactMatchLevel(ColumnExpression("words").access_extreme_array_element("first")),
            cll.LevenshteinLevel(ColumnExpression("visits").cast_to_string(), 1),
            cll.ElseLevel()], output_column_name="ends"),
    ]


FAKE_BLOCK = [block_on("first_name"), block_on("surname"), block_on("dob"), block_on("email")]
FAKE_RULES = ["l.surname = r.surname or l.dob = r.dob",
              "l.first_name = r.surname and l.city is not null",
              block_on("substr(surname, 7, 3)", "substr(dob, 1, 7)"),
              "coalesce(l.city, '') = coalesce(r.city, '') and abs(l.visits - r.visits) <= 1 and l.amount = r.amount",
              "l.city = r.city and (l.first_name = r.first_name or jaro_winkler_similarity(l.email, r.email) > 0.9)",
              "upper(l.words[1]) = upper(r.words[1]) and l.city <> r.city"]
FAKE_BLOCK_2 = [block_on("substr(first_name, 1, 3)", "lower(city)"), block_on("dob"),
                "l.surname = r.surname and levenshtein(l.dob, r.dob) <= 2",
                block_on("words", arrays_to_explode=["words"])]


def febrl(born):
    """Of people of Australia: Splink's example, with its other ways to write it."""
    return [
        cl.ForenameSurnameComparison("given_name", "surname"),
        cl.AbsoluteDateDifferenceAtThresholds("date_of_birth", input_is_string=True, datetime_format="%Y%m%d",
                                              metrics=["day", "month", "year"], thresholds=[1, 1, 10],
                                              term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        cl.CustomComparison([
            cll.NullLevel("suburb"),
            frequency(cll.And(cll.ExactMatchLevel("suburb"), cll.ExactMatchLevel("state")), "suburb"),
            frequency(cll.ExactMatchLevel("suburb"), "suburb", tf_adjustment_weight=0.7),
            cll.DistanceInKMLevel("lat", "long", 20, not_null=True),
            cll.DamerauLevenshteinLevel("suburb", 2), cll.ElseLevel()], output_column_name="suburb"),
    ] + born


FEBRL_BLOCK = [block_on("soc_sec_id"), block_on("given_name", "surname"), block_on("date_of_birth"),
               block_on("postcode", "surname"), block_on("substr(address_1, 1, 8)", "suburb")]


def historical():
    """People of the past, with letters that take more than one byte."""
    return [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_and_surname"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("occupation", [0.9, 0.7]).configure(term_frequency_adjustments=True),
    ]


def historical_bytes():
    """The same names in every measure that counts letters."""
    return [
        cl.LevenshteinAtThresholds("full_name", [1, 3, 6]),
        cl.DamerauLevenshteinAtThresholds("surname", [1, 2]),
        cl.JaroAtThresholds("first_name", [0.95, 0.8]),
        called("surname_2", cl.JaccardAtThresholds("surname", [0.9, 0.5])),
        called("surname_3", cl.JaroWinklerAtThresholds("surname", [0.95, 0.85])),
        cl.PairwiseStringDistanceFunctionAtThresholds("words", "levenshtein", [1, 2]),
        cl.PostcodeComparison("postcode_fake", invalid_postcodes_as_null=True, lat_col="lat", long_col="long"),
        cl.DateOfBirthComparison("born", input_is_string=False, datetime_thresholds=[1, 5],
                                 datetime_metrics=["month", "year"]),
        cl.AbsoluteTimeDifferenceAtThresholds("dob", input_is_string=True, datetime_format="%Y-%m-%d",
                                              invalid_dates_as_null=False, metrics=["day", "year"],
                                              thresholds=[3, 2]),
        cl.CustomComparison([
            cll.NullLevel("full_name"),
            cll.CustomLevel("left(full_name_l, 4) = left(full_name_r, 4) and gender_l = gender_r", "begins alike"),
            cll.CustomLevel("length(full_name_l) = length(full_name_r)", "as long"),
            cll.ElseLevel()], output_column_name="letters"),
    ]


HISTORICAL_BLOCK = [block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"), block_on("surname", "dob"),
                    block_on("first_name", "dob"), block_on("postcode_fake", "first_name"),
                    block_on("postcode_fake", "surname"), block_on("substr(postcode_fake, 1, 3)", "dob"),
                    block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)")]

# Splink writes conditions of others than DuckDB too; on ASCII they come to the same.
BOTH = ["spark", "postgres"]
MODELS = {
    "fake names": {"set": "fake_1000", "compare": fake_names, "block": FAKE_BLOCK,
                   "train": [block_on("first_name", "surname"), block_on("email")], "dialects": BOTH},
    "fake measures": {"set": "fake_1000", "compare": fake_measures, "block": FAKE_BLOCK, "dialects": BOTH},
    "fake lists": {"set": "fake_1000", "compare": fake_lists, "block": FAKE_BLOCK_2, "dialects": BOTH},
    "febrl3": {"set": "febrl3", "compare": lambda: febrl([]), "block": FEBRL_BLOCK,
               "train": [block_on("date_of_birth"), block_on("postcode")]},
    "febrl4": {"set": "febrl4", "compare": lambda: febrl([cl.ArrayIntersectAtSizes("words", [3, 1])]),
               "block": FEBRL_BLOCK},
    "febrl4 within too": {"set": "febrl4", "compare": lambda: febrl([]), "block": FEBRL_BLOCK,
                          "link_type": "link_and_dedupe"},
    "historical": {"set": "historical", "compare": historical, "block": HISTORICAL_BLOCK,
                   "train": [block_on("first_name", "surname"), block_on("dob")]},
    "historical bytes": {"set": "historical", "compare": historical_bytes, "block": HISTORICAL_BLOCK},
} | conditions.models(FAKE_RULES)


def not_expressed():
    return cl.CosineSimilarityAtThresholds("words", [0.9])


def used(creator, names):
    """Adds the names of the library's classes that a comparison is made of."""
    names.add(type(creator).__name__)
    for level in creator.create_comparison_levels() if hasattr(creator, "create_comparison_levels") else []:
        used(level, names)
    for level in getattr(creator, "comparison_levels", []):
        used(level, names)
    if hasattr(creator, "comparison_level"):
        used(creator.comparison_level, names)


def not_used():
    """What of the library no model uses."""
    names = set(NOT_EXPRESSED)
    for model in MODELS.values():
        for comparison in model["compare"]():
            used(comparison, names)
    return sorted((set(cl.__all__) | set(cll.__all__)) - names)


def with_numbers(settings):
    """m and u by a formula. Some levels have none, some one of them: then Splink's defaults stand."""
    for c, comparison in enumerate(settings["comparisons"]):
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for i, level in enumerate(levels):
            share = (i + 1) / len(levels)
            if (c + i) % 11 == 5:
                level["m_probability"] = NOT_SEEN
            elif (c + i) % 7 != 3:
                level["m_probability"] = round(0.9 * (1 - share) + 0.03 + 0.01 * c, 6)
            if (c + i) % 5 != 2:
                level["u_probability"] = round(0.002 + 0.9 * share * share / (c + 1.5), 6)
    return settings
