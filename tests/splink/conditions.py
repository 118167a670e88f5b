"""SQL that users write themselves, each as a comparison of two levels: it holds, or it does not.

Columns are those of the set fake_1000 (data.py). DuckDB's dialect; what else holds of it is in docs/splink.md.
"""
import splink.comparison_level_library as cll
import splink.comparison_library as cl

CONDITIONS = [
    # Of one record each
    "upper(first_name_l) = upper(first_name_r)",
    "trim(city_l) = trim(city_r)",
    "substr(surname_l, 2, 3) = substr(surname_r, 2, 3)",
    "substring(surname_l, 5) = substring(surname_r, 5)",
    "substr(surname_l, -3) = substr(surname_r, -3)",
    "left(city_l, 2) || right(city_l, 2) = left(city_r, 2) || right(city_r, 2)",
    "replace(surname_l, 'e', '') = replace(surname_r, 'e', '')",
    "split_part(email_l, '@', 2) = split_part(email_r, '@', 2)",
    "split_part(email_l, '.', -1) = split_part(email_r, '.', -1)",
    "concat(first_name_l, surname_l) = concat(first_name_r, surname_r)",
    "first_name_l || ' ' || surname_l = first_name_r || ' ' || surname_r",
    "concat_ws(' ', first_name_l, surname_l) = concat_ws(' ', first_name_r, surname_r)",
    "regexp_extract(email_l, '@([a-z]+)', 1) = regexp_extract(email_r, '@([a-z]+)', 1)",
    "regexp_extract(first_name_l, '[aeiou]+') = regexp_extract(first_name_r, '[aeiou]+')",
    "regexp_replace(surname_l, '[aeiou]', '') = regexp_replace(surname_r, '[aeiou]', '')",
    "length(surname_l) = length(surname_r)",
    "length(surname_l) + 1 < length(surname_r) * 2",
    "coalesce(city_l, 'none') = coalesce(city_r, 'none')",
    "coalesce(city_l, '') = coalesce(city_r, '')",
    "nullif(city_l, 'London') = nullif(city_r, 'London')",
    "coalesce(nullif(trim(first_name_l), ''), surname_l) = coalesce(nullif(trim(first_name_r), ''), surname_r)",
    "case when length(first_name_l) > 5 then 'long' when first_name_l is null then 'none' else 'short' end = "
    "case when length(first_name_r) > 5 then 'long' when first_name_r is null then 'none' else 'short' end",
    "cast(dob_l as date) = cast(dob_r as date)",
    "dob_l::date - dob_r::date between -400 and 400",
    "cast(visits_l as varchar) = cast(visits_r as varchar)",
    "round(amount_l) = round(amount_r)",
    "floor(amount_l / 2) = floor(amount_r / 2)",
    "round(lat_l, 1) = round(lat_r, 1)",
    "year(born_l) = year(born_r) and month(born_l) = month(born_r)",
    "strftime(born_l, '%m-%d') = strftime(born_r, '%m-%d')",
    "substr(dob_l, 1, 4)::int = substr(dob_r, 1, 4)::int",
    "cast(substr(dob_l, 6, 2) as integer) = cast(substr(dob_r, 9, 2) as integer)",
    # Of truths
    "first_name_l in ('Olivia', 'Evie', 'Lola') and first_name_r not in ('Olivia', 'Ivy')",
    "city_l like 'L%n' or city_r like '_e%'",
    "city_l is not null and city_r is null",
    "not (first_name_l = first_name_r)",
    "first_name_l <> first_name_r and surname_l != surname_r",
    "visits_l between 100 and 200 and visits_r > 150",
    "(first_name_l = surname_r or surname_l = first_name_r) and not city_l = city_r",
    "first_name_l is not distinct from first_name_r",
    "city_l is distinct from city_r",
    "starts_with(surname_l, 'S') and starts_with(surname_r, 'S')",
    "contains(email_l, 'info') and contains(email_r, 'info')",
    "1 = 1 and surname_l = surname_r",
    "true and city_l = city_r",
    # Of both
    "levenshtein(lower(first_name_l), lower(first_name_r)) between 1 and 3",
    "2 > levenshtein(surname_l, surname_r)",
    "levenshtein(first_name_l || surname_l, first_name_r || surname_r) < 4",
    "jaro_winkler_similarity(coalesce(first_name_l, ''), coalesce(first_name_r, '')) > 0.8",
    "jaro_similarity(coalesce(city_l, ''), coalesce(city_r, '')) >= 0.5",
    "levenshtein(coalesce(city_l, ''), coalesce(city_r, '')) <= 6",
    "damerau_levenshtein(replace(city_l, 'o', ''), replace(city_r, 'o', '')) < 3",
    "least(levenshtein(first_name_l, surname_r), levenshtein(surname_l, first_name_r)) <= 2",
    "greatest(jaro_similarity(first_name_l, first_name_r), jaro_similarity(surname_l, surname_r)) > 0.9",
    "abs(visits_l - visits_r) <= 3",
    "visits_l - visits_r > 20",
    "abs(amount_l - amount_r) * 2 <= 3",
    "abs(date_diff('month', born_l, born_r)) <= 2",
    "abs(date_diff('year', strptime(dob_l, '%Y-%m-%d'), strptime(dob_r, '%Y-%m-%d'))) < 2",
    "abs(datediff('day', born_l, born_r)) < 60",
    "date_diff('day', born_l, born_r) > 100",
    "abs(epoch(born_l) - epoch(born_r)) <= 86400 * 31",
    "coalesce(levenshtein(first_name_l, first_name_r), 99) < 3",
    "born_l > born_r",
    "list_has_any(words_l, words_r)",
    "len(list_intersect(words_l, words_r)) > 1",
    "list_contains(words_l, first_name_r)",
    "words_l is not distinct from words_r or not (first_name_l is distinct from surname_r)",
    "list_contains(words_l, first_name_r) or list_contains(words_r, first_name_l)",
    "words_l[1] = words_r[1]",
    "array_length(words_l) = array_length(words_r)",
    "jaccard(lower(surname_l), lower(surname_r)) > 0.7 and surname_l <> surname_r",
    "first_name_l = split_part(first_name_r, ' ', 1)",
    "date_part('year', born_l) = date_part('year', born_r)",
    "extract(month from born_l) = extract(month from born_r)",
    "regexp_matches(email_l, 'com$') and regexp_matches(email_r, 'com$')",
    "ifnull(city_l, 'x') = ifnull(city_r, 'x')",
    "if(length(city_l) > 5, city_l, 'short') = if(length(city_r) > 5, city_r, 'short')",
    "greatest(visits_l, visits_r) < 200",
    "surname_l ilike 's%' and surname_r ilike 's%'",
    "least(visits_l, amount_l) = least(visits_r, amount_r)",
    "try_cast(substr(dob_l, 1, 4) as int) - try_cast(substr(dob_r, 1, 4) as int) < 3",
    "abs(cast(substr(dob_l, 1, 4) as int) - cast(substr(dob_r, 1, 4) as int)) <= 5",
]

# What has no counterpart: the column of the SQL that the mistake names, and the SQL.
REFUSED = [
    (26, "visits_l >= visits_r and amount_l < amount_r"),
    (1, "array_length(list_intersect(words_l, words_r)) * 1.0 / greatest(len(words_l), len(words_r)) > 0.5"),
    (1, "surname_l < surname_r"),
    (1, "contains(email_l, lower(first_name_r))"),
    (1, "regexp_replace(surname_l, '[aeiou]', '', 'g') = regexp_replace(surname_r, '[aeiou]', '', 'g')"),
    (1, "reverse(first_name_l) = reverse(first_name_r)"),
    (1, "list_sort(words_l) = list_sort(words_r)"),
    (1, "lower(first_name_l)[1] = lower(first_name_r)[1]"),
    (14, "first_name_l[:3] = first_name_r[:3]"),
    (1, "sqrt(visits_l) < 10 and visits_r % 2 = 0"),
    (1, "levenshtein(surname_l, surname_r) * 1.0 / greatest(length(surname_l), length(surname_r)) < 0.3"),
    (1, "lpad(city_l, 3, 'x') = lpad(city_r, 3, 'x')"),
    (1, "ltrim(city_l) = rtrim(city_r)"),
    (1, "ascii(city_l) = ascii(city_r)"),
]
EACH = 30  # comparisons of a model: a pattern has 64 bits


def comparisons(conditions):
    return [cl.CustomComparison([cll.CustomLevel(condition, condition), cll.ElseLevel()], f"condition_{i}")
            for i, condition in enumerate(conditions)]


def models(block):
    """The conditions in as many models as they need."""
    chunks = [CONDITIONS[at:at + EACH] for at in range(0, len(CONDITIONS), EACH)]
    return {f"conditions {i}": {"set": "fake_1000", "compare": lambda chunk=chunk: comparisons(chunk), "block": block}
            for i, chunk in enumerate(chunks, 1)}
