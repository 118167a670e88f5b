#!/usr/bin/env python3
"""Do encoded filters have the bits of clkhash, and are links by their similarity the right ones?

    run.py BINARY [--tap] [--few]

Records of every kind of value are encoded by many schemas and compared with the slow twin (twin.py) and, where it is
installed, with clkhash. Links by similarity are compared with all pairs by the twin. Then what must be refused is.
"""
import argparse
import csv
import importlib.util
import json
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import twin  # noqa: E402
from harness import Folder, asked, run, text_of  # noqa: E402

SALT = "SCbL2zHNnmsckfzchsNkZY9XoHk96P/G5nUBrM7ybymlEFsMV6PAeDZCNp3rfNUPCtLDMOGQHG4pCQpfhiHCyA=="
INFO = "c2NoZW1hX2V4YW1wbGU="
SECRET = b"correct horse \xc3\xa9"
NAMES = ["Anna", "OKAFOR", "José", "Łukasz", "O'Neil", "van der Berg", "李", "ß", "a", "😀x", "Zoë", "Wolfeschlegelsteinhausen"]
COLUMNS = ["id", "name", "family", "dob", "sex", "height", "pc", "number"]


def rows_of(seed, count):
    draw = random.Random(seed)
    out = []
    for i in range(count):
        out.append([f"r{i}", " ".join(draw.choice(NAMES) for _ in range(draw.randint(1, 2))), draw.choice(NAMES),
                    f"{draw.randint(1900, 2020)}/{draw.randint(1, 12)}/{draw.randint(1, 28):02}", draw.choice("MF"),
                    draw.choice([str(draw.randint(-60, 210)), f"{draw.uniform(-9, 200):.3f}", "+07"]),
                    draw.choice(["SW1A 2AA", "M1 1AE", "NA", ""]), f"{draw.choice(['', '+', '00', '-'])}{draw.randint(0, 10**12)}"])
    return out


def write_table(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def read_table(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
        return [dict(zip(header, row)) for row in rows]


def feature(name, form, comparison, strategy, **more):
    return {"identifier": name, "format": form, "hashing": {"comparison": comparison, "strategy": strategy, **more}}


def schema_of(seed):
    """A schema drawn from all that schemas can say."""
    draw = random.Random(seed)
    hash_of = lambda: draw.choice([{}, {"hash": {"type": "blakeHash"}}, {"hash": {"type": "doubleHash"}},  # noqa: E731
                                   {"hash": {"type": "doubleHash", "prevent_singularity": True}}])
    strategy = lambda: draw.choice([{"bitsPerToken": draw.randint(1, 45)}, {"bitsPerFeature": draw.randint(1, 300)}])  # noqa: E731
    grams = lambda: {"type": "ngram", "n": draw.randint(1, 4), "positional": draw.random() < 0.5}  # noqa: E731
    encoding = lambda: {"type": "string", "encoding": draw.choice(["utf-8", "utf-16", "utf-32"])}  # noqa: E731
    numeric = {"type": "numeric", "thresholdDistance": draw.choice([0.5, 5, 17.25]), "resolution": draw.randint(1, 9),
               "fractional_precision": draw.randint(1, 3)}
    features = [
        {"identifier": "id", "ignored": True},
        feature("name", encoding(), grams(), strategy(), **hash_of()),
        feature("family", encoding(), draw.choice([grams(), {"type": "exact"}]), strategy(), **hash_of()),
        feature("dob", {"type": "date", "format": "%Y/%m/%d"}, draw.choice([grams(), {"type": "exact"}]), strategy(), **hash_of()),
        feature("sex", {"type": "enum", "values": ["M", "F"]}, {"type": "exact"}, strategy(), **hash_of()),
        feature("height", {"type": "string"}, numeric, strategy(), **hash_of()),
        feature("pc", {"type": "string", "pattern": "[A-Z0-9 ]*\\Z"}, grams(), strategy(), **hash_of(),
                missingValue=draw.choice([{"sentinel": "NA"}, {"sentinel": "NA", "replaceWith": "not known"}])),
        feature("number", {"type": "integer"}, draw.choice([grams(), {"type": "exact"}]), strategy(), **hash_of())]
    kdf = {"type": "HKDF", "hash": draw.choice(["SHA256", "SHA512"]), "keySize": draw.choice([32, 64])}
    if draw.random() < 0.7:
        kdf.update(salt=SALT, info=INFO)
    return {"version": 3, "clkConfig": {"l": draw.choice([256, 512, 1024, 2048]), "xor_folds": draw.randint(0, 2), "kdf": kdf},
            "features": features}


PLAIN = {"version": 3, "clkConfig": {"l": 512, "kdf": {"type": "HKDF"}}, "features": [
    feature("name", {"type": "string"}, {"type": "ngram", "n": 2}, {"bitsPerFeature": 80}),
    feature("family", {"type": "string"}, {"type": "ngram", "n": 2}, {"bitsPerFeature": 80}),
    feature("dob", {"type": "date", "format": "%Y/%m/%d"}, {"type": "ngram", "n": 1, "positional": True}, {"bitsPerFeature": 80})]}


def put(folder, name, value):
    (folder / name).write_text(json.dumps(value))


def set_up(folder, schema, rows, secret=SECRET):
    write_table(folder / "in.csv", COLUMNS, rows)
    put(folder, "schema.json", schema)
    (folder / "secret").write_bytes(secret)
    (folder / "secret").chmod(0o600)


def encode_job(out="out", form="csv", source="in.csv", **encode):
    return {"job": "t", "inputs": {"p": {"path": source, "id": "id"}},
            "encode": {"schema": "schema.json", "secret_file": "secret", **encode},
            "output": {"directory": out, "format": form}}


def do(binary, folder, command, job, *options, environment=None):
    """Runs a job; the finished process. Its folder is replaced."""
    put(folder, "job.json", job)
    done = run(binary, [command, "job.json", "--quiet", "--force", *options], folder, environment)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit {done.returncode}\n{text_of(done.stderr)}")
    return done


def filters_in(folder, out="out"):
    return [row["clk"] for row in read_table(folder / out / "p.csv")]


def by_twin(schema, rows, secret=SECRET):
    made = twin.Schema(schema, secret)
    return [twin.written(made.filter(dict(zip(COLUMNS, row))), schema["clkConfig"]["l"]) for row in rows]


def differences(found, expected):
    if len(found) != len(expected):
        return [f"{len(found)} filters, not {len(expected)}"]
    return [f"row {i}: another filter" for i, (a, b) in enumerate(zip(found, expected)) if a != b][:3]


def by_clkhash(folder, schema):
    """The filters of clkhash for in.csv, or None where it is not installed."""
    if importlib.util.find_spec("clkhash") is None:
        return None
    from clkhash import clk, schema as schemas, serialization  # noqa: PLC0415
    with open(folder / "in.csv", encoding="utf-8") as file:
        made = clk.generate_clk_from_csv(file, SECRET, schemas.from_json_dict(schema), progress_bar=False, max_workers=1)
    return [serialization.serialize_bitarray(each) for each in made]


def check_bits(binary, checks, count):
    for seed in range(count):
        schema = schema_of(seed)
        rows = rows_of(seed, 60)
        with Folder() as folder:
            set_up(folder, schema, rows)
            try:
                do(binary, folder, "encode", encode_job())
                found = filters_in(folder)
                checks.report(f"twin-{seed}", differences(found, by_twin(schema, rows)))
                expected = by_clkhash(folder, schema)
                if expected is None:
                    checks.skip(f"clkhash-{seed}", "clkhash is not installed: scripts/setup --tests")
                else:
                    checks.report(f"clkhash-{seed}", differences(found, expected))
            except RuntimeError as error:
                checks.report(f"twin-{seed}", [str(error)])


# What clkhash 0.18.3 makes of one record by schemas of version 1 and 2: k and weights become bits of a token.
OLDER = {
    1: ({"version": 1, "clkConfig": {"l": 64, "k": 20, "hash": {"type": "doubleHash"}, "kdf": {"type": "HKDF"}}, "features": [
        {"identifier": "name", "format": {"type": "string"}, "hashing": {"ngram": 2, "weight": 0.125}},
        {"identifier": "family", "format": {"type": "string"}, "hashing": {"ngram": 1, "weight": 0}},
        {"identifier": "dob", "format": {"type": "string"}, "hashing": {"ngram": 1, "positional": True, "weight": 0.1}}]},
        {"bitsPerToken": 2}, {"bitsPerToken": 2}),
    2: ({"version": 2, "clkConfig": {"l": 64, "kdf": {"type": "HKDF"}}, "features": [
        {"identifier": "name", "format": {"type": "string"}, "hashing": {"ngram": 2, "strategy": {"k": 3}}},
        {"identifier": "family", "ignored": True},
        {"identifier": "dob", "format": {"type": "string"},
         "hashing": {"ngram": 1, "positional": True, "strategy": {"numBits": 30}, "hash": {"type": "doubleHash"}}}]},
        {"bitsPerToken": 3}, {"bitsPerFeature": 30}),
}


def check_older(binary, checks):
    """Versions 1 and 2 mean what their translation into version 3 means."""
    rows = rows_of(1, 40)
    for version, (schema, of_name, of_dob) in OLDER.items():
        name_hash = {"type": "doubleHash"} if version == 1 else {"type": "blakeHash"}
        third = {"version": 3, "clkConfig": {"l": 64, "kdf": {"type": "HKDF"}}, "features": [
            feature("name", {"type": "string"}, {"type": "ngram", "n": 2}, of_name, hash=name_hash),
            {"identifier": "family", "ignored": True},
            feature("dob", {"type": "string"}, {"type": "ngram", "n": 1, "positional": True}, of_dob, hash={"type": "doubleHash"})]}
        with Folder() as folder:
            set_up(folder, schema, rows)
            try:
                do(binary, folder, "encode", encode_job())
                checks.report(f"version-{version}", differences(filters_in(folder), by_twin(third, rows)))
            except RuntimeError as error:
                checks.report(f"version-{version}", [str(error)])


def check_modes(binary, checks):
    """The same filters with any number of threads, batch and form of output; with a key file and tokens beside them."""
    rows = rows_of(7, 700)
    with Folder() as folder:
        set_up(folder, PLAIN, rows)
        expected = by_twin(PLAIN, rows)
        for name, options in {"one-thread": ["--threads", "1"], "small-batches": ["--batch-rows", "7"], "more-threads": ["--threads", "5"]}.items():
            try:
                do(binary, folder, "encode", encode_job(), *options)
                checks.report(name, differences(filters_in(folder), expected))
            except RuntimeError as error:
                checks.report(name, [str(error)])
        try:
            do(binary, folder, "encode", encode_job(form="ndjson"))
            lines = [json.loads(line)["clk"] for line in (folder / "out/p.ndjson").read_text().splitlines()]
            checks.report("ndjson", differences(lines, expected))
        except RuntimeError as error:
            checks.report("ndjson", [str(error)])


def check_fields(binary, checks):
    """A feature that names a field takes its standardised value; without one it sets no bits."""
    rows = [["1", "Dr. Zoë  o'brien", "x", "5/3/1950"], ["2", "", "x", "05/03/1950"], ["3", "ZOE OBRIEN", "x", "31/02/1950"]]
    with Folder() as folder:
        set_up(folder, PLAIN, [])
        write_table(folder / "in.csv", ["id", "NAME", "family", "BORN"], rows)
        job = encode_job(features={"name": "full_name", "dob": "dob"})
        job["inputs"]["p"]["fields"] = {"full_name": {"column": "NAME", "kind": "name"}, "dob": {"column": "BORN", "format": "%d/%m/%Y"}}
        problems = []
        try:
            do(binary, folder, "encode", job)
            made = twin.Schema(PLAIN, SECRET)
            with_name = {"name": "ZOE OBRIEN", "family": "x"}
            values = [{**with_name, "dob": "1950/03/05"}, {"family": "x", "dob": "1950/03/05"}, with_name]
            problems = differences(filters_in(folder), [twin.written(made.filter(v), 512) for v in values])
        except RuntimeError as error:
            problems = [str(error)]
        checks.report("standardised-fields", problems)


def check_rejects(binary, checks):
    rows = [["1", "ANNA", "F", "1950/03/05"], ["2", "BEN", "F", "1950-03-05"], ["3", "CARL", "F", "1950/02/30"], ["4", "", "F", "2001/1/1"]]
    with Folder() as folder:
        set_up(folder, PLAIN, [])
        write_table(folder / "in.csv", ["id", "name", "family", "dob"], rows)
        problems = []
        try:
            do(binary, folder, "encode", encode_job())
            if [row["id"] for row in read_table(folder / "out/p.csv")] != ["1", "4"]:
                problems.append("other rows are left")
            told = [(r["row"], r["field"], r["reason"]) for r in read_table(folder / "out/rejects.csv")]
            if told != [("2", "dob", "value does not fit the schema"), ("3", "dob", "value does not fit the schema")]:
                problems.append(f"the rejects are {told}")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("rejects", problems)


def check_hardening(binary, checks):
    """Folding halves; balancing sets half the bits of each, and keeps what a and b have in common."""
    rows = rows_of(3, 80)
    with Folder() as folder:
        set_up(folder, PLAIN, rows)
        problems = []
        try:
            do(binary, folder, "encode", encode_job(harden={"folds": 1}))
            folded = {**PLAIN, "clkConfig": {**PLAIN["clkConfig"], "l": 256, "xor_folds": 1}}
            problems += differences(filters_in(folder), by_twin(folded, rows))
            do(binary, folder, "encode", encode_job(harden={"balance": True}))
            balanced = [twin.read(text) for text in filters_in(folder)]
            plain = [twin.read(text) for text in by_twin(PLAIN, rows)]
            if {each.bit_count() for each in balanced} != {512}:
                problems.append("a filter has not half its bits set")
            # Bits in common: those of the filters, and those that neither has.
            for i in range(0, 80, 9):
                a, b = plain[i], plain[(i + 5) % 80]
                if (balanced[i] & balanced[(i + 5) % 80]).bit_count() != 512 - (a ^ b).bit_count():
                    problems.append("balancing changed what filters have in common")
                    break
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("hardening", problems)


# ---- links ----

def people(seed, count, draw_from=400):
    """Filters' records: people of a pool, with slips, so that many pairs are alike and some equally so."""
    draw, of_pool = random.Random(seed), random.Random(0)
    letters = "ABCDEFGH"
    pool = [["".join(of_pool.choice(letters) for _ in range(7)), "".join(of_pool.choice(letters) for _ in range(8)),
             f"{of_pool.randint(1930, 1990)}/{of_pool.randint(1, 12):02}/{of_pool.randint(1, 28):02}", of_pool.choice("12")] for _ in range(draw_from)]
    out = []
    for i in range(count):
        person = list(draw.choice(pool))
        if draw.random() < 0.5:
            at = draw.randrange(7)
            person[0] = person[0][:at] + draw.choice(letters) + person[0][at + 1:]
        if draw.random() < 0.2:
            person[1] = person[1][1:]
        out.append([f"{seed}-{i}", *person])
    return out


PEOPLE = ["id", "name", "family", "dob", "sex"]
MODES = {"plain": ([], {}), "scalar": (["--threads", "1"], {"TESSERA_KERNELS": "scalar"}),
         "avx2": (["--batch-rows", "50"], {"TESSERA_KERNELS": "avx2"})}


def link_job(similar, out="links", resolve=None, step=None, **of_input):
    inputs = {side: {"path": f"enc/{side}.csv", "id": "id", "fields": {"clk": {"column": "clk", "kind": "clk"}}, **of_input} for side in "ab"}
    step = step or {"from": "a", "to": "b", "resolve": resolve or {"each_from": "many", "each_to": "many"}}
    return {"job": "l", "inputs": inputs, "link": [{**step, "similar": similar}], "output": {"directory": out, "format": "csv"}}


def encode_sides(binary, folder, **encode):
    put(folder, "schema.json", PLAIN)
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    for side, seed in (("a", 1), ("b", 2)):
        write_table(folder / f"{side}.csv", PEOPLE, people(seed, 300))
    job = encode_job("enc", **encode)
    job["inputs"] = {side: {"path": f"{side}.csv", "id": "id"} for side in "ab"}
    do(binary, folder, "encode", job)
    (folder / "enc/manifest.json").unlink()  # as files of clkhash have none


def pairs_by_twin(folder, how, least, agree=None):
    sides = [[(row, twin.read(row["clk"])) for row in read_table(folder / f"enc/{side}.csv")] for side in "ab"]
    clear = [{row["id"]: row for row in read_table(folder / f"{side}.csv")} for side in "ab"]
    out = {}
    for row, a in sides[0]:
        for other, b in sides[1]:
            alike = twin.likeness(how, a, b)
            if alike >= least and (agree is None or agree(clear[0][row["id"]], clear[1][other["id"]])):
                out[row["id"], other["id"]] = alike
    return out


def links_of(folder, out="links"):
    return {(row["from_id"], row["to_id"]): float(row["similarity"]) for row in read_table(folder / out / "links.csv")}


def same_pairs(found, expected):
    if not expected:
        return ["there are no pairs, so nothing is tested"]
    if found.keys() != expected.keys():
        return [f"{len(found)} pairs, not {len(expected)}: {len(found.keys() - expected.keys())} too many, {len(expected.keys() - found.keys())} missing"]
    return [f"another similarity: {found[p]}, not {expected[p]}" for p in found if found[p] != expected[p]][:3]


def check_links(binary, checks):
    with Folder() as folder:
        encode_sides(binary, folder)
        for how, least in (("dice", 0.8), ("dice", 0.55), ("jaccard", 0.7), ("dice", 1.0)):
            expected = pairs_by_twin(folder, how, least)
            for mode, (options, environment) in MODES.items():
                try:
                    do(binary, folder, "link", link_job({"how": how, "at_least": least}), *options, environment=environment)
                    checks.report(f"{how}-{least}-{mode}", same_pairs(links_of(folder), expected))
                except RuntimeError as error:
                    if "does not have" in str(error) and environment:
                        checks.skip(f"{how}-{least}-{mode}", "the processor lacks it")
                    else:
                        checks.report(f"{how}-{least}-{mode}", [str(error)])
        everything = pairs_by_twin(folder, "dice", 0.6)
        best = {}
        order = {row["id"]: i for i, row in enumerate(read_table(folder / "b.csv"))}
        for (a, b), alike in sorted(everything.items(), key=lambda item: (-item[1], order[item[0][1]])):
            best.setdefault(a, []).append((b, alike))
        expected = {(a, b): alike for a, found in best.items() for b, alike in found[:2]}
        do(binary, folder, "link", link_job({"at_least": 0.6, "top": 2}))
        checks.report("top", same_pairs(links_of(folder), expected))
        # One to one: a link of the twin's that both records like best, and strictly, must be there; nobody has two.
        do(binary, folder, "link", link_job({"at_least": 0.6}, resolve={"each_from": "one", "each_to": "one", "ties": "drop"}))
        found = links_of(folder)
        problems = [] if len({a for a, _ in found}) == len({b for _, b in found}) == len(found) > 50 else ["a record has two links"]
        problems += ["a link that is no pair"] if not found.items() <= everything.items() else []
        checks.report("one-to-one", problems)


def check_blocks(binary, checks):
    """Records that agree by a field in the clear; and by a token, the same."""
    with Folder() as folder:
        encode_sides(binary, folder)
        for side in "ab":
            rows, clear = read_table(folder / f"enc/{side}.csv"), read_table(folder / f"{side}.csv")
            write_table(folder / f"enc/{side}.csv", ["id", "clk", "sex", "dob"],
                        [[row["id"], row["clk"], other["sex"], other["dob"]] for row, other in zip(rows, clear)])
        fields = {"clk": {"column": "clk", "kind": "clk"}, "sex": "sex", "dob": {"column": "dob", "format": "%Y/%m/%d"}}
        for name, block, agree in (("block-whole", [["sex", "dob"]], lambda a, b: a["sex"] == b["sex"] and a["dob"] == b["dob"]),
                                   ("block-any", ["sex", "dob:year"], lambda a, b: a["sex"] == b["sex"] or a["dob"][:4] == b["dob"][:4])):
            try:
                do(binary, folder, "link", link_job({"at_least": 0.6, "block": block}, fields=fields))
                checks.report(name, same_pairs(links_of(folder), pairs_by_twin(folder, "dice", 0.6, agree)))
            except RuntimeError as error:
                checks.report(name, [str(error)])
    with Folder() as folder:
        problems = []
        try:
            for side, seed in (("a", 1), ("b", 2)):
                write_table(folder / f"{side}.csv", PEOPLE, people(seed, 300))
            put(folder, "schema.json", PLAIN)
            run(binary, ["keys", "new", "--out", "k.key"], folder)
            job = encode_job("enc", secret_file="secret")
            job["encode"] = {"schema": "schema.json", "key_file": "k.key", "domain": "d"}
            job["inputs"] = {side: {"path": f"{side}.csv", "id": "id", "fields": {"sex": "sex", "dob": {"column": "dob", "format": "%Y/%m/%d"}}} for side in "ab"}
            job["pseudonyms"] = {"key_file": "k.key", "domain": "d", "id": "keep", "passes": [{"rank": 1, "agree": ["sex", "dob:year"]}]}
            do(binary, folder, "encode", job)
            tokens = link_job({"at_least": 0.6, "block": ["sex", "dob:year"]})
            tokens["inputs"] = {side: {"path": f"enc/{side}.csv", "id": "id", "tokens": True} for side in "ab"}
            do(binary, folder, "link", tokens)
            agree = lambda a, b: a["sex"] == b["sex"] or a["dob"][:4] == b["dob"][:4]  # noqa: E731
            problems = same_pairs(links_of(folder), pairs_by_twin(folder, "dice", 0.6, agree))
            said = json.loads((folder / "enc/manifest.json").read_text())["pseudonyms"]["a.csv"]
            if said["filter"]["bits"] != 512 or len(said["filter"]["schema"]) != 32:
                problems.append("the data set does not say how its filters were made")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("block-by-token", problems)


def check_compared(binary, checks):
    """A filter as a field with a comparison: in a pass beside other terms, clear or tokens, and in a model."""
    fields = {"clk": {"column": "clk", "kind": "clk"}, "sex": "sex", "dob": {"column": "dob", "format": "%Y/%m/%d"}}
    agree = lambda a, b: a["sex"] == b["sex"] and a["dob"][:4] == b["dob"][:4]  # noqa: E731
    with Folder() as folder:
        for side, seed in (("a", 1), ("b", 2)):
            write_table(folder / f"{side}.csv", PEOPLE, people(seed, 300))
        put(folder, "schema.json", PLAIN)
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        encode = {"job": "e", "encode": {"schema": "schema.json", "key_file": "k.key", "domain": "d"}, "output": {"directory": "enc", "format": "csv"}}
        encode["inputs"] = {side: {"path": f"{side}.csv", "id": "id", "fields": {name: fields[name] for name in ("sex", "dob")}} for side in "ab"}
        encode["pseudonyms"] = {"key_file": "k.key", "domain": "d", "id": "keep", "passes": [{"rank": 1, "agree": ["sex", "dob:year"]}]}
        do(binary, folder, "encode", encode)
        for side in "ab":
            rows, clear = read_table(folder / f"enc/{side}.csv"), read_table(folder / f"{side}.csv")
            write_table(folder / f"clear-{side}.csv", ["id", "clk", "sex", "dob"],
                        [[row["id"], row["clk"], other["sex"], other["dob"]] for row, other in zip(rows, clear)])
        of_clear = {side: {"path": f"clear-{side}.csv", "id": "id", "fields": fields} for side in "ab"}
        of_tokens = {side: {"path": f"enc/{side}.csv", "id": "id", "tokens": True} for side in "ab"}
        many = {"resolve": {"each_from": "many", "each_to": "many"}}
        output = {"directory": "links", "format": "csv"}
        for how, twins, least in (("dice", "dice", 0.6), ("bits_jaccard", "jaccard", 0.5)):
            expected = pairs_by_twin(folder, twins, least, agree).keys()
            passes = [{"rank": 1, "agree": ["sex", "dob:year", {"field": "clk", "how": how, "at_least": least}]}]
            for name, inputs in (("clear", of_clear), ("tokens", of_tokens)):
                try:
                    do(binary, folder, "link", {"job": "l", "inputs": inputs, "link": [{"from": "a", "to": "b", "passes": passes, **many}], "output": output})
                    found = {(row["from_id"], row["to_id"]) for row in read_table(folder / "links/links.csv")}
                    checks.report(f"pass-{how}-{name}", [] if found == expected and found else [f"{len(found)} pairs, not {len(expected)}"])
                except RuntimeError as error:
                    checks.report(f"pass-{how}-{name}", [str(error)])
        levels = [(0.9, 0.5, 0.001), (0.7, 0.3, 0.009), (None, 0.2, 0.99)]
        model = {"compare": [{"field": "clk", "levels": [{"how": "dice" if least else "else", **({"at_least": least} if least else {}), "m": m, "u": u}
                                                         for least, m, u in levels]}],
                 "block": [["sex", "dob:year"]], "lambda": 0.001, "threshold": {"weight": -100}}
        expected = {}
        for pair, alike in pairs_by_twin(folder, "dice", -1, agree).items():
            _, m, u = next(each for each in levels if each[0] is None or alike >= each[0])
            expected[pair] = math.log2(0.001 / 0.999) + math.log2(m / u)
        problems = []
        try:
            do(binary, folder, "link", {"job": "l", "inputs": of_clear, "link": [{"from": "a", "to": "b", "model": model, **many}], "output": output})
            found = {(row["from_id"], row["to_id"]): float(row["weight"]) for row in read_table(folder / "links/links.csv")}
            if found.keys() != expected.keys() or not found:
                problems.append(f"{len(found)} pairs, not {len(expected)}")
            elif any(abs(found[pair] - expected[pair]) > 1e-9 for pair in found) or len(set(found.values())) != 3:
                problems.append("other weights than by hand")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("model", problems)
        # "model": "auto" takes it with the levels of its kind.
        job = {"job": "l", "inputs": of_clear, "link": [{"from": "a", "to": "b", "model": "auto", **many}], "output": output}
        problems = []
        try:
            do(binary, folder, "link", job)
            names = [each["comparison"] for each in json.loads((folder / "links/manifest.json").read_text())["links"][0]["model"]["comparisons"]]
            problems = [] if "clk" in names else [f"compared are {names}"]
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("model-auto", problems)


def check_within(binary, checks):
    with Folder() as folder:
        encode_sides(binary, folder)
        problems = []
        try:
            do(binary, folder, "link", link_job({"at_least": 0.9}, step={"within": "a", "resolve": {"clusters": "connected"}}))
            rows = [(row["id"], twin.read(row["clk"])) for row in read_table(folder / "enc/a.csv")]
            expected = {(a, b): twin.likeness("dice", x, y) for i, (a, x) in enumerate(rows) for b, y in rows[i + 1:]
                        if twin.likeness("dice", x, y) >= 0.9}
            problems = same_pairs(links_of(folder), expected)
            if len(read_table(folder / "links/clusters.csv")) != 300:
                problems.append("not every record has a cluster")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("within", problems)


def check_configs(binary, checks):
    """The jobs in configs/, on generated people, as the README tells: nearly all of the cohort is found."""
    configs = pathlib.Path(__file__).resolve().parents[2] / "configs"
    with Folder() as folder:
        problems = []
        try:
            for name in ("cohort-clk", "clk-to-clk", "clk-schema"):
                text = (configs / f"{name}.json").read_text()
                (folder / f"{name}.json").write_text(text.replace(".parquet", ".csv").replace('"format": "parquet"', '"format": "csv"'))
            for command in (["generate", "data", "--people", "5000", "--cohort-share", "100", "--what", "cohort", "--what", "pds",
                             "--format", "csv", "--quiet"],
                            ["keys", "new", "--out", "clk.key"], ["encode", "cohort-clk.json", "--quiet"],
                            ["explain", "cohort-clk.json"], ["explain", "clk-to-clk.json"], ["link", "clk-to-clk.json", "--quiet"]):
                done = run(binary, command, folder)
                if done.returncode != 0:
                    raise RuntimeError(f"{command}: exit {done.returncode}\n{text_of(done.stderr)}")
            links, cohort = read_table(folder / "out-clk-to-clk/links.csv"), read_table(folder / "out-cohort-clk/cohort.csv")
            if len(cohort) < 300 or len(links) < 0.9 * len(cohort):
                problems.append(f"{len(links)} links of {len(cohort)} people")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("configs", problems)


# ---- what is refused ----

def check_refusals(binary, checks):
    def refused(name, folder, job, code, *words, command="encode"):
        put(folder, "job.json", job)
        done = run(binary, [command, "job.json", "--quiet", "--force"], folder)
        told = text_of(done.stderr)
        problems = [] if done.returncode == code else [f"exit {done.returncode}, not {code}\n{told}"]
        problems += [f"the message lacks \"{word}\": {told}" for word in words if word not in told]
        checks.report("refused-" + name, problems)

    with Folder() as folder:
        set_up(folder, PLAIN, rows_of(1, 5))
        run(binary, ["keys", "new", "--out", "k.key"], folder)
        job = encode_job()
        refused("no-secret", folder, {**job, "encode": {"schema": "schema.json"}}, 2, "key_file", "secret_file")
        refused("no-domain", folder, {**job, "encode": {"schema": "schema.json", "key_file": "k.key"}}, 2, "domain")
        refused("unknown-feature", folder, encode_job(features={"nam": "x"}), 2, "no feature \"nam\"", "did you mean \"name\"")
        refused("no-encode", folder, {k: v for k, v in job.items() if k != "encode"} | {"pseudonyms": {"key_file": "k.key", "domain": "d", "passes": "hes-ons-8-rank"}}, 2)
        refused("pseudonymise-without", folder, job, 2, "pseudonyms", "tessera encode", command="pseudonymise")
        (folder / "secret").chmod(0o644)
        refused("open-secret", folder, job, 2, "secret")
        (folder / "secret").chmod(0o600)
        (folder / "secret").write_bytes(b"")
        refused("empty-secret", folder, job, 3, "empty")
        (folder / "secret").write_bytes(SECRET[:15])
        refused("short-secret", folder, job, 3, "shorter than 16 bytes")
        (folder / "secret").write_bytes(SECRET)
        for name, change, *words in (
                ("xorFolds", lambda s: s["clkConfig"].update(xorFolds=1), "xor_folds"),
                ("unknown-key", lambda s: s["features"][0]["hashing"].update(strategi={}), "strategi", "strategy"),
                ("no-comparison", lambda s: s["features"][0]["hashing"].pop("comparison"), "comparison"),
                ("not-a-power", lambda s: s["clkConfig"].update(l=1000), "2^n"),
                ("version", lambda s: s.update(version=4), "version"),
                ("pattern", lambda s: s["features"][0]["format"].update(pattern="(?<=a)b"), "pattern"),
                ("date-format", lambda s: s["features"][2]["format"].update(format="%Q"), "%Q"),
                ("salt", lambda s: s["clkConfig"]["kdf"].update(salt="***"), "base64"),
                ("no-strategy", lambda s: s["features"][0]["hashing"].update(strategy={}), "bitsPerToken")):
            schema = json.loads(json.dumps(PLAIN))
            change(schema)
            put(folder, "schema.json", schema)
            refused("schema-" + name, folder, job, 2, *words)
        put(folder, "schema.json", PLAIN)
        write_table(folder / "in.csv", ["id", "name", "dob"], [])
        refused("column-not-there", folder, job, 2, "family")
    with Folder() as folder:
        encode_sides(binary, folder)
        job = link_job({"at_least": 0.8})
        refused("passes-beside", folder, {**job, "link": [{**job["link"][0], "passes": "hes-ons-8-rank"}]}, 2, "similar", command="link")
        refused("not-a-clk", folder, link_job({"at_least": 0.8}, fields={"clk": {"column": "clk", "kind": "text"}}), 2, "kind clk", command="link")
        refused("no-threshold", folder, link_job({}), 2, "at_least", command="link")
        refused("block-partial", folder, link_job({"at_least": 0.8, "block": ["dob:partial"]}, fields={
            "clk": {"column": "clk", "kind": "clk"}, "dob": "id"}), 2, "not an equal term", command="link")
        rows = read_table(folder / "enc/b.csv")
        write_table(folder / "enc/b.csv", ["id", "clk"], [[r["id"], r["clk"][:-8]] for r in rows])
        refused("other-length", folder, job, 3, "different lengths", command="link")
        write_table(folder / "enc/b.csv", ["id", "clk"], [[r["id"], "secret name"] for r in rows])
        put(folder, "job.json", job)
        done = run(binary, ["link", "job.json", "--quiet", "--force"], folder)
        manifest = (folder / "links/manifest.json").read_text() if done.returncode == 0 else ""
        checks.report("not-base64", [] if "not a filter in base64" in manifest and "secret name" not in manifest else [text_of(done.stderr)])
    with Folder() as folder:
        for name, first, second, word in (
                ("schemas", {}, {"schema": "other.json"}, "different schemas"),
                ("hardening", {}, {"harden": {"folds": 1}}, "different"),
                ("domains", {}, {"domain": "e"}, "different domains"), ("keys", {}, {"key_file": "l.key"}, "different keys")):
            for key in "kl":
                run(binary, ["keys", "new", "--out", f"{key}.key"], folder)
            put(folder, "schema.json", PLAIN)
            put(folder, "other.json", {**PLAIN, "clkConfig": {"l": 512, "kdf": {"type": "HKDF", "info": INFO}}})
            for side, more in (("a", first), ("b", second)):
                write_table(folder / f"{side}.csv", PEOPLE, people(1, 20))
                job = encode_job(f"enc-{side}")
                job["encode"] = {"schema": "schema.json", "key_file": "k.key", "domain": "d", "id": "keep", **more}
                job["inputs"] = {side: {"path": f"{side}.csv", "id": "id"}}
                do(binary, folder, "encode", job)
            job = link_job({"at_least": 0.8})
            job["inputs"] = {side: {"path": f"enc-{side}/{side}.csv", "id": "id", "tokens": True} for side in "ab"}
            refused("other-" + name, folder, job, 2, word, command="link")
    with Folder() as folder:
        schema = {**PLAIN, "features": PLAIN["features"][:2]}
        set_up(folder, schema, rows_of(1, 5))
        put(folder, "job.json", encode_job())
        done = run(binary, ["encode", "job.json", "--quiet"], folder)
        checks.report("few-features-warned", [] if "fewer than 3 features" in text_of(done.stderr) else [text_of(done.stderr)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", action="store_true", help="few schemas, for a build with a sanitizer")
    options, binary, checks = asked(parser)
    check_bits(binary, checks, 6 if options.few else 40)
    check_older(binary, checks)
    check_modes(binary, checks)
    check_fields(binary, checks)
    check_rejects(binary, checks)
    check_hardening(binary, checks)
    check_links(binary, checks)
    check_blocks(binary, checks)
    check_compared(binary, checks)
    check_within(binary, checks)
    check_configs(binary, checks)
    check_refusals(binary, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
