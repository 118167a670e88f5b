"""Which records do Splink and Tessera compare? The labelled sets, with columns that more comparisons can look at.

    prepare(db, data, folder, "fake_1000")   writes folder/records.csv, and gives what a job says of it

Both read the same CSV: Tessera by the fields of the job, Splink as a table whose columns have types. Lists are words of a
text, numbers and times are made from a digest of the record, so that records of one person have them close together.
"""
import dataclasses

LIST, NUMBER, WHOLE, DATE = "list", "number", "whole", "date"
FIELD_KIND = {LIST: "token", NUMBER: "token", WHOLE: "integer", DATE: "date"}

# A number below N from a text; no text, no number.
DIGEST = "(('0x' || substr(md5({0}), 1, 6))::BIGINT % {1})"


@dataclasses.dataclass
class Set:
    """A data set as both see it."""
    inputs: dict  # name of the input: file
    types: dict  # of columns that are no texts
    columns: list = None

    def job_inputs(self):
        fields = {column: {"column": column, "kind": FIELD_KIND.get(self.types.get(column), "token")}
                  for column in self.columns}
        for column, field in fields.items():
            if self.types.get(column) == DATE:
                field |= {"min": "0001-01-01", "max": "2100-01-01", "placeholders": []}
        return {name: {"path": str(path), "id": "id", "fields": fields} for name, path in self.inputs.items()}


def digest(text, below):
    return DIGEST.format(text, below)


def more_columns(given, family, place, date_of_birth):
    """SQL of columns for measures: places, amounts, times, lists of words."""
    noise = lambda below: digest("id", below)
    near = lambda column, below: f"({digest(column, below)} + {noise(3)})"
    return f"""
        round(50 + {digest(place, 800)} / 100.0 + {noise(50)} / 1000.0, 3)::DOUBLE AS lat,
        round(-3 + {digest("reverse(" + place + ")", 500)} / 100.0 + {noise(40)} / 1000.0, 3)::DOUBLE AS long,
        {near(family, 400)} AS visits,
        round({near(given, 90)} / 7.0, 2)::DOUBLE AS amount,
        try_strptime({date_of_birth}, '%Y-%m-%d')::DATE AS born,
        strftime(try_strptime({date_of_birth}, '%Y-%m-%d') + to_seconds({noise(200000)}), '%Y-%m-%dT%H:%M:%SZ') AS seen,
        nullif(concat_ws(' ', {given}, {family}, {place}), '') AS words,
        nullif(concat_ws(' ', left({family}, 3), right({family}, 2)), '') AS sounds"""


QUERIES = {
    "fake_1000": {"records": """
        SELECT id, first_name, surname, dob, city, email, {more}
        FROM read_csv('{data}/splink_fake_1000/records.csv', all_varchar = true)"""},
    "febrl3": {"records": """
        SELECT * EXCLUDE (day), {more} FROM (SELECT *, date_of_birth[1:4] || '-' || date_of_birth[5:6] || '-' ||
            date_of_birth[7:8] AS day FROM read_csv('{data}/febrl3/records.csv', all_varchar = true))"""},
    "febrl4": {name: """
        SELECT * EXCLUDE (day), {more} FROM (SELECT *, date_of_birth[1:4] || '-' || date_of_birth[5:6] || '-' ||
            date_of_birth[7:8] AS day FROM read_csv('{data}/febrl4/""" + name + """.csv', all_varchar = true))"""
               for name in ("a", "b")},
    # Whole people, those first whose names have letters beyond ASCII.
    "historical": {"records": """
        WITH records AS (SELECT * FROM read_csv('{data}/historical_50k/records.csv', all_varchar = true)),
             of_people AS (SELECT * FROM read_csv('{data}/historical_50k/truth_entities.csv', all_varchar = true)),
             chosen AS (SELECT entity, max(CASE WHEN strlen(full_name) > length(full_name) THEN 1 ELSE 0 END) AS far,
                        count(*) AS n FROM records JOIN of_people USING (id) GROUP BY entity),
             taken AS (SELECT entity FROM (SELECT entity, sum(n) OVER (ORDER BY far DESC, entity) AS total FROM chosen)
                       WHERE total <= 5000)
        SELECT records.*, {more} FROM records JOIN of_people USING (id) WHERE entity IN (SELECT entity FROM taken)
        ORDER BY id"""},
}
NAMED = {"fake_1000": ("first_name", "surname", "city", "dob"), "febrl3": ("given_name", "surname", "suburb", "day"),
         "febrl4": ("given_name", "surname", "suburb", "day"),
         "historical": ("first_name", "surname", "birth_place", "dob")}
TYPES = {"lat": NUMBER, "long": NUMBER, "visits": WHOLE, "amount": NUMBER, "born": DATE, "words": LIST, "sounds": LIST}


def prepare(db, data, folder, name):
    """Writes the set's tables as CSV into the folder."""
    inputs = {}
    for table, query in QUERIES[name].items():
        path = folder / f"{table}.csv"
        query = query.format(data=data, more=more_columns(*NAMED[name]))
        db.execute(f"COPY ({query}) TO '{path}' (HEADER)")
        inputs[table] = path
    made = Set(inputs, TYPES)
    described = db.execute(f"DESCRIBE SELECT * FROM read_csv('{path}', all_varchar = true)").fetchall()
    made.columns = [row[0] for row in described if row[0] != "id"]
    return made


def tables(db, api, made):
    """The tables as Splink sees them."""
    sql = {LIST: "string_split({0}, ' ')", NUMBER: "{0}::DOUBLE", WHOLE: "{0}::BIGINT",
           DATE: "{0}::DATE"}
    out = []
    for name, path in made.inputs.items():
        columns = ["id AS unique_id"] + [
            sql.get(made.types.get(column), "{0}").format(column) + f" AS {column}" for column in made.columns]
        db.execute(f"CREATE OR REPLACE TABLE in_{name} AS SELECT {', '.join(columns)} "
                   f"FROM read_csv('{path}', all_varchar = true)")
        out.append(api.register(f"in_{name}", dataset_display_name=name))
    return out
