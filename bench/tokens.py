#!/usr/bin/env python3
"""What do tokens cost, and do they keep every link?

    bench/tokens.py BINARY [--people N] [--folder F] [--runs N]

Generated hospital rows (16 for each person) are linked with deaths by the eight ranks, in the clear and on tokens with
ids kept. The links are compared first, pair by pair and rank by rank. Then whole processes are timed in turn, the best of
the runs is taken:

  pseudonymise    beside the same command that writes the same fields in the clear (the tokens of one flag of sex only)
  link on tokens  beside the link in the clear
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


def write_jobs(folder):
    clear = {"hes": {"path": "data/hes_*.parquet", "id": "HES_ID", "fields": HES},
             "deaths": {"path": "data/deaths.parquet", "id": "DEATH_ID", "fields": DEATHS}}
    tokens = {name: {"path": f"tokens/{name}.parquet", "tokens": True, "id": "id"} for name in clear}
    lists = {"communal": {"path": "data/communal.csv", "column": "POSTCODE"}}
    link = [{"from": "hes", "to": "deaths", "passes": "hes-ons-8-rank"}]
    key = {"key_file": "bench.key", "domain": "bench", "id": "keep"}
    jobs = {
        "clear": {"inputs": clear, "lists": lists, "link": link, "output": {"directory": "clear"}},
        "tokens": {"inputs": clear, "lists": lists, "pseudonyms": {**key, "passes": "hes-ons-8-rank"},
                   "output": {"directory": "tokens"}},
        "copy": {"inputs": clear, "lists": lists,
                 "pseudonyms": {**key, "passes": [{"rank": 1, "agree": ["sex"]}], "clear": ["nhs_number", "dob", "postcode"]},
                 "output": {"directory": "copy", "identifiable": True, "legal_basis": "people who do not exist"}},
        "linked": {"inputs": tokens, "link": link, "output": {"directory": "linked"}}}
    for name, job in jobs.items():
        (folder / f"{name}.json").write_text(json.dumps({"job": name, **job}))


def same_links(folder):
    import pyarrow.parquet as parquet  # only here: the timings need none
    first, second = (parquet.read_table(folder / name / "links.parquet") for name in ("clear", "linked"))
    return first.num_rows, first.equals(second)


def measure(binary, folder, people, runs):
    call(binary, folder, "generate", "data", "--people", str(people), "--quiet", "--force")
    if not (folder / "bench.key").exists():
        call(binary, folder, "keys", "new", "--out", "bench.key")
    write_jobs(folder)
    steps = {"copy": "pseudonymise", "tokens": "pseudonymise", "clear": "link", "linked": "link"}
    for name, command in steps.items():
        call(binary, folder, command, f"{name}.json", "--quiet", "--force")
    links, same = same_links(folder)
    print(f"{links:,} links, {'the same' if same else 'NOT THE SAME'} on tokens and in the clear")
    if not same:
        return 1
    best = {name: min(call(binary, folder, command, f"{name}.json", "--quiet", "--force") for _ in range(runs))
            for name, command in steps.items()}
    for name, seconds in best.items():
        manifest = json.loads((folder / name / "manifest.json").read_text())
        print(f"{name:<8} {seconds:7.2f} s  {manifest['run']['peak_memory_bytes'] / 2**20:7.0f} MiB  "
              + ", ".join(f"{each['stage']} {each['seconds']:.2f}" for each in manifest["run"]["timings"]))
    print(f"pseudonymise: {best['tokens'] / best['copy']:.2f} times the copy in the clear (mark: at most 1.5)")
    print(f"link on tokens: {best['clear'] / best['linked']:.2f} of the speed in the clear (mark: at least 0.7)")
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
