#!/usr/bin/env python3
"""Does NHS England's model of the register give the same links as a job and as Splink's settings?

    pds.py BINARY [--tap]

configs/pds-model.json is trained on people who do not exist. Its m, u and lambda are put into configs/pds-model.splink.json,
whose columns (Soundex, parts of the postcode, nicknames) are made here, as its users make them. Both jobs must then
give the same links, the same weights, and the same marks where a second candidate is close.
"""
import argparse
import csv
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
from harness import Folder, asked, run, text_of  # noqa: E402

JOB = json.loads((ROOT / "configs" / "pds-model.json").read_text())
SPLINK = json.loads((ROOT / "configs" / "pds-model.splink.json").read_text())
CODES = dict(zip("BFPVCGJKQSXZDTLMNR", "111122222222334556"))
POSTCODE = re.compile(r"(([A-Z]{1,2})[0-9][0-9A-Z]?)([0-9])[A-Z]{2}")
MORE = ["family_soundex", "sector", "outcode", "region", "nicknames"]
TOLERANCE = 1e-9


def folded(name):
    """Capitals, one space between words, no marks."""
    return " ".join(re.sub(r"[^A-Z ]", "", name.upper().replace("-", " ")).split())


def soundex(name):
    letters = [c for c in name if c.isalpha()]
    key, last = letters[:1], CODES.get(letters[0]) if letters else None
    for c in letters[1:]:
        code = CODES.get(c)
        if code and code != last:
            key.append(code)
        if c not in "HW":
            last = code
    return "".join(key + ["0"] * 3)[:4] if key else ""


class Nicknames:
    def __init__(self):
        self.names_of, self.forms_of = {}, {}
        for row in csv.DictReader((ROOT / "configs" / "nicknames.csv").read_text().splitlines()):
            for form in (row["FORM"], row["NAME"]):
                self.names_of.setdefault(form, set()).add(row["NAME"])
                self.forms_of.setdefault(row["NAME"], set()).add(form)

    def of(self, given_names):
        """All names that may stand for one of these."""
        return sorted({form for given in given_names for name in self.names_of.get(given, ()) for form in
                       self.forms_of[name]} | set(given_names))


def add_columns(path, given_columns, nicknames):
    """Rewrites the CSV with the columns that Splink's settings ask for."""
    not_names = {folded(spelling) for spelling in JOB["inputs"]["pds"]["fields"]["given_names"]["missing"]}
    rows = list(csv.DictReader(path.read_text().splitlines()))
    for row in rows:
        given = [folded(row[column]) for column in given_columns]
        words = [word for name in given if name not in not_names for word in name.split()]
        row["family_soundex"] = soundex(folded(row["FAMILY_NAME"]))
        parts = POSTCODE.fullmatch(row["POSTCODE"].replace(" ", "").upper())
        row["outcode"], row["region"] = (parts[1], parts[2]) if parts else ("", "")
        row["sector"] = f"{parts[1]} {parts[3]}" if parts else ""
        row["nicknames"] = " ".join(nicknames.of(words))
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def job(folder, model, columns=(), threshold=5, close=5):
    """The ready job on the folder's files, with another model; a second candidate within `close` is marked."""
    out = json.loads(json.dumps(JOB))
    for name, given in out["inputs"].items():
        given["path"] = str(folder / f"{name}.csv")
        given["fields"] |= {column: {"column": column, "kind": "token"} for column in columns}
    if model:
        out["link"][0]["model"] = str(model)
        out["link"][0] |= {"threshold": {"weight": threshold}, "resolve": JOB["link"][0]["resolve"] | {"close": close}}
    out["output"] = {"directory": f"out-{'splink' if columns else 'job'}", "format": "ndjson", "pattern": True}
    return out


def with_numbers(trained):
    """Splink's settings with m, u and lambda of the trained model, level by level."""
    out = json.loads(json.dumps(SPLINK))
    out["probability_two_random_records_match"] = trained["lambda"]
    for comparison, ours in zip(out["comparisons"], trained["compare"], strict=True):
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        scored = [level for level in ours["levels"] if "m" in level]
        for level, numbers in zip(levels, scored, strict=True):
            level["m_probability"], level["u_probability"] = numbers["m"], numbers["u"]
    return out


def run_job(binary, folder, name, content, command=("link",)):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content, indent=1))
    done = run(binary, [command[0], str(path), "--quiet", "--force", "--threads", "2", *command[1:]], folder)
    return [] if done.returncode == 0 else [text_of(done.stderr)]


def links(folder):
    rows = [json.loads(line) for line in (folder / "links.ndjson").read_text().splitlines()]
    return {(row["from_id"], row["to_id"]): row for row in rows}


def differences(ours, theirs):
    problems = [f"{who}: {pair} {found[pair]['pattern']}" for who, found, other in
                (("the job alone", ours, theirs), ("Splink's settings alone", theirs, ours))
                for pair in sorted(found.keys() - other.keys())[:5]]
    for pair in sorted(ours.keys() & theirs.keys()):
        a, b = ours[pair], theirs[pair]
        if abs(a["weight"] - b["weight"]) > TOLERANCE * max(1, abs(b["weight"])):
            problems.append(f"{pair}: weight {a['weight']} {a['pattern']}, and {b['weight']} {b['pattern']}")
        elif (a["close"], a["ties"], a["pattern"]) != (b["close"], b["ties"], b["pattern"]):
            problems.append(f"{pair}: {a}, and {b}")
    return problems[:10]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--people", default="4000")
    options, binary, checks = asked(parser)
    with Folder() as folder:
        if options.keep:
            folder = options.keep.resolve()
        made = run(binary, ["generate", "data", "--people", options.people, "--what", "pds", "--what", "cohort",
                            "--cohort-share", "400", "--format", "csv", "--seed", "7", "--quiet", "--force"], folder)
        problems = [] if made.returncode == 0 else [text_of(made.stderr)]
        if not problems:
            nicknames = Nicknames()
            add_columns(folder / "data" / "cohort.csv", ["GIVEN_NAME"], nicknames)
            add_columns(folder / "data" / "pds.csv", ["GIVEN_NAME", "OTHER_GIVEN_NAME"], nicknames)
            problems = run_job(binary, folder, "train", job(folder / "data", None),
                               ("train", "--model", "model.json"))
        if not problems:
            splink = folder / "splink.json"
            splink.write_text(json.dumps(with_numbers(json.loads((folder / "model.json").read_text())), indent=1))
        # As it is used; and with all pairs that meet, since few of people made up are alike.
        for threshold, close in () if problems else ((5, 5), (-1000, 10)):
            problems = run_job(binary, folder, "job", job(folder / "data", folder / "model.json", (), threshold, close))
            problems += run_job(binary, folder, "as-splink", job(folder / "data", splink, MORE, threshold, close))
            count = marked = 0
            if not problems:
                ours, theirs = links(folder / "out-job"), links(folder / "out-splink")
                count, marked = len(ours), sum(row["close"] > 0 for row in ours.values())
                problems = differences(ours, theirs) + ([] if count else ["there are no links"])
            checks.report(f"the PDS model as a job and as Splink's settings: {count} links, {marked} with a second "
                          f"candidate within {close}", problems)
        if problems and not checks.failed:
            checks.report("the PDS model is trained", problems)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
