#!/usr/bin/env python3
"""Do bridging files hold the links under the pseudonyms of both sides, each pair once, and nothing else?

    run.py BINARY [--tap]

The twin makes the pseudonyms from the key file with Python's own HMAC, and the pairs from the links that `tessera link`
writes in the clear.
"""
import csv
import hashlib
import hmac
import json
import pathlib
import random
import re
import sys

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
from harness import Folder, asked, run, text_of  # noqa: E402

PASSES = [{"rank": 1, "agree": ["nhs_number", "dob"]}, {"rank": 2, "agree": ["nhs_number"]},
          {"rank": 3, "agree": ["dob", "postcode"]}]
FIELDS = {"nhs_number": "NHS", "dob": "DOB", "postcode": "PC"}
POSTCODES = ["SW1A 2AA", "SW1A 2AB", "M1 1AE", "M1 1AF", "WV14 4QW"]


def nhs_number(nine):
    check = 11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), str(nine))) % 11
    return None if check == 10 else f"{nine}{check % 11}"


def write_rows(path, seed, rows, prefix):
    """Persons with several rows each: PERSON is their pseudonym's source, as PSEUDO_HESID is."""
    draw, of_people = random.Random(seed), random.Random(0)
    numbers = [n for n in map(nhs_number, range(401666000, 401666400)) if n]
    people = [(of_people.choice(numbers), f"19{of_people.randint(50, 69)}-0{of_people.randint(1, 9)}-1{of_people.randint(0, 9)}",
               of_people.choice(POSTCODES)) for _ in range(120)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["PERSON", "NHS", "DOB", "PC"])
        for _ in range(rows):
            who = draw.randrange(len(people))
            nhs, dob, postcode = people[who]
            nhs = nhs if draw.random() < 0.8 else ""
            dob = dob if draw.random() < 0.9 else "1970-05-05"
            writer.writerow([f"{prefix}{who}", nhs, dob, postcode])


def hkdf(secret, info):
    """RFC 5869 with an empty salt, 32 bytes."""
    key = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()


def pseudonym(key_file, domain, name, value):
    secret = bytes.fromhex(json.loads(key_file.read_text())["secret"])
    key = hkdf(secret, b"\x1f".join([b"tessera/1", domain.encode(), name.encode()]))
    return hmac.new(key, name.encode() + b"\x1f" + value.encode(), hashlib.sha256).digest()[:16].hex()


def job_of(directory, rows="", **more):
    return {"job": "bridge",
            "inputs": {side: {"path": f"{side}{rows}.csv", "id": "PERSON", "fields": FIELDS} for side in ("a", "b")},
            "link": [{"from": "a", "to": "b", "passes": PASSES, "resolve": {"each_from": "many", "each_to": "many"}}],
            "output": {"directory": directory, "format": "csv"}, **more}


BRIDGE = {"from": {"key_file": "a.key", "domain": "of-a"}, "to": {"key_file": "b.key", "domain": "of-b"}}
MODES = {"plain": [], "one-thread": ["--threads", "1", "--batch-rows", "7", "--batch-size", "1KiB"]}


def do(binary, folder, command, job, *options, status=0):
    (folder / "job.json").write_text(json.dumps(job, indent=1))
    process = run(binary, [command, "job.json", *(["--quiet", "--force"] if command != "explain" else []), *options], folder)
    if process.returncode != status:
        raise RuntimeError(f"{command}: exit status {process.returncode}, not {status}: {text_of(process.stderr)}")
    return text_of(process.stderr) + text_of(process.stdout)


def set_up(binary, folder):
    for side, seed in (("a", 1), ("b", 2)):
        write_rows(folder / f"{side}.csv", seed, 500, side.upper())
        write_rows(folder / f"{side}2.csv", seed + 10, 520, side.upper())
        if run(binary, ["keys", "new", "--out", f"{side}.key"], folder).returncode != 0:
            raise RuntimeError("no key was made")


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def twin(binary, folder, rows=""):
    """{(pseudonym of a, of b): best rank} from links in the clear."""
    do(binary, folder, "link", job_of("clear", rows))
    header, *links = rows_of(folder / "clear" / "links.csv")
    best = {}
    for link in links:
        each = dict(zip(header, link))
        pair = each["from_id"], each["to_id"]
        best[pair] = min(best.get(pair, 99), int(each["rank"]))
    hidden = {(pseudonym(folder / "a.key", "of-a", "id.a", a), pseudonym(folder / "b.key", "of-b", "id.b", b)): rank
              for (a, b), rank in best.items()}
    return best, hidden


def difference(found, expected, what):
    return [] if found == expected else [f"{what}: {len(found)} rows, not {len(expected)}, or others"]


def check_pairs(binary, checks):
    with Folder() as folder:
        set_up(binary, folder)
        clear, expected = twin(binary, folder)
        repeated = len(rows_of(folder / "clear" / "links.csv")) - 1 > 2 * len(clear)
        for mode, options in MODES.items():
            problems = [] if repeated else ["no person has several links, so nothing is tested"]
            try:
                do(binary, folder, "bridge", job_of("bridge", bridge=BRIDGE), *options)
                header, *pairs = rows_of(folder / "bridge" / "bridge.csv")
                if header != ["from_pseudonym", "to_pseudonym", "rank"]:
                    problems.append(f"the columns are {header}")
                problems += difference(pairs, [[a, b, str(rank)] for (a, b), rank in sorted(expected.items())], "pairs")
                problems += difference(sorted(p.name for p in (folder / "bridge").iterdir()),
                                       ["bridge.csv", "manifest.json", "rejects.csv"], "files")
                # Nothing of what the inputs hold, but column names, is in any output.
                values = {value for side in ("a", "b") for row in rows_of(folder / f"{side}.csv")[1:] for value in row if value}
                for file in (folder / "bridge").iterdir():
                    found = [v for v in values if len(v) > 3 and v in file.read_text()]
                    if found:
                        problems.append(f"{file.name} holds a value of the inputs")
                said = json.loads((folder / "bridge" / "manifest.json").read_text())["bridge"]
                from_side, to_side = {a for a, _ in expected}, {b for _, b in expected}
                several = sum(1 for one in from_side if sum(a == one for a, _ in expected) > 1)
                counted = (said["pairs"], said["from"]["pseudonyms"], said["to"]["pseudonyms"], said["from"]["with_several"])
                problems += difference(counted, (len(expected), len(from_side), len(to_side), several), "counts")
            except RuntimeError as error:
                problems.append(str(error))
            checks.report(f"pairs-{mode}", problems)


def check_tokens(binary, checks):
    """A linker that sees tokens only: the owners' own pseudonyms go through it as they are."""
    with Folder() as folder:
        set_up(binary, folder)
        clear, _ = twin(binary, folder)
        problems = []
        try:
            source = job_of("tokens", pseudonyms={"key_file": "a.key", "domain": "linkage", "id": "keep"})
            do(binary, folder, "pseudonymise", source)
            job = job_of("bridge", bridge={"from": "keep", "to": "keep"})
            job["inputs"] = {side: {"path": f"tokens/{side}.csv", "tokens": True, "id": "id"} for side in ("a", "b")}
            do(binary, folder, "bridge", job)
            problems += difference(rows_of(folder / "bridge" / "bridge.csv")[1:],
                                   [[a, b, str(rank)] for (a, b), rank in sorted(clear.items())], "pairs")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("of-tokens", problems)


def check_previous(binary, checks):
    with Folder() as folder:
        set_up(binary, folder)
        problems = []
        try:
            _, before = twin(binary, folder)
            _, now = twin(binary, folder, "2")
            do(binary, folder, "bridge", job_of("bridge", bridge=BRIDGE))
            (folder / "bridge").rename(folder / "last")
            do(binary, folder, "bridge", job_of("bridge", "2", bridge=BRIDGE), "--previous", "last/bridge.csv")
            table = lambda name: rows_of(folder / "bridge" / f"{name}.csv")[1:]  # noqa: E731
            problems += difference(table("added"), [[*p, str(r)] for p, r in sorted(now.items()) if p not in before], "added")
            problems += difference(table("removed"), [[*p, str(r)] for p, r in sorted(before.items()) if p not in now], "removed")
            changed = [[*p, str(r), str(before[p])] for p, r in sorted(now.items()) if before.get(p, r) != r]
            problems += difference(table("changed"), changed, "changed")
            said = json.loads((folder / "bridge" / "manifest.json").read_text())["bridge"]["since"]
            problems += difference(said["changed"], len(changed), "count of changed")
            if not changed or not table("added") or not table("removed"):
                problems.append("nothing changed, so nothing is tested")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("previous", problems)


def check_model(binary, checks):
    with Folder() as folder:
        set_up(binary, folder)
        problems = []
        try:
            job = job_of("bridge", bridge=BRIDGE)
            levels = lambda m, u: [{"how": "exact", "m": m, "u": u}, {"how": "else", "m": 1 - m, "u": 1 - u}]  # noqa: E731
            job["link"] = [{"from": "a", "to": "b", "resolve": {"each_from": "many", "each_to": "many"}, "model": {
                "lambda": 0.01, "block": [["nhs_number"], ["dob", "postcode"]], "threshold": {"probability": 0.5},
                "compare": [{"field": "nhs_number", "levels": levels(0.99, 0.01)}, {"field": "dob", "levels": levels(0.9, 0.01)}]}}]
            do(binary, folder, "bridge", job)
            header, *pairs = rows_of(folder / "bridge" / "bridge.csv")
            problems += difference(header, ["from_pseudonym", "to_pseudonym", "weight", "probability"], "columns")
            if len(pairs) < 50 or len({(p[0], p[1]) for p in pairs}) != len(pairs):
                problems.append(f"{len(pairs)} pairs, or some twice")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("of-a-model", problems)


def check_refused(binary, checks):
    with Folder() as folder:
        set_up(binary, folder)
        carried = job_of("none", bridge=BRIDGE)
        carried["output"]["columns"] = {"a": ["PC"]}
        kept = job_of("none", bridge={**BRIDGE, "from": "keep"})
        kept["inputs"]["a"]["id"] = "NHS"
        within = job_of("none", bridge=BRIDGE)
        within["link"] = [{"within": "a", "passes": PASSES}]
        no_key = job_of("none", bridge={**BRIDGE, "to": {"key_file": "none.key", "domain": "of-b"}})
        for name, command, job, status, words, options in [
                ("no-bridge", "bridge", job_of("none"), 2, 'has no "bridge"', []),
                ("linked", "link", job_of("none", bridge=BRIDGE), 2, "tessera bridge runs it", []),
                ("carried", "bridge", carried, 2, "nothing else", []),
                ("kept-identifier", "bridge", kept, 2, "would be kept", []),
                ("within", "bridge", within, 2, '"from" and "to"', []),
                ("no-key", "bridge", no_key, 2, "none.key", []),
                ("no-link-two-inputs", "bridge", {k: v for k, v in within.items() if k != "link"}, 2, "of one input", []),
                ("no-link-kept", "bridge", {**{k: v for k, v in kept.items() if k != "link"}, "inputs": {"a": within["inputs"]["a"]}}, 2,
                 "both sides", []),
                ("previous", "bridge", job_of("none", bridge=BRIDGE), 3, "is no bridging file", ["--previous", "a.csv"])]:
            problems = []
            try:
                said = do(binary, folder, command, job, *options, status=status)
                if words not in said:
                    problems.append(f'"{words}" is not in: {said}')
                if (folder / "none").exists():
                    problems.append("an output is there")
            except RuntimeError as error:
                problems.append(str(error))
            checks.report("refused-" + name, problems)


def write_csv(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def command(binary, folder, *words):
    process = run(binary, list(words), folder)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {text_of(process.stderr)}")


def ready_job(folder, name):
    """A ready job, on CSV in place of Parquet."""
    configs = pathlib.Path(__file__).resolve().parents[2] / "configs"
    text = (configs / f"{name}.json").read_text().replace(".parquet", ".csv").replace('"format": "parquet"', '"format": "csv"')
    (folder / f"{name}.json").write_text(text)
    return f"{name}.json"


def register_as(folder, path, header, ids):
    """The generated register as another data set: some of its people, the dates written otherwise."""
    people, *rows = rows_of(folder / "data" / "pds.csv")
    at = {name: people.index(name) for name in ("NHS_NO", "DATE_OF_BIRTH", "GENDER", "POSTCODE")}
    out = []
    for i, row in enumerate(rows[::2]):
        day = row[at["DATE_OF_BIRTH"]]
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else ""
        out.append([f"{ids}{i}", row[at["NHS_NO"]], day, row[at["GENDER"]], row[at["POSTCODE"]]])
    write_csv(folder / path, header, out)
    return [row[0] for row in out]


def check_ready_jobs(binary, checks):
    """Both bridges, the linker with tokens, and two data sets joined through a bridging file, as the ready jobs have it."""
    header = ["NHS_NUMBER", "DATE_OF_BIRTH", "GENDER", "POSTCODE"]
    with Folder() as folder:
        problems = []
        try:
            command(binary, folder, "generate", "data", "--people", "1500", "--years", "2", "--format", "csv", "--quiet")
            patients = register_as(folder, "data/mhsds.csv", ["PERSON_ID", *header], "M")
            register_as(folder, "data/did.csv", ["DID_ID", *header], "D")
            for owner in ("hes", "mhsds", "did", "linkage"):
                command(binary, folder, "keys", "new", "--out", f"{owner}.key")
            for name in ("hes-mhsds-bridge", "hes-did-bridge"):
                command(binary, folder, "bridge", ready_job(folder, name), "--quiet")
            pairs = rows_of(folder / "out-hes-mhsds-bridge" / "bridge.csv")[1:]
            if len(pairs) < 200 or len(rows_of(folder / "out-hes-did-bridge" / "bridge.csv")) < 200:
                problems.append("hardly any pairs")

            # Two data sets under pseudonyms only: several rows for each, of which every third patient has none.
            source = {p[0] for p in pairs}
            hes = [[f"h{i}", p] for i, p in enumerate(sorted(source) * 2)] + [["h-nobody", "0" * 32]]
            mhsds = [[f"m{i}", pseudonym(folder / "mhsds.key", "mhsds", "id.mhsds", p)]
                     for i, p in enumerate(patients * 2) if i % 3 != 0]
            (folder / "released").mkdir()
            write_csv(folder / "released" / "hes.csv", ["ROW", "PSEUDONYM"], hes)
            write_csv(folder / "released" / "mhsds.csv", ["ROW", "PSEUDONYM"], mhsds)
            command(binary, folder, "link", ready_job(folder, "via-bridge"), "--quiet")
            names, *found = rows_of(folder / "out-via-bridge" / "links.csv")
            of = lambda row: tuple(dict(zip(names, row))[c] for c in ("from_id", "to_id", "rank"))  # noqa: E731
            expected = [(h, m, rank) for h, p in hes for a, b, rank in pairs if a == p for m, q in mhsds if q == b]
            problems += difference(sorted(map(of, found)), sorted(expected), "links through the bridge")
            if len(expected) < 200:
                problems.append("hardly any links through the bridge")

            # The owners hide their data and keep their pseudonyms; the linker has no key.
            for owner in ("hes", "mhsds"):
                job = json.loads((folder / "hes-mhsds-bridge.json").read_text())
                job["inputs"] = {owner: job["inputs"][owner]}
                for key in ("bridge", "link"):
                    del job[key]
                job["pseudonyms"] = {"key_file": "linkage.key", "domain": "linkage", "passes": "hes-ons-8-rank", "id": "keep"}
                job["output"]["directory"] = f"from-{owner}"
                do(binary, folder, "pseudonymise", job)
            (folder / "linkage.key").unlink()
            command(binary, folder, "bridge", ready_job(folder, "three-party-bridge"), "--quiet")
            if len(rows_of(folder / "out-three-party-bridge" / "bridge.csv")) != len(pairs) + 1:
                problems.append("the linker found other pairs")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("ready-jobs", problems)


def check_rekey(binary, checks):
    """A rotation: the key holder bridges old pseudonyms to new ones; whoever has the data moves them without a key."""
    with Folder() as folder:
        problems = []
        try:
            write_rows(folder / "hes.csv", 1, 200, "P")
            command(binary, folder, "keys", "new", "--out", "old.key")
            command(binary, folder, "keys", "rotate", "old.key", "--out", "new.key")
            people = sorted({row[0] for row in rows_of(folder / "hes.csv")[1:]})
            old = {p: pseudonym(folder / "old.key", "d", "id.hes", p) for p in people}
            new = {p: pseudonym(folder / "new.key", "d", "id.hes", p) for p in people}
            write_csv(folder / "people.csv", ["PERSON"], [[p] for p in people[3:]])
            person = {"path": "people.csv", "id": "PERSON", "fields": {"local_id": "PERSON"}}
            by_link = {
                "job": "rotation", "inputs": {"before": person, "after": person},
                "link": [{"from": "before", "to": "after", "passes": [{"rank": 1, "agree": ["local_id"]}]}],
                "bridge": {"from": {"key_file": "old.key", "domain": "d", "name": "hes"}, "to": {"key_file": "new.key", "domain": "d", "name": "hes"}},
                "output": {"directory": "rotation", "format": "csv"}}
            # Without a link, of the rows as they are: the same, however many rows a person has.
            write_csv(folder / "many.csv", ["PERSON"], [[p] for p in people[3:] * 500] + [[""]])
            rotation = {**by_link, "inputs": {"hes": {"path": "many.csv", "id": "PERSON"}}}
            del rotation["link"]
            for each in (by_link, rotation):
                for options in MODES.values():
                    do(binary, folder, "bridge", each, *options)
                    problems += difference(rows_of(folder / "rotation" / "bridge.csv")[1:],
                                           sorted([old[p], new[p], "1"] for p in people[3:]), "rotation")
            said = json.loads((folder / "rotation" / "manifest.json").read_text())["bridge"]
            problems += difference((said["pairs"], said["from"]["with_several"], said["from"]["domain"]), (len(people) - 3, 0, "d"), "counts")
            if "domain d to domain d" not in do(binary, folder, "explain", rotation):
                problems.append("explain says nothing of it")
            # One pseudonym has two partners.
            with (folder / "rotation" / "bridge.csv").open("a") as file:
                file.write(f"{old[people[4]]},{new[people[5]]},1\n")
            rows = [[f"r{i}", old[p[0]], p[3]] for i, p in enumerate(rows_of(folder / "hes.csv")[1:])]
            write_csv(folder / "hes.csv", ["ROW", "PSEUDONYM", "PC"], rows)
            job = {"job": "rekey", "inputs": {"hes": {"path": "hes.csv", "id": "PSEUDONYM"}}, "rekey": {"bridge": "rotation/bridge.csv"},
                   "output": {"directory": "new", "format": "csv", "columns": {"hes": ["ROW", "PC"]}}}
            person_of = {p: who for who, p in old.items()}
            kept = [[new[person_of[p]], row, pc] for row, p, pc in rows if person_of[p] not in people[:3] + people[4:5]]
            reasons = {p: "pseudonym not in the bridging file" for p in people[:3]} | {people[4]: "pseudonym with several partners"}
            rejected = [[str(i + 1), reasons[person_of[p]]] for i, (_, p, _) in enumerate(rows) if person_of[p] in reasons]
            for mode, options in MODES.items():
                do(binary, folder, "rekey", job, *options)
                names, *found = rows_of(folder / "new" / "hes.csv")
                problems += difference(names, ["id", "ROW", "PC"], f"columns {mode}") + difference(found, kept, f"rows {mode}")
                problems += difference([[r[2], r[4]] for r in rows_of(folder / "new" / "rejects.csv")[1:]], rejected, f"rejects {mode}")
            if len(kept) < 100 or len(rejected) < 3:
                problems.append("hardly anything is tested")
            for place in ("released", "data"):
                (folder / place).mkdir()
            write_csv(folder / "released" / "hes.csv", ["ROW", "PSEUDONYM", "PC"], rows)
            write_csv(folder / "data" / "hes_people.csv", ["PSEUDO_HESID"], [[p] for p in people])
            (folder / "old.key").rename(folder / "hes.key")
            (folder / "new.key").rename(folder / "hes-new.key")
            command(binary, folder, "bridge", ready_job(folder, "rotation"), "--quiet")
            command(binary, folder, "rekey", ready_job(folder, "rekey"), "--quiet")
            (folder / "hes.key").rename(folder / "old.key")
            (folder / "hes-new.key").rename(folder / "new.key")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("rekey", problems)

        # What is refused. The pseudonyms of a data set say under which key and domain they were made.
        def refused(name, job, code, *words, what="rekey"):
            said = ""
            try:
                said = do(binary, folder, what, job, status=code)
                wrong = [f"the message lacks \"{word}\": {said}" for word in words if word not in said]
            except RuntimeError as error:
                wrong = [str(error)]
            checks.report("refused-" + name, wrong)

        write_csv(folder / "none.csv", ["a", "b"], [["1", "2"]])
        refused("no-bridge-there", {**job, "rekey": {"bridge": "nowhere.csv"}}, 2, "nowhere.csv")
        refused("no-bridging-file", {**job, "rekey": {"bridge": "none.csv"}}, 3, "is no bridging file")
        refused("no-rekey", {k: v for k, v in job.items() if k != "rekey"} | {"link": [{"from": "hes", "to": "hes", "via": "none.csv"}]}, 2)
        refused("output-on-the-bridge", {**job, "output": {"directory": "rotation", "format": "csv"}}, 2, "holds the job file or one of its inputs")
        refused("rekey-and-link", {**job, "link": []}, 2, "beside \"rekey\"")
        refused("rejects-beyond", {**job, "inputs": {"hes": {**job["inputs"]["hes"], "reject_limit": 1}}}, 3, "more than 1")
        write_csv(folder / "people2.csv", ["PERSON", "SEX"], [[p, "1"] for p in people])
        do(binary, folder, "pseudonymise", {
            "job": "p", "inputs": {"hes": {"path": "people2.csv", "id": "PERSON", "fields": {"sex": "SEX"}}},
            "pseudonyms": {"key_file": "old.key", "domain": "other", "passes": [{"rank": 1, "agree": ["sex"]}]},
            "output": {"directory": "tokens", "format": "csv"}})
        tokens = {"path": "tokens/hes.csv", "tokens": True, "id": "id"}
        other = {**job, "inputs": {"hes": tokens}, "output": {"directory": "new", "format": "csv"}}
        refused("other-domain", other, 2, "of domain d", "of domain other")
        # A bridging file in Parquet says so itself, wherever it goes.
        do(binary, folder, "bridge", {**rotation, "output": {"directory": "moved"}})
        (folder / "moved" / "manifest.json").unlink()
        refused("other-domain-parquet", {**other, "rekey": {"bridge": "moved/bridge.parquet"}}, 2, "of domain d", "of domain other")
        via = {"job": "v", "inputs": {"hes": tokens, "b": {"path": "hes.csv", "id": "ROW"}}, "output": {"directory": "new", "format": "csv"},
               "link": [{"from": "hes", "to": "b", "via": {"bridge": "rotation/bridge.csv", "to": "PSEUDONYM"}}]}
        refused("via-other-domain", via, 2, "of domain d", what="link")
        # Pseudonyms that are no tokens, or are written otherwise, where those of the bridging file are tokens.
        pairs = rows_of(folder / "rotation" / "bridge.csv")
        for name, changed in [("capitals", lambda p: p.upper()), ("mixed", lambda p: re.sub("[a-f]", lambda m: m[0].upper(), p, count=1)), ("short", lambda p: p[:-1]),
                              ("clear", lambda p: person_of[p])]:
            write_csv(folder / "odd.csv", ["ROW", "PSEUDONYM", "PC"], [*rows[:-1], [rows[-1][0], changed(rows[-1][1]), rows[-1][2]]])
            refused(f"rekey-{name}", {**job, "inputs": {"hes": {"path": "odd.csv", "id": "PSEUDONYM"}}}, 3, "column PSEUDONYM", "lower case")
            for side in ("from", "to"):
                inputs = {"odd": {"path": "odd.csv", "id": "ROW"}, "b": {"path": "hes.csv", "id": "ROW"}}
                step = {"from": "odd", "to": "b"} if side == "from" else {"from": "b", "to": "odd"}
                odd = {"job": "v", "inputs": inputs, "output": {"directory": "new", "format": "csv"},
                       "link": [{**step, "via": {"bridge": "same.csv", "from": "PSEUDONYM", "to": "PSEUDONYM"}}]}
                write_csv(folder / "same.csv", pairs[0], [[p[0], p[0], p[2]] for p in pairs[1:]])
                refused(f"via-{side}-{name}", odd, 3, '"odd"', "column PSEUDONYM", what="link")
            write_csv(folder / "odd-bridge.csv", pairs[0], [*pairs[1:-1], [changed(pairs[-1][0]), *pairs[-1][1:]]])
            refused(f"bridge-{name}", {**job, "rekey": {"bridge": "odd-bridge.csv"}}, 3, f"odd-bridge.csv: row {len(pairs) - 1}")
        refused("via-and-passes", {**via, "link": [{**via["link"][0], "passes": PASSES}]}, 2, "beside \"via\"", what="link")
        refused("via-no-column", {**via, "link": [{**via["link"][0], "via": {"bridge": "rotation/bridge.csv", "to": "NOT"}}]}, 2, "NOT", what="link")


def main():
    _, binary, checks = asked()
    check_pairs(binary, checks)
    check_tokens(binary, checks)
    check_previous(binary, checks)
    check_model(binary, checks)
    check_refused(binary, checks)
    check_rekey(binary, checks)
    check_ready_jobs(binary, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
