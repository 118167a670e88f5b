#!/usr/bin/env python3
"""Runs the jobs of tests/golden and compares every output with what a person expects.

    run.py BINARY               all cases, all modes
    run.py BINARY ties-drop     some cases
    run.py BINARY --accept ...  writes what comes out as what is expected: read the difference before you commit it
    run.py BINARY --tap         for Meson
    run.py BINARY --few memory  only the modes that take other ways through the code: for a sanitizer's build
    run.py BINARY --few threads of these, the ones in which threads share other things

A case is a folder: job.json, its inputs, and expected/ with each table as CSV and counts.json, the manifest less what
varies. It is run in every mode of modes(): other threads, batches, kernels, a memory budget that forces partitions, other
formats. The outputs must be the same bytes, or in another format the same values.

A folder of tests/golden-errors has a job, `command` (the arguments, one line) and `expected`: the exit status, then
patterns that the lines of stderr must fit in that order.
"""
import argparse
import concurrent.futures
import csv
import datetime
import difflib
import gzip
import io
import json
import os
import pathlib
import re
import shlex
import shutil
import stat
import sys
import threading

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
from harness import Checks, Folder, names_in, run, text_of  # noqa: E402

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

CASES = pathlib.Path(__file__).resolve().parent
ERROR_CASES = CASES.parent / "golden-errors"

# Rows of null that are added to the reference so that it does not fit: what the command holds for two threads leaves
# little of this budget to the reference.
FILLER_ROWS = 400_000
FILLER_MEMORY = "240MiB"
FILLER_ID = "~filler"
FILLER_NUMBER = 9_000_000_000_000_000


class Mode:
    def __init__(self, name, arguments=(), environment=None, output_format="csv", filler=False):
        self.name = name
        self.arguments = list(arguments)
        self.environment = environment or {}
        self.output_format = output_format
        self.filler = filler


def modes():
    yield Mode("one-thread", ["--threads", "1"])
    yield Mode("eight-threads", ["--threads", "8"])
    yield Mode("three-rows", ["--threads", "8", "--batch-rows", "3", "--batch-size", "1KiB"])
    yield Mode("one-row", ["--threads", "3", "--batch-rows", "1", "--batch-size", "1KiB"])
    held = ["--threads", "2", "--memory", FILLER_MEMORY]
    yield Mode("rounds", [*held, "--rounds", "32"], filler=True)
    yield Mode("rounds-three-rows", [*held, "--rounds", "32", "--batch-rows", "3", "--batch-size", "1KiB"], filler=True)
    yield Mode("partitions", [*held, "--rounds", "0"], filler=True)
    yield Mode("partitions-three-rows", [*held, "--rounds", "0", "--batch-rows", "3"], filler=True)
    for kernels in ("scalar", "avx2", "avx512"):
        yield Mode(kernels, environment={"TESSERA_KERNELS": kernels})
    yield Mode("ndjson", ["--threads", "2"], output_format="ndjson")
    yield Mode("parquet", ["--threads", "2"], output_format="parquet")
    yield Mode("parquet-three-rows", ["--threads", "8", "--batch-rows", "3"], output_format="parquet")


FEW = {"memory": {"three-rows", "rounds", "partitions", "scalar", "ndjson", "parquet-three-rows"},
       "threads": {"three-rows", "rounds", "partitions", "parquet-three-rows"}}


def kernels_here():
    """What this processor can run, as the command names it."""
    try:
        flags = set(pathlib.Path("/proc/cpuinfo").read_text().split())
    except OSError:
        flags = set()
    here = {"scalar"}
    if {"avx2", "bmi1", "bmi2"} <= flags:
        here.add("avx2")
    if here >= {"avx2"} and {"avx512f", "avx512bw", "avx512vl", "avx512dq"} <= flags:
        here.add("avx512")
    return here


# --- fillers ---------------------------------------------------------------------------------------------------------

def open_text(path, encoding):
    if str(path).endswith(".gz"):
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding)
    return open(path, encoding=encoding, newline="")


def csv_columns(path, settings):
    """Names (or, without a header, just the count as None) of the columns of a CSV input."""
    encoding = {"windows-1252": "cp1252", "latin-1": "latin-1"}.get(settings.get("encoding"), "utf-8-sig")
    with open_text(path, encoding) as text:
        for _ in range(settings.get("skip_rows", 0)):
            text.readline()
        row = next(csv.reader(text, delimiter=settings.get("delimiter", ",")))
    return row if settings.get("header", True) else [f"column_{i + 1}" for i in range(len(row))]


def csv_filler(first, settings):
    columns = csv_columns(first, settings)
    delimiter = settings.get("delimiter", ",")
    place = columns.index(settings["id"])
    before, after = delimiter * place, delimiter * (len(columns) - place - 1)
    head = ["-"] * settings.get("skip_rows", 0)
    if settings.get("header", True):
        head.append(delimiter.join('"' + name.replace('"', '""') + '"' for name in columns))
    return head, before + FILLER_ID, after, ["-"] * settings.get("footer_rows", 0)


def write_lines(path, shape):
    head, before, after, foot = shape
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in head)
        file.write("".join(f"{before}{i}{after}\n" for i in range(FILLER_ROWS)))
        file.writelines(line + "\n" for line in foot)


def write_parquet(path, shape):
    schema, id_name = shape
    columns = []
    for field in schema:
        if field.name != id_name:
            columns.append(pyarrow.nulls(FILLER_ROWS, field.type))
        elif pyarrow.types.is_integer(field.type):
            columns.append(pyarrow.array(range(FILLER_NUMBER, FILLER_NUMBER + FILLER_ROWS), field.type))
        else:
            columns.append(pyarrow.array([f"{FILLER_ID}{i}" for i in range(FILLER_ROWS)]).cast(field.type))
    pyarrow.parquet.write_table(pyarrow.table(columns, schema=schema), path)


class Fillers:
    """Files of fillers, each made once for all cases whose inputs look alike."""

    def __init__(self, folder):
        self.folder = folder
        self.made = {}
        self.lock = threading.Lock()

    def file(self, kind, shape):
        with self.lock:
            path = self.made.get((kind, str(shape)))
            if not path:
                path = self.folder / f"filler-{len(self.made)}.{kind}"
                (write_parquet if kind == "parquet" else write_lines)(path, shape)
                self.made[kind, str(shape)] = path
            return path

    def add(self, folder, job):
        """Appends a file of fillers to each input that is looked up. False: there is no way to make one."""
        if any("model" in step or "within" in step or '"at_least"' in json.dumps(step) for step in job["link"]):
            return False  # a model, and terms of likeness, hold their records whatever the budget
        for name in {step["to"] for step in job["link"]}:
            settings = job["inputs"][name]
            paths = settings["path"] if isinstance(settings["path"], list) else [settings["path"]]
            first = sorted(folder.glob(paths[0]))[0]
            kind = settings.get("format") or first.name.removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
            if first.name.endswith(".zst") or (kind == "parquet" and not pyarrow):
                return False
            kind = {"txt": "csv", "psv": "csv", "tsv": "csv", "jsonl": "ndjson"}.get(kind, kind)
            if kind == "csv":
                shape = csv_filler(first, settings)
            elif kind == "ndjson":
                shape = ([], f"{{{json.dumps(settings['id'])}:\"{FILLER_ID}", '"}', [])
            else:
                shape = (pyarrow.parquet.read_schema(first), settings["id"])
            link = folder / f"{FILLER_ID}-{name}.{kind}"
            link.symlink_to(self.file(kind, shape))
            settings["path"] = [*paths, link.name]
        return True


# --- comparing -------------------------------------------------------------------------------------------------------

# A line whose first or second value is a filler's id. What else it holds is null, so it is one line.
FILLER_LINE = re.compile(rf'^(?:[^",\n]*,)?(?:{FILLER_ID}\d+|{FILLER_NUMBER // 10**6}\d{{6}})(?:,.*)?\n', re.MULTILINE)


def without_fillers(text):
    """Removes fillers from unmatched records, and rejects of their files. Keeps the text as it is written."""
    return FILLER_LINE.sub("", text)


def csv_text(value):
    """A value of a Parquet or JSON table as the CSV tables write it."""
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        value = value.isoformat()
    text = str(value)
    if isinstance(value, float):
        text = text.removesuffix(".0")
    if text == "" or any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def table_as_csv(path, columns):
    """The text of the CSV table that holds the same values. `columns`: the names, which JSON lines do not tell."""
    lines = [",".join(csv_text(name) for name in columns)]
    if path.suffix == ".parquet":
        table = pyarrow.parquet.read_table(path)
        lines = [",".join(csv_text(name) for name in table.column_names)]
        rows = table.to_pylist()
    else:
        rows = [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    for row in rows:
        unknown = set(row) - set(columns)
        lines.append(",".join(csv_text(row.get(name)) for name in columns) + (f" unknown {unknown}" if unknown else ""))
    return "\n".join(lines) + "\n"


def counts_of(manifest):
    """What of a manifest a person can work out: no digests, sizes or versions, nothing of the run."""
    inputs = [{**entry, "files": [file["path"] for file in entry["files"]]} for entry in manifest["inputs"]]
    outputs = {entry["name"]: entry["rows"] for entry in manifest["outputs"]}
    return {"inputs": inputs, "links": manifest["links"], "outputs": outputs}


def counts_text(manifest):
    """counts.json: one line for each field profile and rank, so that a person can read it."""
    text = json.dumps(counts_of(manifest), indent=1, ensure_ascii=False)
    return re.sub(r"\{\s+(\"(?:field|rank)\":[^{}]*(?:\{[^{}]*\})?[^{}]*)\}",
                  lambda found: "{" + re.sub(r"\s+", " ", found.group(1)).strip() + "}", text) + "\n"


def difference(expected, found, name):
    if expected == found:
        return []
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), f"expected/{name}", f"found/{name}",
                                 lineterm="", n=1)
    return ["\n".join(list(lines)[:40]) or f"{name}: line ends differ"]


def private_problems(out):
    problems = []
    if stat.S_IMODE(out.stat().st_mode) != 0o700:
        problems.append(f"{out.name} has mode {stat.S_IMODE(out.stat().st_mode):o}, not 700")
    for path in out.iterdir():
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            problems.append(f"{path.name} has mode {stat.S_IMODE(path.stat().st_mode):o}, not 600")
    return problems


class Case:
    def __init__(self, folder, fillers):
        self.folder = folder
        self.fillers = fillers
        self.expected = folder / "expected"
        self.first_manifest = None
        self.first_bytes = {}

    def execute(self, binary, mode):
        """Runs the job in a copy of the case. Returns ({table: CSV text}, manifest, problems)."""
        with Folder() as work:
            shutil.copytree(self.folder, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected"))
            job = json.loads((work / "job.json").read_text())
            directory = job["output"]["directory"]
            if mode.output_format != "csv":
                job["output"]["format"] = mode.output_format
            if mode.filler and not self.fillers.add(work, job):
                return None, None, None
            if mode.filler or mode.output_format != "csv":
                (work / "job.json").write_text(json.dumps(job, indent=2))
            before = names_in(work)
            process = run(binary, ["link", "job.json", "--quiet", *mode.arguments], work, mode.environment)
            if process.returncode != 0:
                return {}, None, [f"exit status {process.returncode}", text_of(process.stderr).strip()]
            problems = []
            if process.stdout or process.stderr:
                problems += ["--quiet was not quiet: " + text_of(process.stdout + process.stderr)]
            out = work / directory
            left = names_in(work) - before - {directory} - {f"{directory}/{name}" for name in names_in(out)}
            if left:
                problems.append(f"left behind: {sorted(left)}")
            problems += private_problems(out)
            tables = {}
            for path in sorted(out.iterdir()):
                if path.name == "manifest.json":
                    continue
                name = path.stem + ".csv"
                if path.suffix == ".csv":
                    tables[name] = path.read_bytes().decode()
                else:
                    tables[name] = table_as_csv(path, self.columns(name))
                    same = self.first_bytes.setdefault(path.name, path.read_bytes())
                    if path.read_bytes() != same:
                        problems.append(f"{path.name}: other bytes than in another mode")
                if mode.filler:
                    tables[name] = without_fillers(tables[name])
            return tables, json.loads((out / "manifest.json").read_text()), problems

    def columns(self, name):
        path = self.expected / name
        return next(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))) if path.exists() else []

    def check(self, binary, mode):
        tables, manifest, problems = self.execute(binary, mode)
        if tables is None:
            return None
        if manifest is None:
            return problems
        expected = {path.name: path.read_bytes().decode() for path in self.expected.iterdir()}
        counts = expected.pop("counts.json", "")
        for name in sorted(expected.keys() | tables.keys()):
            if name not in tables:
                problems.append(f"{name} is not written")
            else:
                problems += difference(expected.get(name, ""), tables[name], name)
        if mode.filler:
            if min(step["partitions"] for step in manifest["run"]["steps"]) < 2:
                problems.append("the reference was not partitioned: FILLER_ROWS is too small")
            steps = json.loads((self.folder / "job.json").read_text())["link"]
            went_round = any(stage["stage"] == "round 2" for stage in manifest["run"]["timings"])
            may_go_round = any(step.get("resolve", {}).get("each_to") != "one" for step in steps)
            if went_round != (mode.name.startswith("rounds") and may_go_round):
                problems.append("in rounds, which was not asked" if went_round else "not in rounds")
            # Of what has no filler.
            looked_up = {step["to"] for step in steps}
            for part in ("inputs", "links"):
                sides = [[each for each in counted[part] if each.get("name") not in looked_up]
                         for counted in (json.loads(counts), counts_of(manifest))]
                problems += difference(*(json.dumps(side, indent=1) for side in sides), f"counts.json: {part}")
            return problems
        if mode.output_format != "csv":
            return problems
        problems += difference(counts, counts_text(manifest), "counts.json")
        steady = {key: value for key, value in manifest.items() if key not in ("run", "versions")}
        self.first_manifest = self.first_manifest or steady
        if steady != self.first_manifest:
            problems.append("the manifest differs from that of another mode outside run")
        return problems

    def accept(self, binary):
        tables, manifest, problems = self.execute(binary, Mode("one-thread", ["--threads", "1"]))
        if manifest is None:
            return problems
        shutil.rmtree(self.expected, ignore_errors=True)
        self.expected.mkdir()
        for name, text in tables.items():
            (self.expected / name).write_bytes(text.encode())
        (self.expected / "counts.json").write_text(counts_text(manifest))
        return problems


def check_error_case(folder, binary):
    status, *patterns = (folder / "expected").read_text().splitlines()
    with Folder() as work:
        shutil.copytree(folder, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected", "command"))
        before = names_in(work)
        process = run(binary, shlex.split((folder / "command").read_text()), work)
        problems = []
        if process.returncode != int(status):
            problems.append(f"exit status {process.returncode}, not {status}")
        lines = text_of(process.stderr).splitlines()
        at = 0
        for pattern in patterns:
            found = next((i for i in range(at, len(lines)) if re.search(pattern, lines[i])), None)
            if found is None:
                problems.append(f"stderr has no further line that fits: {pattern}")
            else:
                at = found + 1
        if process.stdout:
            problems.append("stdout is not empty: " + text_of(process.stdout))
        left = names_in(work) - before
        if left:
            problems.append(f"left behind: {sorted(left)}")
        if problems:
            problems.append("stderr:\n" + "\n".join(lines))
        return problems


def run_case(folder, fillers, binary, options, checks, here):
    case = Case(folder, fillers)
    if options.accept:
        checks.report(folder.name, case.accept(binary))
        return
    assert FEW["threads"] < FEW["memory"] < {mode.name for mode in modes()}
    for mode in modes():
        if options.few and mode.name not in FEW[options.few]:
            continue
        name = f"{folder.name}/{mode.name}"
        if mode.environment.get("TESSERA_KERNELS", "scalar") not in here:
            checks.skip(name, "not on this processor")
        elif mode.output_format == "parquet" and not pyarrow:
            checks.skip(name, "no pyarrow to read it back")
        else:
            problems = case.check(binary, mode)
            if problems is None:
                checks.skip(name, "no filler for this kind of input")
            else:
                checks.report(name, problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("--few", choices=FEW)
    options = parser.parse_args()
    binary = options.binary.resolve()
    checks = Checks(options.tap)
    here = kernels_here()

    def wanted(root):
        return [path for path in sorted(root.iterdir())
                if path.is_dir() and (path / "job.json").exists() and (not options.cases or path.name in options.cases)]

    with Folder() as temporary, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        fillers = Fillers(temporary)
        work = [pool.submit(run_case, folder, fillers, binary, options, checks, here) for folder in wanted(CASES)]
        if not options.accept:
            work += [pool.submit(lambda f=folder: checks.report("error/" + f.name, check_error_case(f, binary)))
                     for folder in wanted(ERROR_CASES)]
        for each in work:
            each.result()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
