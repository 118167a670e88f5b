"""Times the probabilistic matcher beside Splink on DuckDB, in one run: seconds, peak memory, ratio, and how right both
are. Whole processes, files in and files out, in turn: ours, theirs, ours ...; ratios are of the medians. Both get the
same files, blocking rules, comparisons, training rules and thresholds (splink_peer.py has theirs), and the answers of
both are held against the truth before anything is timed.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from run import ROOT, TESSERA, Table, beside, human, run

PEER = [sys.executable, str(ROOT / "bench" / "splink_peer.py")]

NAME_LEVELS = [{"how": "exact", "term_frequency": True}, {"how": "jaro_winkler", "at_least": 0.92},
               {"how": "jaro_winkler", "at_least": 0.8}, "else"]
POSTCODE_LEVELS = ["exact"] + [{"how": "exact", "field": f"postcode:{part}"} for part in ("sector", "district", "area")]
COMPARE = [
    {"field": "given_name", "levels": NAME_LEVELS},
    {"field": "family_name", "levels": NAME_LEVELS},
    {"field": "dob", "levels": ["exact", {"how": "levenshtein", "at_most": 1}, "else"]},
    {"field": "postcode", "levels": POSTCODE_LEVELS + ["else"]},
    {"field": "sex", "levels": ["exact", "else"]},
]
EMAIL = {"field": "email", "levels": ["exact", {"how": "jaro_winkler", "at_least": 0.88}, "else"]}
BLOCK = [["postcode"], ["given_name", "dob"], ["family_name", "dob"], ["given_name", "family_name", "dob:year"],
         ["email"], ["given_name", "family_name", "dob:month-day"]]
CERTAIN = [["given_name", "family_name", "dob"], ["dob", "postcode", "sex"]]
TRAIN = [["family_name", "dob"], ["given_name", "postcode"]]
RULES = [["given_name", "family_name", "dob"], ["family_name", "dob", "postcode"], ["given_name", "dob", "postcode"],
         ["email", "dob"]]

PEOPLE = {"given_name": "GIVEN_NAME", "family_name": "FAMILY_NAME", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE"}
CONTACTS = {"path": "contacts.parquet", "id": "CONTACT_ID",
            "fields": PEOPLE | {"email": {"column": "EMAIL", "kind": "text"}}}
COHORT = {"path": "cohort.parquet", "id": "COHORT_ID", "fields": PEOPLE}
PDS = {"path": "pds.parquet", "id": "PDS_ID",
       "fields": PEOPLE | {"dob": {"column": "DATE_OF_BIRTH", "format": "%Y%m%d"}, "sex": "GENDER"}}


def model(random_pairs, email=True, threshold=0.5):
    return {"compare": COMPARE + ([EMAIL] if email else []),
            "block": [rule for rule in BLOCK if email or "email" not in rule],
            "estimate": {"random_pairs": int(random_pairs), "rules": TRAIN, "certain": CERTAIN, "recall": 0.8},
            "threshold": {"probability": threshold}}


def write_job(folder, name, inputs, step, threads=2, memory=None):
    """A job in FOLDER; its output is FOLDER/out-NAME. Returns the command and that folder."""
    text = {"job": name, "inputs": inputs, "link": [step], "output": {"directory": f"out-{name}", "format": "parquet"}}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(text, indent=1))
    command = [TESSERA, "link", path, "--quiet", "--force"] + (["--memory", memory] if memory else [])
    return command + ["--threads", str(threads)], folder / f"out-{name}"


def within(folder, name, use, threads=2, clusters=True):
    step = {"within": "contacts"} | use
    if clusters:
        step["resolve"] = {"clusters": {"method": "connected", "threshold": 0.95}}
    return write_job(folder, name, {"contacts": CONTACTS}, step, threads)


def generate(folder, people, *options):
    """Made once; the folder's name says what is in it."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        run([TESSERA, "generate", "--people", int(people), "--seed", 1, *options, folder])
    return folder


def contacts(root, rows):
    return generate(root / f"contacts-{int(rows)}", rows / 2.108, "--what", "contacts")


def truth(*arguments):
    """Scores against the truth; in a process of its own, see truth.py."""
    command = [sys.executable, str(ROOT / "bench" / "truth.py"), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def tell(who, what, score):
    print(f"  {who:<8} {what:<9} found {score['found']:>11,}  precision {score['precision']:.4f}  "
          f"recall {score['recall']:.4f}  F1 {score['f1']:.4f}", flush=True)
    return score["f1"]


def check(work, ours, theirs, judge):
    """Runs both once and stops if ours is the less right. `judge`: what -> (our file, their file, rest of truth.py)."""
    print(f"checking {work}")
    run(ours)
    run(theirs)
    for what, (mine, other, rest) in judge.items():
        scores = [tell(who, what, truth(what, path, *rest)) for who, path in (("Tessera", mine), ("Splink", other))]
        if scores[0] < scores[1] - 0.001:
            raise SystemExit(f"the {what} are less right than Splink's: nothing is timed")


def counted(folder):
    """Pairs that met, by the manifest."""
    return f"{json.loads((folder / 'manifest.json').read_text())['run']['steps'][0]['candidates']:,} pairs"


def row_dedupe(table, root, a):
    folder, out = contacts(root, a.records), root / "splink-dedupe"
    ours, mine = within(folder, "dedupe", {"model": model(a.random_pairs)})
    theirs = PEER + ["dedupe", folder, out, "--random-pairs", a.random_pairs]
    known = folder / "truth_contacts.parquet"
    check("deduplicate", ours, theirs,
          {"edges": (mine / "links.parquet", out / "edges.parquet", (known, "-", 0.5)),
           "clusters": (mine / "clusters.parquet", out / "clusters.parquet", (known,))})
    results = beside(ours, theirs, a.rounds)
    table.row(f"deduplicate {a.records:,.0f}, {counted(mine)} / Splink", *results)
    print("  Splink's steps, seconds:", json.loads(results[1][-1]["out"])["steps"])
    table.row("the same, two threads / one", *beside(ours, ours[:-1] + ["1"], a.rounds))


def row_link(table, root, a):
    folder = generate(root / f"link-{int(a.records)}", 0.6 * a.records, "--cohort-share", 833, "--what", "cohort",
                      "--what", "pds")
    out = root / "splink-link"
    step = {"from": "cohort", "to": "pds", "model": model(a.random_pairs, email=False),
            "resolve": {"each_from": "many", "each_to": "many"}}
    ours, mine = write_job(folder, "link", {"cohort": COHORT, "pds": PDS}, step)
    theirs = PEER + ["link", folder, out, "--random-pairs", a.random_pairs]
    known = (folder / "truth_cohort.parquet", folder / "truth_pds.parquet", 0.5)
    check("link", ours, theirs, {"edges": (mine / "links.parquet", out / "edges.parquet", known)})
    table.row(f"link {a.records / 2:,.0f} to {0.6 * a.records:,.0f}, {counted(mine)} / Splink",
              *beside(ours, theirs, a.rounds))


def row_predict(table, root, a):
    """Both read the model that Splink saved; every pair that meets is written with its weight."""
    folder, out = contacts(root, a.records), root / "splink-dedupe"
    if not (out / "model.json").exists():
        run(PEER + ["dedupe", folder, out, "--random-pairs", a.random_pairs])
    theirs = PEER + ["predict", folder, out]
    # Splink's model names columns that Splink has made of ours; a table of them is made for Tessera to read.
    if not (folder / "columns.parquet").exists():
        run(PEER + ["columns", folder, folder])
    columns = ["given_name", "family_name", "dob", "sex", "postcode", "email", "sector", "district", "area"]
    table_of_columns = {"path": "columns.parquet", "id": "unique_id",
                        "fields": {name: {"column": name, "kind": "text"} for name in columns}}
    use = {"model": str((out / "model.json").resolve()), "threshold": {"probability": 0}}
    step = {"within": "contacts", "resolve": {"clusters": "none"}} | use
    ours, mine = write_job(folder, "predict", {"contacts": table_of_columns}, step)
    check("predict", ours, theirs, {"edges": (mine / "links.parquet", out / "edges.parquet",
                                              (folder / "truth_contacts.parquet", "-", 0.5))})
    table.row(f"predict alone, {counted(mine)} / Splink", *beside(ours, theirs, a.rounds))


def row_rules(table, root, a):
    folder, out = contacts(root, a.records), root / "splink-rules"
    passes = [{"rank": rank, "agree": rule} for rank, rule in enumerate(RULES, 1)]
    ours, mine = within(folder, "rules", {"passes": passes}, clusters=False)
    theirs = PEER + ["rules", folder, out]
    known = folder / "truth_contacts.parquet"
    check("rules only", ours, theirs,
          {"edges": (mine / "links.parquet", out / "edges.parquet", (known, "-", 0)),
           "clusters": (mine / "clusters.parquet", out / "clusters.parquet", (known,))})
    table.row(f"rules only and clusters, {a.records:,.0f} / Splink", *beside(ours, theirs, a.rounds))


def row_large(table, root, a):
    """Ten times the records: time and memory beside itself. By the rules of the other rows, of which those on names and
    half a date bring 49 times the pairs (of such names there are more in every year), and by rules that ask for the
    postcode area too there, as who has so many records would."""
    names = ["given_name", "family_name"]
    narrow = [rule + ["postcode:area"] if rule[:2] == names else rule for rule in BLOCK]
    for name, block in (("dedupe", BLOCK), ("dedupe-narrow", narrow)):
        commands = []
        for records in (a.records, 10 * a.records):
            folder = contacts(root, records)
            ours, mine = within(folder, name, {"model": model(a.random_pairs) | {"block": block}})
            run(ours)
            known = folder / "truth_contacts.parquet"
            tell("Tessera", "edges", truth("edges", mine / "links.parquet", known, "-", 0.5))
            print(f"  {records:,.0f} records: {counted(mine)}")
            commands.append(ours)
        rules = "" if block is BLOCK else ", narrower rules"
        table.row(f"deduplicate {a.records:,.0f} / {10 * a.records:,.0f}{rules}", *beside(*commands, a.rounds))


def levels(*shares):
    """Levels with their m and u: (condition, m, u) ..."""
    return [({"how": how} if isinstance(how, str) else how) | {"m": m, "u": u} for how, m, u in shares]


# A model that is not estimated: what is timed is the stream.
STREAM_MODEL = {
    "lambda": 1.6e-7,
    "compare": [
        {"field": "nhs_number", "levels": levels(("exact", 0.99, 1.6e-7), ("else", 0.01, 0.99999984))},
        {"field": "dob", "levels": levels(("exact", 0.985, 4e-5), ({"how": "date_elements", "at_least": 2}, 0.013, 0.01),
                                          ("else", 0.002, 0.98996))},
        {"field": "sex", "levels": levels(("exact", 0.99, 0.5), ("else", 0.01, 0.5))},
        {"field": "postcode", "levels": levels(("exact", 0.6, 1e-6),
                                               ({"how": "exact", "field": "postcode:district"}, 0.15, 5e-4),
                                               ("else", 0.25, 0.999499))},
    ],
    "block": [["nhs_number"], ["dob", "sex", "postcode"], ["dob", "postcode:district", "sex"],
              ["postcode", "sex", "dob:year"]],
    "threshold": {"probability": 0.95},
}


def row_stream(table, root, a):
    """Hospital rows to the register of all people: memory must not grow with the rows."""
    people = a.stream_rows / 16
    folder = generate(root / f"stream-{int(a.stream_rows)}", people, "--hes-rows", int(a.stream_rows), "--what", "hes",
                      "--what", "pds")
    peaks, results = [], []
    for name, years in (("stream-tenth", "199*"), ("stream", "*")):  # three years of 25 are a tenth of the rows
        hes = {"path": f"hes_{years}.parquet", "id": "HES_ID",
               "fields": {"nhs_number": "NEWNHSNO", "dob": {"column": "DOB", "format": "%d%m%Y"}, "sex": "SEX",
                          "postcode": "HOMEADD"}}
        fields = {name: PDS["fields"][name] for name in ("dob", "sex", "postcode")}
        register = PDS | {"fields": fields | {"nhs_number": "NHS_NO"}}
        ours, _ = write_job(folder, name, {"hes": hes, "pds": register},
                            {"from": "hes", "to": "pds", "model": STREAM_MODEL})
        results.append(run(ours))
        peaks.append(results[-1]["peak"])
    table.row(f"{a.stream_rows:,.0f} rows to {people:,.0f} people, four rules", [results[1]])
    print(f"  peak memory, a tenth of the rows against all: {human(peaks[0])}, {human(peaks[1])}: "
          f"{peaks[1] / peaks[0]:.3f}x")


def row_components(table, root, a):
    arguments = [ROOT / "build" / "bench" / "bench_components", 50_000_000, 100_000_000, 0]
    print(run([sys.executable, ROOT / "bench" / "components.py", *arguments])["out"].decode(), end="")


def row_kernels(table, root, a):
    print(run([sys.executable, ROOT / "bench" / "similarity_peer.py"])["out"].decode(), end="")


def versions():
    from importlib import metadata

    return ", ".join(f"{name} {metadata.version(name)}" for name in ("splink", "duckdb", "scipy", "rapidfuzz"))


def main():
    rows = {"dedupe": row_dedupe, "link": row_link, "predict": row_predict, "rules": row_rules, "large": row_large,
            "stream": row_stream, "components": row_components, "kernels": row_kernels}
    parser = argparse.ArgumentParser(prog="scripts/bench match", description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=float, default=1e6)
    parser.add_argument("--stream-rows", type=float, default=1e8)
    parser.add_argument("--random-pairs", type=float, default=1e7)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=str(ROOT / "out" / "bench" / "match"))
    parser.add_argument("--only", default="dedupe,link,predict,rules,components,kernels",
                        help=f"{', '.join(rows)}; default all but large and stream, which take long")
    a = parser.parse_args()
    wanted = a.only.split(",")
    if unknown := set(wanted) - set(rows):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    print(run([TESSERA, "--version"])["out"].decode().strip() + "; " + versions())
    table = Table()
    for name in wanted:
        rows[name](table, pathlib.Path(a.folder), a)


if __name__ == "__main__":
    main()
