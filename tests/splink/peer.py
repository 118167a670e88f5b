"""What does Splink make of a saved model?

    model_file(set tables, model, path)     the settings of a model, trained or with numbers, saved by Splink
    answers(set tables, path, threshold)    every pair that it scores, and clusters
"""
import json
import logging
import warnings

import duckdb
from splink import Linker, SettingsCreator
from splink.backends.duckdb import DuckDBAPI

import data
import models

LINK_TYPE = {"fake_1000": "dedupe_only", "febrl3": "dedupe_only", "febrl4": "link_only", "historical": "dedupe_only"}
CLUSTER_AT = 0.95

logging.getLogger("splink").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore")


class Peer:
    """A database of its own, with one set in it."""

    def __init__(self, made):
        self.db = duckdb.connect()
        self.db.execute("SET threads = 2")
        self.db.execute("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")  # x -> f(x), which Splink 5.0.0 writes
        self.made = made

    def linker(self, settings):
        api = DuckDBAPI(connection=self.db)
        return Linker(data.tables(self.db, api, self.made), settings, log_level=None)


def link_type(model):
    return model.get("link_type", LINK_TYPE[model["set"]])


def settings_of(model):
    return SettingsCreator(link_type=link_type(model), comparisons=model["compare"](),
                           blocking_rules_to_generate_predictions=model["block"],
                           probability_two_random_records_match=0.002)


def save(peer, model, path):
    """The model as Splink itself saves it."""
    if "train" in model:
        linker = peer.linker(settings_of(model))
        linker.training.estimate_u_using_random_sampling(max_pairs=2e5, seed=1)
        for rule in model["train"]:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        linker.misc.save_model_to_json(str(path), overwrite=True)
        return
    settings = models.with_numbers(settings_of(model).create_settings_dict("duckdb"))
    peer.linker(settings).misc.save_model_to_json(str(path), overwrite=True)


def answers(peer, path):
    """Splink's pairs of the saved model, as the table `theirs`, and its clusters by record, as `their_clusters`."""
    linker = peer.linker(str(path))
    scored = linker.inference.predict()
    gammas = [f"gamma_{c['output_column_name']}" for c in json.loads(path.read_text())["comparisons"]]
    pattern = " || ".join(f"(CASE WHEN \"{g}\" = -1 THEN '-' ELSE \"{g}\"::VARCHAR END)" for g in gammas)
    peer.db.execute(f"""CREATE OR REPLACE TABLE theirs AS SELECT unique_id_l AS l, unique_id_r AS r,
        match_weight AS weight, match_probability AS probability, {pattern} AS pattern, match_key::INT AS rule
        FROM {scored.physical_name}""")
    if linker._settings_obj._link_type != "link_only":
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, CLUSTER_AT)
        peer.db.execute("CREATE OR REPLACE TABLE their_clusters AS SELECT unique_id AS id, cluster_id AS cluster "
                        f"FROM {found.physical_name}")
