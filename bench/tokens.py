#!/usr/bin/env python3
"""What do tokens cost, and do they keep every link?

    bench/tokens.py BINARY [--people N] [--folder F] [--runs N]

Generated hospital rows (16 for each person) are linked with deaths by the built-in lists of passes, in the clear and on
tokens with ids kept. The links are compared first, pair by pair and rank by rank. Then, of the eight ranks, whole processes are timed in turn, the best of
the runs is taken:

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


def call(binary, folder, *arguments):
    start = time.monotonic()
    subprocess.run([str(binary), *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


LISTS = ["hes-did-ranks", "hes-pds-cross-check", "hes-ons-8-rank"]  # the last is the one that is timed


def write_jobs(folder, passes):
    clear = {"hes": {"path": "data/hes_*.parquet", "id": "HES_ID", "fields": HES},
             "deaths": {"path": "data/deaths.parquet", "id": "DEATH_ID", "fields": DEATHS}}
    tokens = {name: {"path": f"tokens/{name}.parquet", "tokens": True, "id": "id"} for name in clear}
    lists = {"communal": {"path": "data/communal.csv", "column": "POSTCODE"}}
    link = [{"from": "hes", "to": "deaths", "passes": passes}]
    key = {"key_file": "bench.key", "domain": "bench", "id": "keep"}
    jobs = {
        "clear": {"inputs": clear, "lists": lists, "link": link, "output": {"directory": "clear"}},
        "tokens": {"inputs": clear, "lists": lists, "pseudonyms": {**key, "passes": passes},
                   "output": {"directory": "tokens"}},
        "copy": {"inputs": clear, "lists": lists,
                 "pseudonyms": {**key, "passes": [{"rank": 1, "agree": ["sex"]}], "clear": ["nhs_number", "dob", "postcode"]},
                 "output": {"directory": "copy", "identifiable": True, "legal_basis": "people who do not exist"}},
        "linked": {"inputs": tokens, "link": link, "output": {"directory": "linked"}},
        "bridge": {"inputs": {**clear, "hes": {**clear["hes"], "id": "PSEUDO_HESID"}}, "lists": lists, "link": link,
                   "bridge": {"from": "keep", "to": "keep"}, "output": {"directory": "bridge"}},
        "via": {"inputs": {name: {"path": each["path"], "id": each["id"]} for name, each in clear.items()},
                "link": [{"from": "hes", "to": "deaths", "via": {"bridge": "bridge/bridge.parquet", "from": "PSEUDO_HESID"}}],
                "output": {"directory": "via"}}}
    for name, job in jobs.items():
        (folder / f"{name}.json").write_text(json.dumps({"job": name, **job}))


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


def measure(binary, folder, people, runs):
    call(binary, folder, "generate", "data", "--people", str(people), "--quiet", "--force")
    if not (folder / "bench.key").exists():
        call(binary, folder, "keys", "new", "--out", "bench.key")
    steps = {"copy": "pseudonymise", "tokens": "pseudonymise", "clear": "link", "linked": "link", "bridge": "bridge", "via": "link"}
    for passes in LISTS:
        write_jobs(folder, passes)
        for name in ("clear", "tokens", "linked"):
            call(binary, folder, steps[name], f"{name}.json", "--quiet", "--force")
        links, same = same_links(folder)
        print(f"{passes}: {links:,} links, {'the same' if same else 'NOT THE SAME'} on tokens and in the clear")
        if not same:
            return 1
    for name in ("copy", "bridge", "via"):
        call(binary, folder, steps[name], f"{name}.json", "--quiet", "--force")
    through, as_bridged = joined_as_bridged(folder)
    print(f"{through:,} links through the bridging file, {'as' if as_bridged else 'NOT AS'} Arrow joins them")
    if not as_bridged:
        return 1
    best = {name: min(call(binary, folder, command, f"{name}.json", "--quiet", "--force") for _ in range(runs))
            for name, command in steps.items()}
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
