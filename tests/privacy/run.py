#!/usr/bin/env python3
"""Does a person's value ever come out where nobody asked for it?

    run.py BINARY [--tap]

Values that occur nowhere else ("canaries") are planted in every column of good and of bad rows. Then jobs are linked,
validated and explained, some to fail in each way that reads rows; models are trained, forecast, evaluated, and a pair is
explained. No canary may be on stdout, on stderr, in a log, in any output, in a model file, or left behind in any file. The
one place where they may be is a column that the job carries.
"""
import base64
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
from harness import Folder, asked, run, text_of  # noqa: E402

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

# Written as they are looked for: letter case and spaces are taken out of both.
GOOD = {"NHS": "4016660001", "GIVEN": "Quixotilda", "FAMILY": "Zyzzyvason", "DOB": "1937-11-23", "PC": "WV16 6QZ",
        "SECRET": "Xanthippedia"}
OTHER = {"NHS": "4016660028", "GIVEN": "Brobdingna", "FAMILY": "Houyhnhnms", "DOB": "1938-10-24", "PC": "WV15 5QX",
         "SECRET": "Laputaniana"}
BAD = {"NHS": "4016660000", "GIVEN": "Glubbdubdrib", "FAMILY": "Luggnaggian", "DOB": "1939-02-31", "PC": "QQ77 7QQ",
       "SECRET": "Balnibarbia"}
LISTED = "WV14 4QW"
CARRIED = "Struldbrugg"
COLUMNS = ["NHS", "GIVEN", "FAMILY", "DOB", "PC", "SECRET"]
CHECK_WEIGHTS = range(10, 1, -1)


def with_check_digit(nine):
    """The number with its right check digit, or None where there is none."""
    check = 11 - sum(weight * int(digit) for weight, digit in zip(CHECK_WEIGHTS, nine)) % 11
    return None if check == 10 else nine + str(check % 11)


def next_number(nine):
    while with_check_digit(nine) is None:
        nine = str(int(nine) + 1)
    return with_check_digit(nine)


GOOD["NHS"] = next_number("401666000")
OTHER["NHS"] = next_number("401666020")
BAD["NHS"] = GOOD["NHS"][:9] + str((int(GOOD["NHS"][9]) + 1) % 10)
if with_check_digit(BAD["NHS"][:9]) == BAD["NHS"]:
    raise AssertionError("the bad number is a good one")


def folded(text):
    return "".join(text.upper().split())


def spellings(person):
    for column in COLUMNS:
        yield person[column]
        if column == "DOB":
            year, month, day = person[column].split("-")
            yield from (f"{day}/{month}/{year}", f"{year}{month}{day}", f"{day}{month}{year}")


CANARIES = sorted({folded(text) for person in (GOOD, OTHER, BAD) for text in spellings(person)} | {folded(LISTED)})


def found_in(text):
    text = folded(text)
    return [canary for canary in CANARIES if canary in text]


def line(id_, person, note=""):
    return ",".join([id_, *(person[column] for column in COLUMNS), note]) + "\n"


HEADER = ",".join(["ID", *COLUMNS, "NOTE"]) + "\n"


def write_inputs(folder):
    rows = HEADER + line("1", GOOD, CARRIED) + line("2", OTHER) + line("3", BAD)
    ragged = ",".join(GOOD.values()) + "\n" + line("5", GOOD).strip() + ",more,and,more\n"
    broken = line("6", GOOD).encode().replace(b"\n", b"\xff\n") + line("7", OTHER, "\x00").encode()
    no_id = line("", BAD)
    (folder / "from.csv").write_bytes((rows + ragged + no_id).encode() + broken)
    (folder / "to.csv").write_text(HEADER + line("T1", GOOD) + line("T2", OTHER) + line("T3", BAD) + ragged + no_id)
    (folder / "open.csv").write_text(rows + '8,"' + line("8", OTHER)[2:] + line("9", GOOD))
    (folder / "twice.csv").write_text(rows + line("1", OTHER))
    (folder / "list.csv").write_text(f"POSTCODE\n{LISTED}\n{GOOD['PC']}\n")
    (folder / "list_open.csv").write_text(f'POSTCODE\n"{LISTED}\n{GOOD["PC"]}\n')
    person = {"ID": "1", **GOOD, "NOTE": CARRIED}
    (folder / "from.ndjson").write_text(json.dumps(person) + "\n" + json.dumps({**person, **BAD, "ID": "2"}) + "\n"
                                        + json.dumps(person)[:-5] + "\n" + json.dumps([GOOD]) + "\n"
                                        + json.dumps({**person, "ID": "3", "NHS": [GOOD["NHS"]]}) + "\n")
    if pyarrow:
        table = pyarrow.table({name: [GOOD.get(name, "1"), OTHER.get(name, "2"), BAD.get(name, "3")] * 3000
                               for name in ["ID", *COLUMNS, "NOTE"]})
        pyarrow.parquet.write_table(table, folder / "from.parquet", use_dictionary=False, compression="none")
        whole = (folder / "from.parquet").read_bytes()
        (folder / "cut.parquet").write_bytes(whole[:len(whole) // 2])
        holes = bytearray(whole)
        for place in range(len(whole) // 8, len(whole) * 3 // 4, 997):
            holes[place:place + 40] = bytes(40)
        (folder / "holes.parquet").write_bytes(holes)


FIELDS = {"nhs_number": {"column": "NHS"}, "given_name": "GIVEN", "family_name": "FAMILY",
          "dob": {"column": "DOB", "format": "%Y-%m-%d"}, "postcode": "PC"}
PASSES = [{"rank": 1, "agree": ["nhs_number", "dob", "given_name", "family_name"], "unless": ["postcode:listed"]},
          {"rank": 2, "agree": ["nhs_number"]}]


def job(source="from.csv", id_="ID", required=False, columns=None, list_file="list.csv", passes=None, fields=None,
        output_format="csv", **of_source):
    fields = json.loads(json.dumps(fields or FIELDS))
    if required:
        fields["nhs_number"]["required"] = True
        fields["dob"]["required"] = True
    return {"job": "privacy",
            "inputs": {"from": {"path": source, "id": id_, "fields": fields, **of_source},
                       "to": {"path": "to.csv", "id": "ID", "fields": FIELDS}},
            "lists": {"listed": {"path": list_file, "column": "POSTCODE"}},
            "link": [{"from": "from", "to": "to", "passes": passes or PASSES}],
            "output": {"directory": "out", "format": output_format, "unmatched": True, "pattern": True,
                       **({"columns": columns} if columns else {})}}


def jobs():
    """Name, job, the exit status that link must have (None: any)."""
    yield "good", job(), 0
    yield "good-ndjson-out", job(output_format="ndjson"), 0
    yield "required", job(required=True), 0
    yield "ndjson", job(source="from.ndjson"), 0
    yield "reject-limit", job(required=True, reject_limit=1), 3
    yield "open-quote", job(source="open.csv"), 3
    yield "duplicate-ids", job(source="twice.csv", duplicate_ids="error"), 3
    yield "wrong-format", job(fields={**FIELDS, "dob": {"column": "DOB", "format": "%d%m%y", "pivot": 20}}), 0
    yield "wrong-kind", job(fields={**FIELDS, "given_name": {"column": "GIVEN", "kind": "integer"},
                                    "family_name": {"column": "FAMILY", "kind": "name"}},
                            passes=[{"rank": 1, "agree": ["nhs_number"], "unless": ["postcode:listed"]}]), 0
    yield "wrong-encoding", job(source="from.csv", encoding="latin-1"), 0
    yield "list-open-quote", job(list_file="list_open.csv"), None
    if pyarrow:
        yield "parquet", job(source="from.parquet"), 0
        yield "parquet-cut", job(source="cut.parquet"), 3
        yield "parquet-holes", job(source="holes.parquet"), None


def files_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check_streams(process, problems, what):
    for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
        found = found_in(text_of(stream))
        if found:
            problems.append(f"{what}: {len(found)} canaries on {name}")


def check_files(before, after, problems, what, but=lambda path: False):
    for path, content in after.items():
        if before.get(path) == content or but(path):
            continue
        for text in (text_of(content), text_of(content[::-1])):
            if found_in(text):
                problems.append(f"{what}: canaries in {path.name}")


COMMANDS = [["validate", "job.json"], ["explain", "job.json"], ["link", "job.json"],
            ["link", "job.json", "--force", "--log", "json", "--progress", "always", "--format", "json"],
            ["link", "job.json", "--force", "--threads", "1", "--batch-rows", "1", "--batch-size", "1KiB"]]


def check_job(binary, name, settings, status, checks):
    with Folder() as folder:
        (folder / "tmp").mkdir()
        write_inputs(folder)
        (folder / "job.json").write_text(json.dumps(settings, indent=1))
        before = files_of(folder)
        problems = []
        for command in COMMANDS:
            process = run(binary, command, folder, {"TMPDIR": str(folder / "tmp")})
            what = " ".join(command)
            if command[0] == "link" and status is not None and process.returncode != status:
                problems.append(f"{what}: exit status {process.returncode}, not {status}: "
                                + ("" if found_in(text_of(process.stderr)) else text_of(process.stderr)))
            if process.returncode not in (0, 2, 3):
                problems.append(f"{what}: exit status {process.returncode}")
            check_streams(process, problems, what)
            check_files(before, files_of(folder), problems, what)
        checks.report(name, problems)


# --- models -----------------------------------------------------------------------------------------------------------

FILLERS = 80  # other people, so that there is something to learn


def model_rows(prefix):
    """The canaries, written well, with a slip and badly; and people who are on both sides."""
    slip = {**GOOD, "GIVEN": GOOD["GIVEN"] + "h", "PC": OTHER["PC"]}
    rows = [line(f"{prefix}1", GOOD, CARRIED), line(f"{prefix}2", OTHER), line(f"{prefix}3", BAD),
            line(f"{prefix}4", slip)]
    for i in range(FILLERS):
        person = {"NHS": "", "GIVEN": "Adam Beth Carl Dora Emil".split()[i % 5], "FAMILY": "North South East".split()[i % 3]
                  + "abcdefgh"[i % 8], "DOB": f"19{50 + i % 40}-0{1 + i % 9}-1{i % 7}", "PC": f"LS{i % 9 + 1} 4A{'BDEFG'[i % 5]}",
                  "SECRET": GOOD["SECRET"]}
        rows.append(line(f"{prefix}{100 + i}", person))
    return rows


def write_model_inputs(folder):
    broken = line("X9", GOOD).encode().replace(b"\n", b"\xff\n") + (",".join(GOOD.values()) + "\n").encode()
    (folder / "left.csv").write_bytes((HEADER + "".join(model_rows("L"))).encode() + broken)
    (folder / "right.csv").write_text(HEADER + "".join(model_rows("R")))
    pairs = "".join(f"L{i},R{i}\n" for i in [1, 2, 3, *range(100, 100 + FILLERS)])
    (folder / "pairs.csv").write_text("from_id,to_id,NOTE\n" + pairs.replace("\n", f",{GOOD['FAMILY']}\n"))
    (folder / "pairs_open.csv").write_text(f'from_id,to_id\nL1,"{GOOD["FAMILY"]}\n' + pairs)
    (folder / "pairs_wrong.csv").write_text(f"from_id,to_id\n{GOOD['FAMILY']},{OTHER['FAMILY']}\n")
    (folder / "people.csv").write_text("id,entity\n" + "".join(
        f"L{i},{GOOD['FAMILY']}{i}\n" for i in [1, 2, 3, 4, *range(100, 100 + FILLERS)]))
    (folder / "nicknames.csv").write_text(f"{GOOD['GIVEN']},{OTHER['GIVEN']},{BAD['GIVEN']}\n")


def model_job(model, within=False, **of_output):
    inputs = {name: {"path": name + ".csv", "id": "ID", "fields": FIELDS} for name in ("left", "right")}
    step = {"within": "left", "model": model} if within else {"from": "left", "to": "right", "model": model}
    return {"job": "privacy", "inputs": {k: v for k, v in inputs.items() if not within or k == "left"}, "link": [step],
            "output": {"directory": "out", "format": "csv", "unmatched": not within, "pattern": True, "levels": True,
                       **of_output}}


WRITTEN = {"compare": [{"field": "given_name", "levels": [{"how": "exact", "term_frequency": True},
                                                          {"how": "jaro_winkler", "at_least": 0.9}]},
                       "family_name", "dob", "postcode"],
           "block": [["dob"], ["postcode", "family_name:soundex"]]}


def model_jobs():
    """Name, job, the exit status of what runs it (None: any)."""
    yield "auto", model_job("auto"), 0
    yield "within", model_job("auto", within=True), 0
    yield "written", model_job(WRITTEN), 0
    yield "labels", model_job({**WRITTEN, "estimate": {"labels": "pairs.csv"}}), 0
    yield "labels-open-quote", model_job({**WRITTEN, "estimate": {"labels": "pairs_open.csv"}}), 3
    yield "labels-unknown", model_job({**WRITTEN, "estimate": {"labels": "pairs_wrong.csv"}}), 3
    yield "nicknames", model_job({**WRITTEN, "nicknames": "nicknames.csv"}), None
    yield "not-converged", model_job({**WRITTEN, "estimate": {"rounds": 1}}), 0
    cascade = model_job(WRITTEN)
    cascade["link"][0]["passes"] = [{"rank": 1, "agree": ["nhs_number"]}]
    yield "cascade", cascade, 0


MODEL_COMMANDS = [
    ["validate", "job.json"], ["explain", "job.json"], ["forecast", "job.json"],
    ["link", "job.json"], ["link", "job.json", "--force", "--log", "json", "--progress", "always", "--format", "json"],
    ["train", "job.json", "--model", "model.json"],
    ["explain", "job.json", "--pair", "L1", "L4"], ["explain", "job.json", "--pair", "L1", "R4"],
    ["explain", "job.json", "--pair", GOOD["FAMILY"], "R4"],
    ["link", "trained.json", "--force"], ["explain", "trained.json", "--pair", "L1", "R4"],
    ["evaluate", "--links", "out/links.csv", "--truth", "pairs.csv"],
    ["evaluate", "--links", "out/links.csv", "--truth", "pairs.csv", "--format", "json", "--by", "match_key"],
    ["evaluate", "--links", "out/links.csv", "--truth", "pairs_wrong.csv"],
    ["evaluate", "--links", "out/links.csv", "--truth", "pairs_open.csv"],
    ["evaluate", "--clusters", "out/clusters.csv", "--truth", "people.csv"]]
MUST_RUN = {"link", "train"}


def check_model_job(binary, name, settings, status, checks):
    with Folder() as folder:
        (folder / "tmp").mkdir()
        write_model_inputs(folder)
        (folder / "job.json").write_text(json.dumps(settings, indent=1))
        trained = json.loads(json.dumps(settings))
        trained["link"][0]["model"] = "model.json"
        (folder / "trained.json").write_text(json.dumps(trained))
        before = files_of(folder)
        problems = []
        for command in MODEL_COMMANDS:
            process = run(binary, command, folder, {"TMPDIR": str(folder / "tmp")})
            what = " ".join(command[:2] if GOOD["FAMILY"] in command else command)
            if command[0] in MUST_RUN and command[1] == "job.json" and status is not None and process.returncode != status:
                problems.append(f"{what}: exit status {process.returncode}, not {status}: "
                                + ("" if found_in(text_of(process.stderr)) else text_of(process.stderr)))
            if process.returncode not in (0, 2, 3):
                problems.append(f"{what}: exit status {process.returncode}")
            check_streams(process, problems, what)
            check_files(before, files_of(folder), problems, what)
        if status == 0 and not (folder / "model.json").exists():
            problems.append("no model was trained, so nothing was tested")
        checks.report("model-" + name, problems)


def check_model_carried(binary, checks):
    """Of a model's links too only the columns asked for come out."""
    with Folder() as folder:
        write_model_inputs(folder)
        (folder / "job.json").write_text(json.dumps(model_job("auto", columns={"left": ["FAMILY"]})))
        before = files_of(folder)
        problems = []
        process = run(binary, ["link", "job.json"], folder)
        check_streams(process, problems, "link")
        asked = {"links.csv", "unmatched_left.csv"}
        check_files(before, files_of(folder), problems, "link", lambda path: path.name in asked)
        links = (folder / "out/links.csv").read_text() if (folder / "out").exists() else ""
        if GOOD["FAMILY"] not in links:
            problems.append("the column asked for is not there")
        if any(GOOD[column] in links for column in COLUMNS if column != "FAMILY"):
            problems.append("columns that nobody asked for are there")
        checks.report("model-carried", problems)


def check_model_stopped(binary, checks):
    """A full disk while a model's links, or the model, are written: nothing is left of either."""
    with Folder() as folder:
        write_model_inputs(folder)
        (folder / "job.json").write_text(json.dumps(model_job("auto", columns={"left": ["FAMILY"]})))
        before = files_of(folder)
        problems = []

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        for command in (["link", "job.json"], ["train", "job.json", "--model", "model.json"]):
            process = run(binary, command, folder, preexec=full)
            if process.returncode != 4:
                problems.append(f"{command[0]}: exit status {process.returncode}, not 4: {text_of(process.stderr)}")
            check_streams(process, problems, command[0])
            left = set(files_of(folder)) - set(before)
            if left:
                problems.append(f"{command[0]}: left behind {sorted(path.name for path in left)}")
        checks.report("model-disk-full", problems)


def check_carried(binary, checks):
    """A carried column is where the job asks for it, and nowhere else."""
    with Folder() as folder:
        write_inputs(folder)
        settings = job(columns={"from": ["NOTE", "FAMILY"]})
        (folder / "job.json").write_text(json.dumps(settings))
        before = files_of(folder)
        problems = []
        process = run(binary, ["link", "job.json"], folder)
        check_streams(process, problems, "link")
        asked = {"links.csv", "unmatched_from.csv"}
        check_files(before, files_of(folder), problems, "link", lambda path: path.name in asked)
        links = (folder / "out/links.csv").read_text() if (folder / "out").exists() else ""
        if CARRIED not in links or GOOD["FAMILY"] not in links:
            problems.append("the columns asked for are not there")
        if any(GOOD[column] in links for column in COLUMNS if column != "FAMILY"):
            problems.append("columns that nobody asked for are there")
        checks.report("carried", problems)


def check_stopped(binary, checks):
    """Stopped half way, with carried values on their way to the disk: nothing of them is left."""
    with Folder() as folder:
        write_inputs(folder)
        with open(folder / "from.csv", "w") as file:
            file.write(HEADER)
            file.writelines(line(str(i), GOOD, CARRIED) for i in range(100_000))
        (folder / "job.json").write_text(json.dumps(job(columns={"from": ["FAMILY"]})))
        before = files_of(folder)
        problems = []

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

        process = run(binary, ["link", "job.json"], folder, preexec=full)
        if process.returncode != 4:
            problems.append(f"exit status {process.returncode}, not 4")
        check_streams(process, problems, "link")
        check_files(before, files_of(folder), problems, "link")
        checks.report("disk-full", problems)


# --- tokens -----------------------------------------------------------------------------------------------------------

TOKENS = {"key_file": "k.key", "domain": "privacy", "passes": PASSES}


def token_job(output_format, **settings):
    out = job(output_format=output_format)
    out.pop("link")
    out["output"] = {"directory": "out", "format": output_format}
    return {**out, "pseudonyms": {**TOKENS, **settings}}


def on_tokens_job(output_format):
    out = job(output_format="csv")
    out.pop("lists")
    out["inputs"] = {side: {"path": f"out/{side}.{output_format}", "tokens": True, "id": "id"} for side in ("from", "to")}
    out["output"]["directory"] = "linked"
    return out


def secret_of(folder, name="k.key"):
    """The secret of the key file in every spelling that a leak could have."""
    text = json.loads((folder / name).read_text())["secret"]
    raw = bytes.fromhex(text)
    return [text.encode(), text.upper().encode(), raw, base64.b64encode(raw)[:40], raw[:16]]


def check_secret(before, after, streams, secrets, problems, what):
    for name, stream in zip(("stdout", "stderr"), streams):
        if any(secret in stream for secret in secrets):
            problems.append(f"{what}: the secret on {name}")
    for path, content in after.items():
        if not path.name.endswith(".key") and before.get(path) != content and any(secret in content for secret in secrets):
            problems.append(f"{what}: the secret in {path.name}")


def check_tokens(binary, output_format, checks):
    """Planted people and a key, over keys, pseudonymise, explain and link: in no output, stream or file left behind."""
    with Folder() as folder:
        (folder / "tmp").mkdir()
        write_inputs(folder)
        problems = []
        made = run(binary, ["keys", "new", "--out", "k.key"], folder)
        secrets = secret_of(folder)
        (folder / "tokens.json").write_text(json.dumps(token_job(output_format)))
        (folder / "job.json").write_text(json.dumps(on_tokens_job(output_format)))
        before = files_of(folder)
        commands = [["keys", "show", "k.key"], ["keys", "check", "k.key"], ["keys", "rotate", "k.key", "--out", "k2.key"],
                    ["validate", "tokens.json"], ["explain", "tokens.json"],
                    ["pseudonymise", "tokens.json"],
                    ["pseudonymise", "tokens.json", "--force", "--log", "json", "--format", "json", "--progress", "always"],
                    ["explain", "job.json"], ["link", "job.json"], ["link", "job.json", "--force", "--threads", "1", "--batch-rows", "1"]]
        for process, command in [(made, ["keys", "new"])] + [(None, each) for each in commands]:
            process = process or run(binary, command, folder, {"TMPDIR": str(folder / "tmp")})
            what = " ".join(command)
            if process.returncode != 0:
                problems.append(f"{what}: exit status {process.returncode}: {text_of(process.stderr)}")
            if command[:2] == ["keys", "rotate"]:
                secrets = secrets + secret_of(folder, "k2.key")
            check_streams(process, problems, what)
            after = files_of(folder)
            check_files(before, after, problems, what)
            check_secret(before, after, (process.stdout, process.stderr), secrets, problems, what)
        for path in [*(folder / "out").iterdir(), *(folder / "linked").iterdir()]:
            if path.stat().st_mode & 0o777 != 0o600:
                problems.append(f"{path.name} is open to others")
        checks.report(f"tokens-{output_format}", problems)


def check_broken_keys(binary, checks):
    """A damaged key file is refused without a word of what is in it."""
    with Folder() as folder:
        write_inputs(folder)
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        whole = (folder / "k.key").read_text()
        secrets = secret_of(folder)
        (folder / "tokens.json").write_text(json.dumps(token_job("csv")))
        problems = []
        broken = [whole.replace('"secret"', '"secrit"'), whole.replace('"check": "', '"check": "0'), whole[:-20],
                  whole.replace("{", ""), json.dumps({json.loads(whole)["secret"]: 1})]
        for text in broken:
            (folder / "k.key").write_text(text)
            for command in (["keys", "check", "k.key"], ["keys", "show", "k.key"], ["pseudonymise", "tokens.json"]):
                before = files_of(folder)
                process = run(binary, command, folder)
                if process.returncode != 3:
                    problems.append(f"{' '.join(command)}: exit status {process.returncode}, not 3")
                check_secret(before, files_of(folder), (process.stdout, process.stderr), secrets + [secrets[0][:12]], problems,
                             " ".join(command))
        checks.report("broken-keys", problems)


def check_tokens_stopped(binary, checks):
    """Killed, and out of disk, half way: no canary and no secret is left, in work folders neither; no core file."""
    with Folder() as folder:
        write_inputs(folder)
        with open(folder / "from.csv", "w") as file:
            file.write(HEADER)
            file.writelines(line(str(i), (GOOD, OTHER)[i % 2], CARRIED) for i in range(400_000))
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        secrets = secret_of(folder)
        (folder / "tokens.json").write_text(json.dumps(token_job("parquet")))
        (folder / "schema.json").write_text(json.dumps(filter_schema()))
        (folder / "clk.json").write_text(json.dumps(encode_job("parquet", key_file="k.key", domain="d")))
        before = files_of(folder)
        problems = []
        for number, command in ((signal.SIGKILL, ["pseudonymise", "tokens.json"]), (signal.SIGSEGV, ["pseudonymise", "tokens.json"]),
                                (signal.SIGKILL, ["encode", "clk.json"])):
            process = subprocess.Popen([str(binary), *command, "--quiet"], cwd=folder,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.15)
            process.send_signal(number)
            streams = process.communicate()
            if process.returncode != -number:
                problems.append(f"it ended with {process.returncode} before it could be killed")
            after = files_of(folder)
            check_files(before, after, problems, f"signal {number}")
            check_secret(before, after, streams, secrets, problems, f"signal {number}")
            if (folder / "out").exists():
                problems.append("an output is there")

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

        process = run(binary, ["pseudonymise", "tokens.json"], folder, preexec=full)
        if process.returncode != 4:
            problems.append(f"full disk: exit status {process.returncode}, not 4")
        check_streams(process, problems, "full disk")
        left = set(files_of(folder)) - set(before)
        if left:
            problems.append(f"left behind {sorted(path.name for path in left)}")
        checks.report("tokens-stopped", problems)


# --- bridging files ---------------------------------------------------------------------------------------------------


def bridge_jobs(rows, output_format):
    """Jobs that make a bridging file, join through it, and move ids by it; the ids too are canaries (the NHS number)."""
    person = lambda path: {"path": path, "id": "NHS", "fields": {"dob": {"column": "DOB", "format": "%Y-%m-%d"}, "family_name": "FAMILY"}}  # noqa: E731
    passes = [{"rank": 1, "agree": ["dob", "family_name"]}]
    side = lambda name: {"key_file": "k.key", "domain": name, "name": "person"}  # noqa: E731
    output = lambda directory, **more: {"directory": directory, "format": output_format, **more}  # noqa: E731
    ids = {"job": "privacy", "inputs": {"person": {"path": rows, "id": "NHS"}}, "bridge": {"from": side("a"), "to": side("b")}, "output": output("ids")}
    bridge = {"job": "privacy", "inputs": {"from": person(rows), "to": person("to.csv")},
              "link": [{"from": "from", "to": "to", "passes": passes, "resolve": {"each_from": "many", "each_to": "many"}}],
              "bridge": {"from": side("a"), "to": side("b")}, "output": output("bridge")}
    released = {name: {"path": f"{name}.csv", "id": "PSEUDONYM"} for name in ("hes", "mhsds")}
    file = f"bridge/bridge.{output_format}"
    return {"bridge": bridge, "ids": ids,
            "link": {"job": "privacy", "inputs": released, "link": [{"from": "hes", "to": "mhsds", "via": file}], "output": output("joined")},
            "rekey": {"job": "privacy", "inputs": {"hes": released["hes"]}, "rekey": {"bridge": file}, "output": output("moved")}}


def write_released(folder, output_format, rows):
    """Data sets under the pseudonyms that the bridging file has, with columns that no job asks for."""
    if output_format == "parquet":
        table = pyarrow.parquet.read_table(folder / "bridge/bridge.parquet").to_pydict()
        pairs = list(zip(table["from_pseudonym"], table["to_pseudonym"]))
    else:
        pairs = [row.split(",")[:2] for row in (folder / "bridge/bridge.csv").read_text().split("\n")[1:-1]]
    for at, name in enumerate(("hes", "mhsds")):
        with open(folder / f"{name}.csv", "w") as file:
            file.write("PSEUDONYM,NOTE\n")
            file.writelines(f"{pairs[i % len(pairs)][at]},{GOOD['SECRET']}\n" for i in range(rows if at == 0 else 2))
    return len(pairs)


def check_bridge(binary, output_format, checks):
    with Folder() as folder:
        (folder / "tmp").mkdir()
        write_inputs(folder)
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        secrets = secret_of(folder)
        for name, settings in bridge_jobs("from.csv", output_format).items():
            (folder / f"{name}.json").write_text(json.dumps(settings))
        problems = []
        for name in ("bridge", "ids", "link", "rekey"):
            command = "bridge" if name == "ids" else name
            before = files_of(folder)
            for options in ([], ["--force", "--log", "json", "--format", "json", "--progress", "always", "--threads", "1"]):
                process = run(binary, [command, f"{name}.json", *options], folder, {"TMPDIR": str(folder / "tmp")})
                if process.returncode != 0:
                    problems.append(f"{name}: exit status {process.returncode}: {text_of(process.stderr)}")
                check_streams(process, problems, command)
                after = files_of(folder)
                check_files(before, after, problems, command)
                check_secret(before, after, (process.stdout, process.stderr), secrets, problems, command)
            for path in set(files_of(folder)) - set(before):
                if path.stat().st_mode & 0o777 != 0o600:
                    problems.append(f"{path.name} is open to others")
            if name == "bridge" and write_released(folder, output_format, 100) < 2:
                problems.append("no pairs, so nothing is tested")
        # A column with identifiers where pseudonyms are expected: refused, and not named by its values.
        (folder / "hes.csv").write_text("PSEUDONYM,NOTE\n" + GOOD["NHS"] + ",x\n")
        for command in ("link", "rekey"):
            before = files_of(folder)
            process = run(binary, [command, f"{command}.json", "--force"], folder)
            if process.returncode != 3:
                problems.append(f"{command} of identifiers: exit status {process.returncode}, not 3")
            check_streams(process, problems, command)
            check_files(before, files_of(folder), problems, command)
        checks.report(f"bridge-{output_format}", problems)


def check_bridge_stopped(binary, checks):
    """Killed half way, and out of disk: nothing of the inputs, of the secret or of an output is left."""
    with Folder() as folder:
        write_inputs(folder)
        with open(folder / "many.csv", "w") as file:
            file.write(HEADER)
            file.writelines(line(str(i), (GOOD, OTHER)[i % 2], CARRIED) for i in range(600_000))
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        secrets = secret_of(folder)
        problems = []
        for name, settings in bridge_jobs("from.csv", "csv").items():
            (folder / f"{name}.json").write_text(json.dumps(settings))
        run(binary, ["bridge", "bridge.json"], folder)
        write_released(folder, "csv", 1_500_000)
        for name in ("bridge", "ids"):
            (folder / f"{name}.json").write_text(json.dumps(bridge_jobs("many.csv", "csv")[name]
                                                            | {"output": {"directory": "again", "format": "csv"}}))
        before = files_of(folder)

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        for name in ("bridge", "ids", "link", "rekey"):
            command = ["bridge" if name == "ids" else name, f"{name}.json"]
            for number in (signal.SIGKILL, signal.SIGSEGV):
                process = subprocess.Popen([str(binary), *command, "--quiet"], cwd=folder,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                time.sleep(0.1)
                process.send_signal(number)
                streams = process.communicate()
                if process.returncode != -number:
                    problems.append(f"{name}: it ended with {process.returncode} before it could be killed")
                after = files_of(folder)
                check_files(before, after, problems, f"{name}, signal {number}")
                check_secret(before, after, streams, secrets, problems, f"{name}, signal {number}")
                if any((folder / output).exists() for output in ("again", "joined", "moved")):
                    problems.append(f"{name}: an output is there")
            process = run(binary, command, folder, preexec=full)
            if process.returncode != 4:
                problems.append(f"{name}, full disk: exit status {process.returncode}, not 4")
            check_streams(process, problems, f"{name}, full disk")
            if any((folder / output).exists() for output in ("again", "joined", "moved")):
                problems.append(f"{name}, full disk: an output is there")
        checks.report("bridge-stopped", problems)


FILTER_SECRET = "Xylocopinae-Brontosaur-2026"


def filter_schema():
    """Every column, as it stands; a bad date does not fit."""
    grams = {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerFeature": 60}}
    features = [{"identifier": name, "format": {"type": "string"}, "hashing": grams} for name in COLUMNS if name != "DOB"]
    features.append({"identifier": "DOB", "format": {"type": "date", "format": "%Y-%m-%d"}, "hashing": grams})
    return {"version": 3, "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}}, "features": features}


def encode_job(output_format, **encode):
    out = token_job(output_format)
    out.pop("pseudonyms")
    return {**out, "encode": {"schema": "schema.json", **encode}}


def check_filters(binary, output_format, checks):
    """Encoded, with a key file and with a secret file, and linked: no value and no secret comes out."""
    with Folder() as folder:
        (folder / "tmp").mkdir()
        write_inputs(folder)
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        (folder / "own.key").write_text(FILTER_SECRET)
        (folder / "own.key").chmod(0o600)
        secrets = [*secret_of(folder), FILTER_SECRET.encode(), base64.b64encode(FILTER_SECRET.encode())[:32]]
        (folder / "schema.json").write_text(json.dumps(filter_schema()))
        (folder / "clk.json").write_text(json.dumps(encode_job(output_format, key_file="k.key", domain="d")))
        (folder / "own.json").write_text(json.dumps(encode_job(output_format, secret_file="own.key")))
        linked = on_tokens_job("csv")
        for side in ("from", "to"):
            linked["inputs"][side]["path"] = f"out/{side}.{output_format}"
        linked["link"] = [{"from": "from", "to": "to", "similar": {"at_least": 0.6}}]
        (folder / "job.json").write_text(json.dumps(linked))
        (folder / "broken.json").write_text(json.dumps(encode_job(output_format, key_file="k.key", domain="d", features={"GIVEN": "x"})))
        before = files_of(folder)
        problems = []
        for status, command in ((0, ["explain", "own.json"]), (0, ["validate", "clk.json"]), (0, ["encode", "own.json"]),
                                (0, ["encode", "clk.json", "--force", "--log", "json", "--format", "json", "--progress", "always"]),
                                (0, ["explain", "job.json"]), (0, ["link", "job.json", "--format", "json"]),
                                (2, ["encode", "broken.json", "--force"])):
            process = run(binary, command, folder, {"TMPDIR": str(folder / "tmp")})
            what = " ".join(command)
            if process.returncode != status:
                problems.append(f"{what}: exit status {process.returncode}: {text_of(process.stderr)}")
            check_streams(process, problems, what)
            after = files_of(folder)
            check_files(before, after, problems, what)
            check_secret(before, after, (process.stdout, process.stderr), secrets, problems, what)
        rejected = b"".join(content for path, content in files_of(folder).items() if path.name.startswith("rejects"))
        if output_format != "parquet" and b"does not fit the schema" not in rejected:
            problems.append("no row was rejected, so rejects are not tested")
        for path in (folder / "out").iterdir():
            if path.stat().st_mode & 0o777 != 0o600:
                problems.append(f"{path.name} is open to others")
        checks.report(f"filters-{output_format}", problems)


# Commands whose tests are above; and those that read no data set.
TRIED = {"link", "train", "forecast", "validate", "explain", "evaluate", "pseudonymise", "encode", "rekey", "bridge", "keys"}
READ_NOTHING = {"generate": ["data", "--people", "300", "--format", "csv"], "doctor": [], "schema": [], "completions": ["bash"],
                "man": [], "help": [], "version": []}


def check_every_command(binary, checks):
    """Each command is tried with canaries; those that read no data are run beside a key, and people whom nobody may name."""
    listed = {line.split()[0] for line in text_of(run(binary, ["help"], pathlib.Path.cwd()).stdout).splitlines()
              if line.startswith("  ") and line.split()[0].isalpha()}
    problems = [f"{command} is not tried, or no command" for command in sorted(listed ^ (TRIED | READ_NOTHING.keys()))]
    with Folder() as folder:
        write_inputs(folder)
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        before, secrets = files_of(folder), secret_of(folder)
        for command, words in READ_NOTHING.items():
            process = run(binary, [command, *words], folder)
            if process.returncode not in (0, 4 if command == "doctor" else 0):
                problems.append(f"{command}: exit status {process.returncode}: {text_of(process.stderr)}")
            check_streams(process, problems, command)
            check_secret(before, files_of(folder), (process.stdout, process.stderr), secrets, problems, command)
            if command == "generate":  # nor the people that it makes up
                made = [line.split(",") for line in (folder / "data/pds.csv").read_text().splitlines()[1:]]
                said = text_of(process.stdout) + text_of(process.stderr)
                if any(len(value) > 7 and value in said for row in made for value in row):
                    problems.append("generate names the people that it makes up")
    checks.report("every-command", problems)


def check_the_check(checks):
    """The canaries are found where they are: each in each spelling, folded or not."""
    problems = [f"{name} is not found" for name in COLUMNS if not found_in(f"<{GOOD[name]}>")]
    problems += [] if found_in("born 23/11/1937") and found_in(GOOD["PC"].lower().replace(" ", "")) else ["spellings"]
    problems += ["found in nothing"] if found_in("a job of 1937 rows, 11 of them in WV16") else []
    checks.report("canaries-are-found", problems)


def main():
    _, binary, checks = asked()
    os.umask(0o022)
    check_the_check(checks)
    check_every_command(binary, checks)
    for name, settings, status in jobs():
        check_job(binary, name, settings, status, checks)
    check_carried(binary, checks)
    check_stopped(binary, checks)
    for name, settings, status in model_jobs():
        check_model_job(binary, name, settings, status, checks)
    check_model_carried(binary, checks)
    check_model_stopped(binary, checks)
    for output_format in ["csv", "ndjson"] + (["parquet"] if pyarrow else []):
        check_tokens(binary, output_format, checks)
        check_filters(binary, output_format, checks)
        if output_format != "ndjson":
            check_bridge(binary, output_format, checks)
    check_bridge_stopped(binary, checks)
    check_broken_keys(binary, checks)
    check_tokens_stopped(binary, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
