"""The same probabilistic work by Splink on DuckDB, as a skilled user would write it.

    python bench/splink_peer.py WORK FOLDER OUT [--threads N] [--random-pairs N]

WORK on generated people: dedupe, link, predict (OUT/model.json is there already), rules; columns. On labelled sets, with the
settings of Splink's own examples: fake_1000, febrl3, febrl4, historical. Reads files, writes files: OUT/edges.parquet
(from_id, to_id, weight, probability) and OUT/clusters.parquet (id, cluster_id) where there are clusters. Prints one
line of JSON: seconds of each step.

In Splink's favour: columns that the result does not need are not kept, names are compared as they stand, and the parts
of a postcode are columns that are made once (Splink's own PostcodeComparison runs three regular expressions a pair).
"""
import argparse
import json
import pathlib
import time

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

POSTCODE_PARTS = """left(POSTCODE, length(POSTCODE) - 2) AS sector, split_part(POSTCODE, ' ', 1) AS district,
    regexp_extract(POSTCODE, '^[A-Z]+') AS area"""
YEAR, MONTH_DAY = "substr(dob, 1, 4)", "substr(dob, 6)"

# The same as match.py gives to Tessera.
BLOCK = [("postcode",), ("given_name", "dob"), ("family_name", "dob"), ("given_name", "family_name", YEAR), ("email",),
         ("given_name", "family_name", MONTH_DAY)]
BLOCK_LINK = [rule for rule in BLOCK if "email" not in rule]
CERTAIN = [("given_name", "family_name", "dob"), ("dob", "postcode", "sex")]
TRAIN = [("family_name", "dob"), ("given_name", "postcode")]  # not postcode alone: EM would find households
RULES = [("given_name", "family_name", "dob"), ("family_name", "dob", "postcode"), ("given_name", "dob", "postcode"),
         ("email", "dob")]


def rules(list_of_fields):
    return [block_on(*fields) for fields in list_of_fields]


def people(with_email):
    """Comparisons of people by name, date of birth, postcode and sex."""
    out = [
        cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("family_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.LevenshteinAtThresholds("dob", [1]),
        cl.CustomComparison([
            cll.NullLevel("postcode"), cll.ExactMatchLevel("postcode"), cll.ExactMatchLevel("sector"),
            cll.ExactMatchLevel("district"), cll.ExactMatchLevel("area"), cll.ElseLevel()], "postcode"),
        cl.ExactMatch("sex"),
    ]
    return out + ([cl.JaroWinklerAtThresholds("email", [0.88])] if with_email else [])


class Steps:
    """Seconds of each step."""

    def __init__(self):
        self.seconds, self.last = {}, time.monotonic()

    def done(self, name):
        now = time.monotonic()
        self.seconds[name] = round(now - self.last, 3)
        self.last = now


class Work:
    def __init__(self, options):
        self.folder, self.out = pathlib.Path(options.folder), pathlib.Path(options.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.random_pairs = options.random_pairs
        self.db = duckdb.connect()
        self.db.execute(f"SET threads = {options.threads}")
        self.db.execute(f"SET temp_directory = '{self.out}/spill'")
        self.api = DuckDBAPI(connection=self.db)
        self.steps = Steps()

    def table(self, name, query):
        """A table in the database from a query over files."""
        self.db.execute(f"CREATE TABLE in_{name} AS {query}")
        return self.api.register(f"in_{name}", dataset_display_name=name)

    def contacts(self):
        return self.table("contacts", f"""SELECT CONTACT_ID AS unique_id, GIVEN_NAME AS given_name,
            FAMILY_NAME AS family_name, DOB AS dob, SEX AS sex, POSTCODE AS postcode, EMAIL AS email, {POSTCODE_PARTS}
            FROM read_parquet('{self.folder}/contacts.parquet')""")

    def cohort_and_register(self):
        date = "DATE_OF_BIRTH[1:4] || '-' || DATE_OF_BIRTH[5:6] || '-' || DATE_OF_BIRTH[7:8]"
        return [self.table("a_cohort", f"""SELECT COHORT_ID AS unique_id, GIVEN_NAME AS given_name,
                    FAMILY_NAME AS family_name, DOB AS dob, SEX AS sex, POSTCODE AS postcode, {POSTCODE_PARTS}
                    FROM read_parquet('{self.folder}/cohort.parquet')"""),
                self.table("b_pds", f"""SELECT PDS_ID AS unique_id, GIVEN_NAME AS given_name,
                    FAMILY_NAME AS family_name, {date} AS dob, GENDER AS sex, POSTCODE AS postcode,
                    {POSTCODE_PARTS}
                    FROM read_parquet('{self.folder}/pds.parquet')""")]

    def settings(self, link_type, comparisons, block, **more):
        return SettingsCreator(link_type=link_type, comparisons=comparisons,
                               blocking_rules_to_generate_predictions=block, retain_matching_columns=False,
                               retain_intermediate_calculation_columns=False, **more)

    def train(self, linker, certain, recall, train):
        linker.training.estimate_probability_two_random_records_match(certain, recall=recall)
        self.steps.done("lambda")
        linker.training.estimate_u_using_random_sampling(max_pairs=self.random_pairs, seed=1, min_count_per_level=None)
        self.steps.done("u")
        for rule in train:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        self.steps.done("em")
        linker.misc.save_model_to_json(str(self.out / "model.json"), overwrite=True)

    def write(self, query, name):
        self.db.execute(f"COPY ({query}) TO '{self.out}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)")

    def predict(self, linker, threshold):
        edges = linker.inference.predict(threshold_match_probability=threshold)
        self.write("SELECT unique_id_l AS from_id, unique_id_r AS to_id, match_weight AS weight, "
                   f"match_probability AS probability FROM {edges.physical_name}", "edges")
        self.steps.done("predict")
        return edges

    def cluster(self, linker, edges, threshold):
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold)
        self.write(f"SELECT unique_id AS id, cluster_id FROM {found.physical_name}", "clusters")
        self.steps.done("cluster")


def dedupe(work):
    linker = Linker(work.contacts(), work.settings("dedupe_only", people(True), rules(BLOCK)), log_level=None)
    work.steps.done("load")
    work.train(linker, rules(CERTAIN), 0.8, rules(TRAIN))
    work.cluster(linker, work.predict(linker, 0.5), 0.95)


def link(work):
    linker = Linker(work.cohort_and_register(), work.settings("link_only", people(False), rules(BLOCK_LINK)),
                    log_level=None)
    work.steps.done("load")
    work.train(linker, rules(CERTAIN), 0.8, rules(TRAIN))
    work.predict(linker, 0.5)


def predict(work):
    linker = Linker(work.contacts(), str(work.out / "model.json"), log_level=None)
    work.steps.done("load")
    work.predict(linker, None)


def columns(work):
    """OUT/columns.parquet: the table that a saved model is for."""
    work.contacts()
    work.write("SELECT * FROM in_contacts", "columns")


def rules_only(work):
    linker = Linker(work.contacts(), work.settings("dedupe_only", [], rules(RULES)), log_level=None)
    work.steps.done("load")
    edges = linker.inference.deterministic_link()
    work.write(f"SELECT unique_id_l AS from_id, unique_id_r AS to_id FROM {edges.physical_name}", "edges")
    work.steps.done("link")
    work.cluster(linker, edges, None)


def records(work, name, more=""):
    return work.table(name, f"""SELECT id AS unique_id, * EXCLUDE (id){more}
        FROM read_csv('{work.folder}/{name}.csv', all_varchar = true)""")


def fake_1000(work):
    """The settings of Splink's first example."""
    compare = [cl.NameComparison("first_name"), cl.NameComparison("surname"),
               cl.DateOfBirthComparison("dob", input_is_string=True),
               cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email")]
    linker = Linker(records(work, "records"),
                    work.settings("dedupe_only", compare, rules([("first_name",), ("surname",), ("dob",), ("email",)])),
                    log_level=None)
    work.train(linker, rules([("first_name", "surname")]), 0.7, rules([("first_name", "surname"), ("email",)]))
    work.cluster(linker, work.predict(linker, 1e-6), 0.95)


FEBRL_BLOCK = [("soc_sec_id",), ("given_name", "surname"), ("date_of_birth",), ("postcode", "surname"),
               ("postcode", "given_name"), ("suburb", "given_name"), ("suburb", "surname")]


def febrl_comparisons():
    return [cl.NameComparison("given_name"), cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2])]


def febrl(work, tables, link_type):
    linker = Linker(tables, work.settings(link_type, febrl_comparisons(), rules(FEBRL_BLOCK)), log_level=None)
    work.train(linker, rules([("soc_sec_id",), ("given_name", "surname", "date_of_birth")]), 0.9,
               rules([("date_of_birth",), ("postcode",)]))
    edges = work.predict(linker, 1e-6)
    if link_type == "dedupe_only":
        work.cluster(linker, edges, 0.95)


def febrl3(work):
    febrl(work, records(work, "records"), "dedupe_only")


def febrl4(work):
    febrl(work, [records(work, "a"), records(work, "b")], "link_only")


def historical(work):
    """The settings of Splink's example on historical people."""
    table = records(work, "records")
    first, last, area = "substr(first_name, 1, {})", "substr(surname, 1, {})", "substr(postcode_fake, 1, 3)"
    block = rules([(first.format(3), last.format(4)), ("surname", "dob"), ("first_name", "dob"),
                   ("postcode_fake", "first_name"), ("postcode_fake", "surname"), ("dob", "birth_place"), (area, "dob"),
                   (area, "first_name"), (area, "surname"), (first.format(2), last.format(2), "substr(dob, 1, 4)")])
    compare = [cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_and_surname"),
               cl.DateOfBirthComparison("dob", input_is_string=True), cl.PostcodeComparison("postcode_fake"),
               cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
               cl.ExactMatch("occupation").configure(term_frequency_adjustments=True)]
    linker = Linker(table, work.settings("dedupe_only", compare, block), log_level=None)
    certain = [block_on("first_name", "surname", "dob"), block_on("substr(first_name,1,2)", "surname",
                                                                  "substr(postcode_fake,1,2)"),
               block_on("dob", "postcode_fake")]
    work.train(linker, certain, 0.6, rules([("first_name", "surname"), ("dob",)]))
    work.cluster(linker, work.predict(linker, 1e-6), 0.95)


def main():
    works = {"dedupe": dedupe, "link": link, "predict": predict, "columns": columns, "rules": rules_only, "fake_1000": fake_1000,
             "febrl3": febrl3, "febrl4": febrl4, "historical": historical}
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=works)
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--random-pairs", type=float, default=1e7)
    options = parser.parse_args()
    start = time.monotonic()
    work = Work(options)
    works[options.work](work)
    print(json.dumps({"seconds": round(time.monotonic() - start, 3), "steps": work.steps.seconds}))


if __name__ == "__main__":
    main()
