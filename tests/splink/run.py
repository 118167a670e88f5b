#!/usr/bin/env python3
"""Does Tessera answer as Splink does, from the file that Splink saved?

    run.py BINARY               all models of models.py, on the labelled sets
    run.py BINARY febrl3 ...    some of them
    run.py BINARY --keep DIR    leaves inputs, models and outputs there
    run.py BINARY --tap         for Meson

For each model Splink saves the file, scores every pair of its blocking rules and clusters; `tessera link` does the same
with that file, unchanged. The same pairs must come out, with the same levels, the same rule that met, weight and
probability within 1e-9 relative, and the same clusters. Without Splink or the sets it is skipped and says so.
"""
import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "golden"), str(pathlib.Path(__file__).parent)]
from harness import Checks, Folder, run, text_of  # noqa: E402

TOLERANCE = 1e-9
SHOWN = 3  # differences that are printed


def job_of(made, model_path, link_type, **output):
    """A job that writes every pair, and clusters where records of one input are linked."""
    import peer
    inputs = made.job_inputs()
    clusters = {"clusters": {"method": "connected", "threshold": peer.CLUSTER_AT}}
    step = {"model": str(model_path), "threshold": {"weight": -10000}}
    if link_type == "dedupe_only":
        step |= {"within": "records", "resolve": clusters}
    elif link_type == "link_and_dedupe":
        step |= {"within": list(made.inputs), "resolve": clusters}
    else:
        step |= {"from": "a", "to": "b", "resolve": {"each_from": "many", "each_to": "many"}}
    return {"job": "as-splink", "inputs": inputs, "link": [step],
            "output": {"directory": "out", "format": "parquet", "pattern": True} | output}


def linked(binary, job, folder, name):
    """Runs the job; problems, and the folder of its outputs."""
    path = folder / f"{name}.json"
    job["output"]["directory"] = f"out-{name}"
    path.write_text(json.dumps(job, indent=1))
    done = run(binary, ["link", str(path), "--quiet", "--force", "--threads", "2"], folder)
    return ([] if done.returncode == 0 else [text_of(done.stderr)]), folder / f"out-{name}"


def load_ours(db, out, model_path):
    """Our links as the table `ours`, with the number of Splink's rule that met: one of its parts, if we took it apart."""
    texts = [rule if isinstance(rule, str) else rule["blocking_rule"]
             for rule in json.loads(model_path.read_text())["blocking_rules_to_generate_predictions"]]
    keys = [row[0] for row in db.execute(f"SELECT DISTINCT match_key FROM read_parquet('{out}/links.parquet')").fetchall()]
    numbers = [texts.index(key) if key in texts else next(i for i, text in enumerate(texts) if key in text)
               for key in keys]
    db.execute("CREATE OR REPLACE TABLE rules AS SELECT unnest($1::VARCHAR[]) AS match_key, unnest($2::INT[]) AS rule",
               [keys, numbers])
    db.execute(f"""CREATE OR REPLACE TABLE ours AS SELECT from_id AS l, to_id AS r, weight, probability, pattern, rule
        FROM read_parquet('{out}/links.parquet') JOIN rules USING (match_key)""")


def differences(db, what, columns, condition):
    """The first pairs of both for which the condition does not hold."""
    query = f"FROM ours JOIN theirs USING (l, r) WHERE NOT coalesce({condition}, false)"
    count = db.execute("SELECT count(*) " + query).fetchone()[0]
    if count == 0:
        return []
    shown = ", ".join(f"ours.{c}, theirs.{c}" for c in columns)
    rows = db.execute(f"SELECT l, r, {shown} {query} ORDER BY ALL LIMIT {SHOWN}").fetchall()
    return [f"{count} pairs with another {what}; ours and Splink's:"] + [str(row) for row in rows]


def compare(db, with_clusters, out):
    """Problems, and a line that says how much was compared."""
    problems = []
    for one, other, who in (("ours", "theirs", "ours alone"), ("theirs", "ours", "Splink's alone")):
        rows = db.execute(f"SELECT l, r, pattern FROM {one} ANTI JOIN {other} USING (l, r) ORDER BY ALL").fetchall()
        if rows:
            problems += [f"{len(rows)} pairs are {who}:"] + [str(row) for row in rows[:SHOWN]]
    twice = db.execute("SELECT count(*) - count(DISTINCT (l, r)) FROM ours").fetchone()[0]
    if twice:
        problems.append(f"{twice} pairs come twice")
    problems += differences(db, "pattern of levels", ["pattern"], "ours.pattern = theirs.pattern")
    problems += differences(db, "rule", ["rule"], "ours.rule = theirs.rule")
    away = {"weight": "abs(ours.weight - theirs.weight) / greatest(abs(theirs.weight), 1)",
            "probability": "abs(ours.probability - theirs.probability) / greatest(theirs.probability, 1e-300)"}
    for column, relative in away.items():
        problems += differences(db, column, [column, "pattern"], f"{relative} <= {TOLERANCE}")
    count, *largest = db.execute(f"SELECT count(*), {', '.join(f'max({x})' for x in away.values())} "
                                 "FROM ours JOIN theirs USING (l, r)").fetchone()
    line = f"{count} pairs, weights within {largest[0] or 0:.1e}, probabilities within {largest[1] or 0:.1e}"
    if with_clusters:
        # Same parts: as many clusters on either side as pairs of clusters that share a record.
        ours, theirs, both = db.execute(f"""SELECT count(DISTINCT c.cluster_id), count(DISTINCT cluster),
            count(DISTINCT (c.cluster_id, cluster))
            FROM read_parquet('{out}/clusters.parquet') c FULL JOIN their_clusters USING (id)""").fetchone()
        if not ours == theirs == both:
            problems.append(f"{ours} clusters are ours, {theirs} Splink's, and {both} pairs of them share records")
        line += f", {theirs} clusters"
    return problems + ([] if count else ["no pair was compared"]), line


def check_file(binary, theirs, made, path, link_type, checks, name):
    """Whether the file gives the pairs, levels and weights that are in `theirs`."""
    problems, out = linked(binary, job_of(made, path, link_type), path.parent, f"job-{path.stem}")
    line = ""
    if not problems:
        load_ours(theirs.db, out, path)
        problems, line = compare(theirs.db, link_type != "link_only", out)
    checks.report(f"{name}: {line}" if line else name, problems)


def check_model(binary, name, model, sets, folder, checks):
    import peer
    import variants
    place = folder / name.replace(" ", "-")
    place.mkdir()
    made = sets[model["set"]]
    theirs = peer.Peer(made)
    path = place / "splink-5.json"
    peer.save(theirs, model, path)
    link_type = peer.link_type(model)
    check = lambda file, what: check_file(binary, theirs, made, file, link_type, checks, f"{name}{what}")
    peer.answers(theirs, path)
    check(path, "")

    def write(settings, file):
        (place / file).write_text(json.dumps(settings, indent=1))
        return place / file

    settings = json.loads(path.read_text())
    check(write(variants.as_splink_4(settings), "splink-4.json"), ", as Splink 4 saves it")
    check(write(variants.as_splink_3(settings), "splink-3.json"), ", as Splink 3 saves it")
    for dialect in model.get("dialects", []):
        other, said = variants.in_dialect(model, settings, dialect)
        if len(said) < len(settings["comparisons"]):
            part = settings | {"comparisons": [settings["comparisons"][i] for i in said]}
            peer.answers(theirs, write(part, f"as-{dialect}.json"))
        check(write(other, f"{dialect}.json"), f", {len(said)} comparisons in the SQL of {dialect}")


def check_refused(binary, made, folder, checks):
    """What has no counterpart is an error that names the comparison, the level and the column of its SQL."""
    import conditions
    import models
    import peer

    def check(name, comparison, dialect, place):
        settings = peer.settings_of({"set": "fake_1000", "compare": lambda: [comparison], "block": ["l.dob = r.dob"]})
        path = folder / "refused.json"
        path.write_text(json.dumps(settings.create_settings_dict(dialect) | {"sql_dialect": dialect}))
        problems, _ = linked(binary, job_of(made, path, "dedupe_only"), folder, "job-refused")
        text = problems[0] if problems else "it was taken"
        checks.report(f"refused with its place: {name}", [] if place in text else ["expected: " + place, text])

    for dialect in ("duckdb", "spark"):
        check(f"cosine similarity in the SQL of {dialect}", models.not_expressed(), dialect,
              'comparison "words", level "Cosine similarity of words >= 0.9", column 1 of its SQL: ')
    for column, condition in conditions.REFUSED:
        check(condition, conditions.comparisons([condition])[0], "duckdb",
              f'comparison "condition_0", level "{condition}", column {column} of its SQL: ')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--tap", action="store_true")
    options = parser.parse_intermixed_args()
    checks = Checks(options.tap)
    try:
        import duckdb
        import models
    except ImportError as missing:
        checks.skip("splink", f"{missing} (scripts/setup --bench installs it)")
        return checks.finish()
    import data
    checks.report("every comparison and level of Splink's library is used", [f"not used: {n}" for n in models.not_used()])
    wanted = {name: m for name, m in models.MODELS.items() if not options.models or name in options.models}
    with Folder() as folder:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            folder = options.keep.resolve()
        sets = {}
        for name in sorted({model["set"] for model in wanted.values()}):
            (folder / f"set-{name}").mkdir(exist_ok=True)
            try:
                sets[name] = data.prepare(duckdb.connect(), options.data, folder / f"set-{name}", name)
            except duckdb.IOException:
                checks.skip(f"set {name}", f"it is not below {options.data}")
        for name, model in wanted.items():
            if model["set"] in sets:
                check_model(options.binary.resolve(), name, model, sets, folder, checks)
        if "fake_1000" in sets:
            check_refused(options.binary.resolve(), sets["fake_1000"], folder, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
