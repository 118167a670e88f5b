#!/usr/bin/env python3
"""What do tokens cost, and do they keep every link?

    bench/tokens.py BINARY [--people N] [--folder F] [--runs N]

All built-in lists of passes, in the clear and on tokens with ids kept: generated hospital rows (16 for each person) with
deaths, and for the list that wants names as many rows of a study with the register. The links are compared first, pair by
pair and rank by rank. Then, of the eight ranks, whole processes are timed in turn, the best of the runs is taken:

  pseudonymise    beside the same command that writes the same fields in the clear (the tokens of one flag of sex only)
  link on tokens  beside the link in the clear
  via             the two joined through a bridging file of the persons, beside the link in the clear
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HES = {"nhs_number": "NEWNHSNO", "dob": {"column": "DOB", "format": "%d%m%Y"}, "sex": "SEX", "postcode": "HOMEADD"}
DEATHS = {"nhs_number": "DEC_CONF_NHS_NUMBER", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE"}
NAMES = {"given_name": "GIVEN_NAME", "family_name": "FAMILY_NAME",
         "full_name": {"columns": ["GIVEN_NAME", "FAMILY_NAME"], "kind": "name"}, "postcode": "POSTCODE"}
STUDY = {**NAMES, "dob": "DOB", "sex": "SEX"}
REGISTER = {**NAMES, "dob": {"column": "DATE_OF_BIRTH", "format": "%Y%m%d"}, "sex": "GENDER"}


def call(binary, folder, *arguments):
    start = time.monotonic()
    subprocess.run([str(binary), *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


LISTS = ["hes-did-ranks", "hes-pds-cross-check", "hes-ons-8-rank"]  # the last is the one that is timed
KEY = {"key_file": "bench.key", "domain": "bench", "id": "keep"}
PAIR = ("clear", "tokens", "linked")  # a link in the clear, the tokens for it, the link on them


def job_pair(clear, more, step):
    """The jobs of a pair: the inputs in the clear, what else these need, and the step of link."""
    tokens = {name: {"path": f"tokens/{name}.parquet", "tokens": True, "id": "id",
                     **({"fields": {"full_name": {"kind": "name"}}} if "full_name" in each["fields"] else {})}
              for name, each in clear.items()}
    return {"clear": {"inputs": clear, **more, "link": [step], "output": {"directory": "clear"}},
            "tokens": {"inputs": clear, **more, "pseudonyms": {**KEY, "passes": step["passes"]},
                       "output": {"directory": "tokens"}},
            "linked": {"inputs": tokens, "link": [step], "output": {"directory": "linked"}}}


def write_jobs(folder, jobs):
    for name, job in jobs.items():
        (folder / f"{name}.json").write_text(json.dumps({"job": name, **job}))


def hospital_jobs(passes):
    clear = {"hes": {"path": "data/hes_*.parquet", "id": "HES_ID", "fields": HES},
             "deaths": {"path": "data/deaths.parquet", "id": "DEATH_ID", "fields": DEATHS}}
    lists = {"lists": {"communal": {"path": "data/communal.csv", "column": "POSTCODE"}}}
    link = {"from": "hes", "to": "deaths", "passes": passes}
    return {
        **job_pair(clear, lists, link),
        "copy": {"inputs": clear, **lists,
                 "pseudonyms": {**KEY, "passes": [{"rank": 1, "agree": ["sex"]}], "clear": ["nhs_number", "dob", "postcode"]},
                 "output": {"directory": "copy", "identifiable": True, "legal_basis": "people who do not exist"}},
        "bridge": {"inputs": {**clear, "hes": {**clear["hes"], "id": "PSEUDO_HESID"}}, **lists, "link": [link],
                   "bridge": {"from": "keep", "to": "keep"}, "output": {"directory": "bridge"}},
        "via": {"inputs": {name: {"path": each["path"], "id": each["id"]} for name, each in clear.items()},
                "link": [{"from": "hes", "to": "deaths", "via": {"bridge": "bridge/bridge.parquet", "from": "PSEUDO_HESID"}}],
                "output": {"directory": "via"}}}


def census_jobs():
    clear = {"cohort": {"path": "people/cohort.parquet", "id": "COHORT_ID", "fields": STUDY},
             "pds": {"path": "people/pds.parquet", "id": "PDS_ID", "fields": REGISTER}}
    return job_pair(clear, {}, {"from": "cohort", "to": "pds", "passes": "census-35-matchkeys",
                                "resolve": {"each_from": "one", "each_to": "one", "ties": "next"}})


def same_links(folder):
    import pyarrow.parquet as parquet  # only here: the timings need none
    first, second = (parquet.read_table(folder / name / "links.parquet") for name in ("clear", "linked"))
    return first.num_rows, first.equals(second)


def joined_as_bridged(folder):
    """The links through the bridging file, beside a join of the same tables by Arrow: their number and the sum of ids."""
    import pyarrow.compute as compute
    import pyarrow.parquet as parquet
    import pyarrow.dataset as dataset
    hes = dataset.dataset(sorted(str(p) for p in (folder / "data").glob("hes_*.parquet"))).to_table(["HES_ID", "PSEUDO_HESID"])
    bridge = parquet.read_table(folder / "bridge/bridge.parquet", columns=["from_pseudonym", "to_pseudonym"])
    wanted = hes.join(bridge, "PSEUDO_HESID", "from_pseudonym", join_type="inner")
    found = parquet.read_table(folder / "via/links.parquet")
    sums = [compute.sum(wanted["HES_ID"]), compute.sum(compute.cast(wanted["to_pseudonym"], "int64"))]
    return found.num_rows, wanted.num_rows == found.num_rows and sums == [compute.sum(found["from_id"]), compute.sum(found["to_id"])]


def compare(binary, folder, name):
    """Links in the clear and on tokens; whether they are the same."""
    for each in PAIR:
        call(binary, folder, STEPS[each], f"{each}.json", "--quiet", "--force")
    rows = sum(each["rows"] for each in json.loads((folder / "clear" / "manifest.json").read_text())["inputs"])
    links, same = same_links(folder)
    print(f"{name}: {rows:,} rows, {links:,} links, {'the same' if same else 'NOT THE SAME'} on tokens and in the clear", flush=True)
    return same


STEPS = {"copy": "pseudonymise", "tokens": "pseudonymise", "clear": "link", "linked": "link", "bridge": "bridge", "via": "link"}


def measure(binary, folder, people, runs):
    call(binary, folder, "generate", "data", "--people", str(people), "--quiet", "--force")
    call(binary, folder, "generate", "people", "--people", str(people * 8), "--what", "pds", "--what", "cohort", "--cohort-share", "1000",
         "--quiet", "--force")
    if not (folder / "bench.key").exists():
        call(binary, folder, "keys", "new", "--out", "bench.key")
    write_jobs(folder, census_jobs())
    if not compare(binary, folder, "census-35-matchkeys"):
        return 1
    for passes in LISTS:
        write_jobs(folder, hospital_jobs(passes))
        if not compare(binary, folder, passes):
            return 1
    for name in ("copy", "bridge", "via"):
        call(binary, folder, STEPS[name], f"{name}.json", "--quiet", "--force")
    through, as_bridged = joined_as_bridged(folder)
    print(f"{through:,} links through the bridging file, {'as' if as_bridged else 'NOT AS'} Arrow joins them")
    if not as_bridged:
        return 1
    best = {name: min(call(binary, folder, command, f"{name}.json", "--quiet", "--force") for _ in range(runs))
            for name, command in STEPS.items()}
    for name, seconds in best.items():
        manifest = json.loads((folder / name / "manifest.json").read_text())
        print(f"{name:<8} {seconds:7.2f} s  {manifest['run']['peak_memory_bytes'] / 2**20:7.0f} MiB  "
              + ", ".join(f"{each['stage']} {each['seconds']:.2f}" for each in manifest["run"]["timings"]))
    print(f"pseudonymise: {best['tokens'] / best['copy']:.2f} times the copy in the clear (mark: at most 1.5)")
    print(f"link on tokens: {best['clear'] / best['linked']:.2f} of the speed in the clear (mark: at least 0.7)")
    print(f"via a bridging file: {best['clear'] / best['via']:.2f} of the speed of the link in the clear (wanted: its speed)")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--people", type=int, default=625_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--folder", type=pathlib.Path)
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    if arguments.folder:
        arguments.folder.mkdir(exist_ok=True)
        return measure(binary, arguments.folder, arguments.people, arguments.runs)
    with tempfile.TemporaryDirectory() as folder:
        return measure(binary, pathlib.Path(folder), arguments.people, arguments.runs)


if __name__ == "__main__":
    sys.exit(main())
