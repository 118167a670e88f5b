"""How right is the matcher with "model": "auto"? Runs labelled sets and generated people, prints the figures and writes
them as docs/quality.md.

The jobs are bench/quality/*.json: names of columns, their kinds and formats, nothing else, the same defaults for all.
Each is run twice: as it stands, for the links and clusters at the default threshold, and with the threshold at 0, so
that every pair that blocking lets meet is written with its probability. Splink is run beside it on the sets for which
its authors publish settings.

The labelled sets are looked for in --data (default ../shared/data), a folder each: the records as CSV,
truth_entities.csv (file, id, entity). What is not there is skipped.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

import numpy as np

from run import ROOT, TESSERA, run

PEER = [sys.executable, str(ROOT / "bench" / "splink_peer.py")]
SETS = ["febrl4", "febrl3", "historical_50k", "splink_fake_1000"]
SPLINK = {"febrl4": "febrl4", "febrl3": "febrl3", "historical_50k": "historical", "splink_fake_1000": "fake_1000"}
# What must be reached: figure -> least.
MARKS = {"febrl4": {"f1": 0.9990, "best": 0.9996}, "febrl3": {"f1": 0.990, "best": 0.996},
         "historical_50k": {"met": 0.90, "clusters": 0.88, "best": 0.85}, "people": {"precision": 0.998, "recall": 0.97}}
BANDS = [0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0]
NAMES = {"met": "pairs met", "precision": "precision", "recall": "recall", "f1": "F1 at default", "best": "best F1",
         "at": "at", "clusters": "clusters F1", "splink": "Splink best F1", "splink_met": "Splink pairs met",
         "splink_clusters": "Splink clusters F1"}


class Truth:
    """Who each record is, and how many pairs are true: of one input, or between two."""

    def __init__(self, files, within):
        """`files`: for each input its ids, as text, and its people."""
        people = np.unique(np.concatenate([person for _, person in files]), return_inverse=True)[1]
        counts, self.ids, self.people, at = [], [], [], 0
        for ids, person in files:
            self.ids.append(ids)
            self.people.append(people[at:at + len(person)])
            at += len(person)
            counts.append(np.bincount(self.people[-1], minlength=people.max() + 1))
        self.within = within
        self.pairs = int((counts[0] * (counts[0] - 1) // 2).sum()) if within else int((counts[0] * counts[1]).sum())
        self.records = [len(ids) for ids in self.ids]

    def person(self, column, file=0):
        """The person of each id of a column."""
        import pyarrow as pa
        import pyarrow.compute as pc

        at = pc.index_in(column.cast(pa.string()).combine_chunks(), value_set=self.ids[file])
        if at.null_count:
            raise SystemExit("an output names records that the truth does not know")
        return self.people[file][at.to_numpy()]

    def right(self, left, right):
        return self.person(left) == self.person(right, 0 if self.within else 1)


def read_labels(folder, files, within):
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.compute as pc

    options = pa.csv.ConvertOptions(column_types={name: pa.string() for name in ("file", "id", "entity")})
    table = pa.csv.read_csv(folder / "truth_entities.csv", convert_options=options).combine_chunks()
    parts = [table.filter(pc.equal(table["file"], file)) for file in files]
    return Truth([(part["id"].combine_chunks(), part["entity"].to_numpy()) for part in parts], within)


def read_generated(folder, files, within):
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [pq.read_table(folder / f"truth_{file}.parquet") for file in files]
    return Truth([(t.column(0).cast(pa.string()).combine_chunks(), t.column(1).to_numpy()) for t in tables], within)


def f1(right, found, true):
    return 2 * right / (found + true) if found + true else 0.0


def edges(path, truth):
    """Each pair's probability, and whether it is right; the likeliest first."""
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["from_id", "to_id", "weight", "probability"])
    weight, probability = (table.column(name).to_numpy().astype(float) for name in ("weight", "probability"))
    order = np.argsort(-weight, kind="stable")
    return weight[order], probability[order], truth.right(table["from_id"], table["to_id"])[order]


def best(weight, probability, right, true):
    """The threshold with the best F1: (F1, probability there). Pairs of one weight stand or fall together."""
    if len(weight) == 0:
        return 0.0, 1.0
    last = np.append(weight[1:] != weight[:-1], True)
    scores = np.where(last, 2 * np.cumsum(right) / (np.arange(1, len(right) + 1) + true), 0)
    at = int(scores.argmax())
    return float(scores[at]), float(probability[at])


def clusters_f1(path, truth):
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["id", "cluster_id"])
    cluster = table["cluster_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    both = cluster * (truth.people[0].max() + 1) + truth.person(table["id"])
    pairs = lambda values: int((lambda n: (n * (n - 1) // 2).sum())(np.unique(values, return_counts=True)[1]))
    return f1(pairs(both), pairs(cluster), truth.pairs)


def bands(probability, right):
    """Predicted against observed, by band of probability: (from, to, pairs, predicted, observed)."""
    out = []
    for low, high in zip(BANDS, BANDS[1:]):
        inside = (probability >= low) & ((probability < high) | (high == 1.0))
        if inside.any():
            out.append((low, high, int(inside.sum()), float(probability[inside].mean()), float(right[inside].mean())))
    return out


def job_at(place, name, data, change):
    """Writes the job with its files' whole paths, and what `change` does to its step."""
    job = json.loads((ROOT / "bench" / "quality" / f"{name}.json").read_text())
    for source in job["inputs"].values():
        source["path"] = str((data / source["path"]).resolve())
    change(job["link"][0])
    job["output"]["directory"] = "out"
    place.mkdir(parents=True, exist_ok=True)
    (place / "job.json").write_text(json.dumps(job, indent=1))
    run([TESSERA, "link", place / "job.json", "--quiet", "--force"])
    return place / "out"


def every_pair(step):
    step["model"] = {"threshold": {"probability": 0}}
    if "from" in step:
        step["resolve"] = {"each_from": "many", "each_to": "many"}


def measure(name, data, truth, work):
    place = work / name
    links = job_at(place / "default", name, data, lambda step: None)
    _, _, right = edges(links / "links.parquet", truth)
    found, good = len(right), int(right.sum())
    out = {"precision": good / found if found else 0.0, "recall": good / truth.pairs, "f1": f1(good, found, truth.pairs)}
    if truth.within:
        out["clusters"] = clusters_f1(links / "clusters.parquet", truth)
    weight, probability, right = edges(job_at(place / "all", name, data, every_pair) / "links.parquet", truth)
    out["candidates"], out["met"] = len(right), float(right.sum()) / truth.pairs
    out["best"], out["at"] = best(weight, probability, right, truth.pairs)
    out["bands"] = bands(probability, right)
    return out


def measure_splink(name, data, truth, work):
    place = work / name / "splink"
    run(PEER + [SPLINK[name], data, place, "--random-pairs", 1e6])
    weight, probability, right = edges(place / "edges.parquet", truth)
    out = {"splink": best(weight, probability, right, truth.pairs)[0], "splink_met": float(right.sum()) / truth.pairs}
    if truth.within:
        out["splink_clusters"] = clusters_f1(place / "clusters.parquet", truth)
    return out


def labelled(a, work, results):
    for name in SETS:
        data = pathlib.Path(a.data) / name
        if not (data / "truth_entities.csv").exists():
            print(f"{name}: not in {a.data}, skipped", flush=True)
            continue
        within = name != "febrl4"
        truth = read_labels(data, ["records"] if within else ["a", "b"], within)
        results[name] = {"rows": sum(truth.records), "pairs": truth.pairs}
        if not a.splink_only:
            results[name] |= measure(name, data, truth, work)
        if not a.no_splink:
            results[name] |= measure_splink(name, data, truth, work)
        tell(name, results[name])


def generated(a, work, results):
    options = {"people": ["--people", 50000, "--cohort-share", 200, "--what", "cohort", "--what", "pds"],
               "contacts": ["--people", 24000, "--what", "contacts"]}
    for name, more in options.items():
        files = ["cohort", "pds"] if name == "people" else ["contacts"]
        rounds = []
        for seed in a.seeds:
            data = work / name / f"data-{seed}"
            data.parent.mkdir(parents=True, exist_ok=True)
            run([TESSERA, "generate", "--seed", seed, "--force", "--quiet", *more, data])
            truth = read_generated(data, files, len(files) == 1)
            rounds.append({"rows": sum(truth.records), "pairs": truth.pairs} | measure(name, data, truth, work / str(seed)))
            tell(f"{name}, seed {seed}", rounds[-1])
        # The median of the seeds, and the bands of the first.
        results[name] = {key: rounds[0][key] if key == "bands" else statistics.median(r[key] for r in rounds)
                         for key in rounds[0]}
        results[name]["worst"] = {key: min(r[key] for r in rounds) for key in ("precision", "recall", "f1")}


def tell(name, result):
    print(f"{name:<20} " + "  ".join(f"{NAMES[key]} {value:.4f}" for key, value in result.items() if key in NAMES),
          flush=True)


def missed(results):
    out = []
    for name, marks in MARKS.items():
        for key, least in marks.items():
            value = results.get(name, {}).get(key)
            if value is not None and value < least:
                out.append(f"{name}: {NAMES[key]} {value:.4f}, must reach {least:.4f}")
    fake = results.get("splink_fake_1000", {})
    if "best" in fake and "splink" in fake and fake["best"] < fake["splink"]:
        out.append(f"splink_fake_1000: best F1 {fake['best']:.4f}, Splink has {fake['splink']:.4f}")
    return out


def page(results, versions):
    def cell(result, key):
        return f"{result[key]:.4f}" if key in result else ""

    lines = ["# How good are the links?", "",
             "Written by `scripts/bench quality`; not by hand. Every set is linked with `\"model\": \"auto\"`: the jobs"
             " (`bench/quality`) name columns, kinds and formats, nothing is tuned, and the defaults are the same for all."
             f" {versions}.", "",
             "Pairs met: the share of true pairs that blocking lets meet. The default threshold is the one that a job"
             " without a threshold has; the best one is found with the truth, which a user does not have. Clusters: F1 over"
             " pairs of records in one cluster.", "",
             "| set | rows | true pairs | pairs met | precision | recall | F1 at default | best F1 | at | clusters F1 |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for name, r in results.items():
        numbers = [cell(r, key) for key in ("met", "precision", "recall", "f1", "best", "at", "clusters")]
        lines.append(f"| {name} | {r['rows']:,.0f} | {r['pairs']:,.0f} | " + " | ".join(numbers) + " |")
    lines += ["", "`people`: a cohort of 10,000 to a register of 50,000 by names, date of birth, sex, postcode and NHS"
              " number, which 40 % of the cohort lack. `contacts`: a list of some 50,000 rows. Both are generated"
              " ([generate.md](generate.md)); the figures are medians of the seeds.", ""]
    if any("splink" in r for r in results.values()):
        lines += ["## Splink beside it", "",
                  "In the same run, with settings like those of its published examples, at its best threshold; clusters at .95.", "",
                  "| set | pairs met | best F1 | clusters F1 | ours: pairs met | best F1 | clusters F1 |",
                  "|---|--:|--:|--:|--:|--:|--:|"]
        lines += [f"| {name} | " + " | ".join(cell(r, key) for key in ("splink_met", "splink", "splink_clusters", "met",
                                                                       "best", "clusters")) + " |"
                  for name, r in results.items() if "splink" in r]
        lines.append("")
    lines += ["## Is a probability of .9 right nine times in ten?", "",
              "All pairs that met, by the probability that the model gives them: what it predicts, and the share that is"
              " right.", "", "| set | probability | pairs | predicted | observed |", "|---|---|--:|--:|--:|"]
    for name, r in results.items():
        for low, high, count, predicted, observed in r.get("bands", []):
            lines.append(f"| {name} | {low:g} to {high:g} | {count:,} | {predicted:.4f} | {observed:.4f} |")
    return "\n".join(lines) + "\n"


def versions():
    from importlib import metadata

    tessera = subprocess.run([str(TESSERA), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
    return f"Tessera {tessera}, Splink {metadata.version('splink')} on DuckDB {metadata.version('duckdb')}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench quality", description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", default=str(ROOT.parent / "shared" / "data"), help="folder of the labelled sets")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the generated people")
    parser.add_argument("--no-splink", action="store_true")
    parser.add_argument("--splink-only", action="store_true", help="no run of ours; no page")
    parser.add_argument("--page", default=str(ROOT / "docs" / "quality.md"))
    a = parser.parse_args()
    work = ROOT / "out" / "bench" / "quality"
    shutil.rmtree(work, ignore_errors=True)
    results = {}
    labelled(a, work, results)
    if a.splink_only:
        return
    generated(a, work, results)
    pathlib.Path(a.page).write_text(page(results, versions()))
    print(f"written to {a.page}")
    if short := missed(results):
        raise SystemExit("\n".join(short))


if __name__ == "__main__":
    main()
