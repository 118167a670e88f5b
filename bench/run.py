"""Times Tessera beside its peers in one run and prints one table: seconds, peak memory, ratio.

Every row: the two commands in turn, A B A B ..., whole processes; the ratio is of the medians. Answers are
compared first: links of a job whose fields are plain codes against the links of the peer, pair by pair and rank by rank.
"""
import argparse
import filecmp
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESSERA = ROOT / "build" / "tessera"
PEERS = [sys.executable, str(ROOT / "bench" / "peers.py")]


def run(command):
    """Runs a command; seconds, peak bytes and its output."""
    import time

    start = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}\n{err.decode()[-2000:]}")
    return {"seconds": seconds, "peak": usage.ru_maxrss * 1024, "cpu": usage.ru_utime + usage.ru_stime, "out": out}


def job(folder, name, work, plain=False, memory=None, years="*"):
    """Writes a job file; its output is FOLDER/out-NAME."""
    ending = "csv" if work == "ranks-csv" else "parquet"
    kind = {"kind": "code"} if plain else {}
    nhs = lambda column: {"column": column, **kind}
    hes = {"path": f"hes_{years}.{ending}", "id": "HES_ID",
           "fields": {"nhs_number": nhs("NEWNHSNO"), "dob": {"column": "DOB", "format": "%d%m%Y"},
                      "sex": {"column": "SEX", **kind}, "postcode": "HOMEADD"}}
    if work == "register":
        to = {"path": "pds.parquet", "id": "PDS_ID",
              "fields": {"nhs_number": nhs("NHS_NO"), "dob": {"column": "DATE_OF_BIRTH", "format": "%Y%m%d"}}}
        hes["fields"] = {k: hes["fields"][k] for k in ("nhs_number", "dob")}
        passes = [{"rank": 1, "agree": ["nhs_number", "dob"]}, {"rank": 2, "agree": ["nhs_number", "dob:partial"]}]
    else:
        to = {"path": f"deaths.{ending}", "id": "DEATH_ID",
              "fields": {"nhs_number": nhs("DEC_CONF_NHS_NUMBER"), "dob": "DOB", "sex": {"column": "SEX", **kind},
                         "postcode": "POSTCODE"}}
        passes = "hes-ons-8-rank"
    text = {"job": name, "inputs": {"hes": hes, "to": to},
            "link": [{"from": "hes", "to": "to", "passes": passes,
                      "resolve": {"each_from": "one", "each_to": "many", "ties": "drop"}}],
            "output": {"directory": f"out-{name}", "format": "parquet"}}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(text, indent=1))
    command = [TESSERA, "link", path, "--quiet", "--force", "--threads", "2"]
    return command + (["--memory", memory] if memory else []), folder / f"out-{name}" / "links.parquet"


def links(path):
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["from_id", "to_id", "rank"])
    return table.sort_by([("from_id", "ascending"), ("to_id", "ascending")])


def same_links(ours, theirs):
    """How many links differ, and of how many. In a process of its own: a large parent would count as the peak
    memory of every command it starts."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import run; print(*run.compare_links(*sys.argv[2:]))"
    out = subprocess.run([sys.executable, "-c", code, str(ROOT / "bench"), str(ours), str(theirs)], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return tuple(map(int, out.split()))


def compare_links(ours, theirs):
    a, b = links(ours), links(theirs)
    import numpy as np

    rows = [np.stack([t[c].to_numpy().astype(np.int64) for c in ("from_id", "to_id", "rank")], axis=1) for t in (a, b)]
    count = len(rows[0])
    if rows[0].shape == rows[1].shape:  # what is the same in the same place need not be looked for
        other = (rows[0] != rows[1]).any(axis=1)
        rows = [r[other] for r in rows]
    sets = [set(map(tuple, r.tolist())) for r in rows]
    return len(sets[0] ^ sets[1]), count


def human(size):
    return f"{size / 2**30:.2f} GiB"


class Table:
    def __init__(self):
        print(f"{'work':<44} {'ours':>8} {'peer':>9} {'ratio':>7} {'our peak':>10} {'peer peak':>10}")

    def row(self, work, ours, theirs=None):
        mine = statistics.median(r["seconds"] for r in ours)
        line = f"{work:<44} {mine:7.2f}s"
        if theirs:
            other = statistics.median(r["seconds"] for r in theirs)
            line += f" {other:8.2f}s {other / mine:6.2f}x"
        else:
            line += " " * 18
        line += f" {human(max(r['peak'] for r in ours)):>10}"
        if theirs:
            line += f" {human(max(r['peak'] for r in theirs)):>10}"
        print(line, flush=True)
        return mine


def warm(folder):
    """Reads all files once: whoever came first would pay for the disk."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            with open(path, "rb") as file:
                while file.read(1 << 24):
                    pass


def beside(ours, theirs, rounds):
    warm(ours[2].parent)
    results = [], []
    for _ in range(rounds):
        results[0].append(run(ours))
        results[1].append(run(theirs))
    return results


def decode_only(folder):
    """Seconds to decode the five columns with the peer's reader: the floor that a job stands on."""
    code = ("import duckdb;c=duckdb.connect();c.execute('SET threads=2');"
            "c.execute(\"SELECT sum(HES_ID),sum(length(NEWNHSNO)),sum(length(DOB)),sum(length(SEX)),sum(length(HOMEADD)) "
            f"FROM read_parquet('{folder}/hes_*.parquet')\").fetchall()")
    return run([sys.executable, "-c", code])


def make_data(folder, rows, people=None, what=(), seed=1):
    people = people or rows // 16
    if not (folder / f"rows-{rows}").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = run([TESSERA, "generate", "--people", people, "--hes-rows", rows, "--seed", seed, *what, folder])
        (folder / f"rows-{rows}").touch()
        print(f"generated {rows:,} rows in {made['seconds']:.1f} s: {rows / made['seconds'] / 1e6:.2f} M rows/s, "
              f"peak {human(made['peak'])}")


def check(folder, work, tool="duckdb"):
    command, mine = job(folder, "check-" + work, work, plain=True)
    run(command)
    theirs = folder / f"{tool}-{work}.parquet"
    run(PEERS + [tool, work, folder, theirs])
    differ, count = same_links(mine, theirs)
    print(f"checked {work} against {tool}: {count:,} links, {differ:,} differ")
    if differ > count * 1e-4:
        raise SystemExit("the answers differ: nothing is timed")


def row_held(table, folder, out, memory):
    """The register job held to so much memory: beside DuckDB held to it, and over itself in memory."""
    held, _ = job(folder, "register-held", "register", memory=memory)
    plain, in_memory = job(folder, "register", "register")
    theirs = PEERS + ["duckdb", "register", folder, out, "--memory", memory]
    ours = table.row(f"the register job held to {memory} / DuckDB held to it", *beside(held, theirs, 1))
    base = run(plain)
    same = filecmp.cmp(in_memory, folder / "out-register-held" / "links.parquet", shallow=False)
    manifest = json.loads((folder / "out-register-held" / "manifest.json").read_text())
    parts = manifest["run"]["steps"][0]["partitions"]
    print(f"  over the same in memory ({human(base['peak'])}): {ours / base['seconds']:.2f}; same bytes: {same}; "
          f"partitions: {parts}" + (" (the register fits)" if parts == 1 else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--full", action="store_true", help="100 million rows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default=str(ROOT / "out" / "bench"))
    parser.add_argument("--only", default="", help="ranks, passes, csv, register, memory, large, kernels, similarity")
    a = parser.parse_args()
    rows = int(1e8 if a.full else a.rows)
    folder = pathlib.Path(a.folder) / f"parquet-{rows}"
    wanted = set(a.only.split(",")) if a.only else {
        "ranks", "passes", "csv", "register", "memory", "large", "kernels", "similarity"}
    folder.parent.mkdir(parents=True, exist_ok=True)
    if "similarity" in wanted:
        print(run([sys.executable, ROOT / "bench" / "similarity_peer.py"])["out"].decode())
    if wanted == {"similarity"}:
        return
    make_data(folder, rows)
    if "ranks" in wanted:
        check(folder, "ranks")
    if "register" in wanted:
        check(folder, "register")
    table = Table()
    ranks, _ = job(folder, "ranks", "ranks")
    out = folder / "peer.parquet"
    if "ranks" in wanted:
        results = beside(ranks, PEERS + ["duckdb", "ranks", folder, out], a.rounds)
        ours = table.row(f"eight ranks, {rows:,} rows / DuckDB, two anchors", *results)
        table.row("the same / Polars", *beside(ranks, PEERS + ["polars", "ranks", folder, out], a.rounds))
        floor = statistics.median(decode_only(folder)["seconds"] for _ in range(a.rounds))
        print(f"  whole job over DuckDB reading the five columns alone: {ours / floor:.2f}")
        table.row("the same, two threads / one", *beside(ranks, ranks[:-1] + ["1"], a.rounds))
    if "passes" in wanted:
        ours, theirs = beside(ranks, PEERS + ["duckdb-passes", "ranks", folder, out], 1)  # minutes: once
        ours += [run(ranks) for _ in range(a.rounds - 1)]
        table.row("the same / DuckDB, eight passes", ours, theirs)
    if "register" in wanted:
        register, _ = job(folder, "register", "register")
        table.row(f"{rows:,} rows to a register of {rows // 16:,} / DuckDB",
                  *beside(register, PEERS + ["duckdb", "register", folder, out], a.rounds))
    if "memory" in wanted:
        # Three years of 25 are a tenth of the rows: to the same deaths.
        peaks = [run(job(folder, "memory", "ranks", years=years)[0])["peak"] for years in ("199*", "*")]
        print(f"  peak memory, a tenth of the rows against all: {human(peaks[0])}, {human(peaks[1])}")
        row_held(table, folder, out, "300MiB")
    if "large" in wanted:
        # A register of a fifth as many people as rows: 20 million with --full.
        large = pathlib.Path(a.folder) / f"large-{rows}"
        make_data(large, rows, rows // 5, ("--what", "hes", "--what", "pds"))
        print(f"a register of {rows // 5:,} people")
        for memory in ("1GiB", "640MiB"):
            row_held(table, large, large / "peer.parquet", memory)
    if "csv" in wanted:
        csv_rows = min(rows, 10_000_000)
        csv = pathlib.Path(a.folder) / f"csv-{csv_rows}"
        if not csv.exists():
            run([TESSERA, "generate", "--people", csv_rows // 16, "--hes-rows", csv_rows, "--format", "csv",
                 "--what", "hes", "--what", "deaths", csv])
        command, _ = job(csv, "ranks-csv", "ranks-csv")
        table.row(f"eight ranks, {csv_rows:,} rows from CSV / Polars",
                  *beside(command, PEERS + ["polars", "ranks-csv", csv, csv / "peer.parquet"], a.rounds))
        table.row("the same / DuckDB", *beside(command, PEERS + ["duckdb", "ranks-csv", csv, csv / "peer.parquet"], a.rounds))
    if "kernels" in wanted:
        for name in ("bench_index", "bench_standardise"):
            print(run([ROOT / "build" / "bench" / name, "--benchmark_min_time=0.3"])["out"].decode())


if __name__ == "__main__":
    main()
