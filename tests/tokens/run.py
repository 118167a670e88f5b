#!/usr/bin/env python3
"""Do links on tokens equal links in the clear?

    run.py BINARY [--tap] [--rows N] [--few]     --few: fewer files and modes, for a sanitizer's build

Rows with every kind of slip are made from small pools, so that they meet often: swapped and partial dates, first of
January, ZZ99 and listed postcodes, wrong and missing NHS numbers. They are linked in the clear and, with ids kept, on
tokens, in each form that tokens have; the links must be the same files, byte for byte. Then what must be refused is.
"""
import argparse
import json
import pathlib
import random
import re
import sys

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
from harness import Folder, asked, run, text_of  # noqa: E402

GIVEN = ["Anna", "Anna Maria", "Ann", "Maria", "Søren", "José", "Wolfeschlegelsteinhausen", "O'Brien", "John", "Jon", ""]
FAMILY = ["Smith", "Smyth", "Smith-Jones", "Jones", "Okafor", "van der Berg", "Maria", "Featherstonehaugh", "Li", ""]
POSTCODES = ["SW1A 2AA", "sw1a2aa", "SW1A 2AB", "M1 1AE", "M1 1AF", "ZZ99 3VZ", "WV14 4QW", "GIR 0AA", "QQ", ""]
LISTED = ["WV14 4QW", "M1 1AF"]
HEADER = "ID,NHS,GIVEN,FAMILY,SECOND,SEX,PC,HOUSE,Y,M,D,AGE\n"


def nhs_numbers(count):
    out = []
    nine = 401666000
    while len(out) < count:
        check = 11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), str(nine))) % 11
        if check != 10:
            out.append(f"{nine}{check % 11}")
        nine += 1
    return out


def make_person(draw, numbers):
    return [draw.choice(numbers), draw.choice(GIVEN), draw.choice(FAMILY), draw.choice(GIVEN), draw.choice("12"),
            draw.choice(POSTCODES), draw.choice(["1", "2A", ""]), str(draw.choice([1950, 1951, 1990])),
            str(draw.randint(1, 12)), str(draw.randint(1, 14)), draw.choice(["40", "41"])]


def make_rows(seed, rows, prefix):
    """Half of them of people that both sides have, with slips; half drawn freely."""
    draw, of_people = random.Random(seed), random.Random(0)
    numbers = nhs_numbers(2500)
    people = [make_person(of_people, numbers) for _ in range(rows)]
    lines = [HEADER]
    for i in range(rows):
        if draw.random() < 0.5:
            person = list(draw.choice(people))
            other = make_person(draw, numbers)
            for at in range(len(person)):
                if draw.random() < 0.07:
                    person[at] = draw.choice([other[at], ""])
            if draw.random() < 0.1:
                person[8], person[9] = person[9], person[8]
            lines.append(",".join([f"{prefix}{i}", *person]) + "\n")
            continue
        nhs = draw.choice(numbers) if draw.random() < 0.8 else draw.choice(["", "1234567890", "4016660009", "9999999999"])
        year, month, day = draw.choice([1950, 1951, 1990]), draw.randint(1, 12), draw.randint(1, 14)
        if draw.random() < 0.05:
            month, day = 1, 1
        parts = [str(year), str(month), str(day)]
        if draw.random() < 0.1:
            parts[draw.randrange(3)] = ""
        if draw.random() < 0.02:
            parts = ["1951", "2", "30"]
        lines.append(",".join([f"{prefix}{i}", nhs, draw.choice(GIVEN), draw.choice(FAMILY), draw.choice(GIVEN),
                               draw.choice("1290"), draw.choice(POSTCODES), draw.choice(["1", "2A", ""]), *parts,
                               draw.choice(["40", "41", ""])]) + "\n")
    return "".join(lines)


FIELDS = {"nhs_number": "NHS", "given_name": "GIVEN", "family_name": "FAMILY",
          "second_given_name": {"column": "SECOND", "kind": "name"}, "sex": "SEX", "postcode": "PC",
          "full_name": {"columns": ["GIVEN", "FAMILY"], "kind": "name"}, "house_number": {"column": "HOUSE", "kind": "code"},
          "dob": {"year": "Y", "month": "M", "day": "D"}, "age": {"column": "AGE", "kind": "integer"},
          "uprn": {"column": "HOUSE", "kind": "code"}}
OF_TOKENS = {"second_given_name": {"kind": "name"}, "full_name": {"kind": "name"}, "house_number": {"kind": "code"}, "uprn": {"kind": "code"},
             "age": {"kind": "integer"}}
LISTS = {"communal": {"path": "list.csv", "column": "POSTCODE"}}


OWN = [{"rank": 1, "agree": ["nhs_number", "dob:swapped"]},
       {"rank": 2, "agree": ["given_name ~ second_given_name", "family_name:soundex", "sex", "dob:year"]},
       {"rank": 3, "agree": ["full_name:sorted-letters", {"any_of": ["postcode:area", ["dob:month-day", "postcode:district"]]}],
        "compatible": ["dob:year-month", "house_number"]},
       {"rank": 4, "agree": ["given_name:first-token", "family_name:no-space", "dob:partial", "postcode:sector"],
        "unless": ["postcode:zz99"]},
       {"rank": 5, "agree": ["given_name:initial", "family_name:first4", "dob:month", "dob:day", "postcode:but-last"],
        "compatible": ["nhs_number"], "unless": ["dob:january-1", "postcode:communal"]}]
# Differences: by day, by year, by number; beside names that are compared crosswise; one within a choice.
NEAR = [{"rank": 1, "agree": ["nhs_number", {"field": "dob", "within": 3, "unit": "days"}]},
        {"rank": 2, "agree": ["given_name ~ second_given_name", "family_name", {"field": "dob", "within": 1, "unit": "years"}]},
        {"rank": 3, "agree": ["sex", "postcode", {"any_of": ["house_number", {"field": "age", "within": 1}]}]},
        {"rank": 4, "agree": ["nhs_number", "sex", {"field": "age", "within": 0}]}]


def lists_of_passes(binary):
    yield "hes-ons-8-rank", "hes-ons-8-rank", {}
    yield "hes-did-ranks", "hes-did-ranks", {"ties": "all"}
    yield "hes-pds-cross-check", "hes-pds-cross-check", {"ties": "first"}
    yield "census-35-matchkeys", "census-35-matchkeys", {"ties": "all"}
    yield "near", NEAR, {"each_from": "many"}
    yield "own", OWN, {"each_from": "many"}
    yield "one-to-one", "hes-ons-8-rank", {"each_to": "one", "ties": "next"}


def clear_job(passes, resolve, out, **output):
    return {"job": "clear", "lists": LISTS,
            "inputs": {side: {"path": f"{side}.csv", "id": "ID", "fields": FIELDS} for side in ("a", "b")},
            "link": [{"from": "a", "to": "b", "passes": passes, **({"resolve": resolve} if resolve else {})}],
            "output": {"directory": out, "format": "csv", "unmatched": True, **output}}


def pseudonymise_job(passes, out, form="parquet", **pseudonyms):
    job = clear_job(passes, {}, out)
    job.update({"job": "tokens", "output": {"directory": out, "format": form},
                "pseudonyms": {"key_file": "k.key", "domain": "test", "id": "keep", **pseudonyms}})
    return job


def tokens_job(passes, resolve, source, out, form="parquet"):
    job = clear_job(passes, resolve, out)
    job.pop("lists")
    job.update({"job": "on-tokens",
                "inputs": {side: {"path": f"{source}/{side}.{form}", "tokens": True, "id": "id", "fields": OF_TOKENS}
                           for side in ("a", "b")}})
    return job


FEW = {"parquet-one-thread", "parquet-hex-plain", "ndjson-plain"}
MODES = {"plain": [], "one-thread": ["--threads", "1", "--batch-rows", "7", "--batch-size", "1KiB"]}


def do(binary, folder, command, job, *options, status=0):
    name = f"{job['job']}.json"
    (folder / name).write_text(json.dumps(job, indent=1))
    process = run(binary, [command, name, "--quiet", "--force", *options] if command != "explain" else [command, name], folder)
    if process.returncode != status:
        raise RuntimeError(f"{command} {job['job']}: exit status {process.returncode}, not {status}: {text_of(process.stderr)}")
    return text_of(process.stderr) + text_of(process.stdout)


def set_up(binary, folder, rows):
    (folder / "a.csv").write_text(make_rows(1, rows, "A"))
    (folder / "b.csv").write_text(make_rows(2, rows, "B"))
    (folder / "list.csv").write_text("POSTCODE\n" + "\n".join(LISTED) + "\n")
    if run(binary, ["keys", "new", "--out", "k.key"], folder).returncode != 0:
        raise RuntimeError("no key was made")


def check_links(binary, rows, few, checks):
    with Folder() as folder:
        set_up(binary, folder, rows)
        for name, passes, resolve in lists_of_passes(binary):
            do(binary, folder, "link", clear_job(passes, resolve, "clear"))
            expected = {file: (folder / "clear" / file).read_bytes() for file in ("links.csv", "unmatched_a.csv")}
            if expected["links.csv"].count(b"\n") < rows // 30:
                checks.report(name, ["hardly any links, so nothing is tested"])
                continue
            ranks = {line.split(b",")[2] for line in expected["links.csv"].splitlines()[1:]}
            print(f"# {name}: {expected['links.csv'].count(chr(10).encode()) - 1} links, ranks {sorted(map(int, ranks))}")
            for form, how in (("parquet", {}), ("parquet", {"format": "hex"}), ("csv", {}), ("ndjson", {})):
                for mode, options in MODES.items():
                    case = f"{form}{'-hex' if how else ''}-{mode}"
                    if (mode != "plain" and form != "parquet") or (few and case not in FEW):
                        continue
                    problems = []
                    try:
                        do(binary, folder, "pseudonymise", pseudonymise_job(passes, "tokens", form, **how), *options)
                        do(binary, folder, "link", tokens_job(passes, resolve, "tokens", "linked", form), *options)
                        for file, content in expected.items():
                            if (folder / "linked" / file).read_bytes() != content:
                                problems.append(f"{file} differs")
                    except RuntimeError as error:
                        problems.append(str(error))
                    checks.report(f"{name}-{case}", problems)


# --- what must be refused ---------------------------------------------------------------------------------------------


def rewritten(folder, path, change):
    text = (folder / path).read_text()
    (folder / path).write_text(change(text))


def refused(binary, folder, checks, name, command, job, status, *words):
    """The command fails with that status and those words, and leaves no output."""
    problems = []
    before = (folder / job["output"]["directory"]).exists()
    try:
        said = do(binary, folder, command, job, status=status)
        problems += [f'"{word}" is not in: {said}' for word in words if word not in said]
        if not before and (folder / job["output"]["directory"]).exists():
            problems.append("an output is there")
    except RuntimeError as error:
        problems.append(str(error))
    checks.report("refused-" + name, problems)


EIGHT = "hes-ons-8-rank"


def check_refused_jobs(binary, checks):
    with Folder() as folder:
        set_up(binary, folder, 200)
        make = lambda **settings: pseudonymise_job(settings.pop("passes", EIGHT), "none", **settings)  # noqa: E731
        likeness = [{"rank": 4, "agree": ["sex", {"field": "given_name", "how": "jaro_winkler", "at_least": 0.9}]}]
        within = [{"rank": 7, "agree": ["sex", {"field": "dob", "within": 16}]}]
        alone = [{"rank": 7, "agree": [{"any_of": ["sex", "postcode"]}, {"field": "dob", "within": 3}]}]
        for name, job, status, words in [
                ("likeness", make(passes=likeness), 2, ["rank 4", "cannot be kept on tokens"]),
                ("difference", make(passes=within), 2, ["rank 7", "more than the 15"]),
                ("difference-alone", make(passes=alone), 2, ["rank 7", "the order of all values"]),
                ("difference-forbidden", make(passes="census-35-matchkeys", forbid=["dob:within"]), 2, ["rank 21", "forbid"]),
                ("forbidden", make(forbid=["dob:year-month"]), 2, ["dob.year-month", "forbid", "rank 3, 4"]),
                ("forbidden-unknown", make(forbid=["dob:sector"]), 2, ["has no part"]),
                ("no-key", make(key_file="none.key"), 2, ["none.key", "is not there"]),
                ("clear-identifier", make(clear=["postcode"]), 2, ["identifies a person", "legal_basis"]),
                ("domain", make(domain="a b"), 2, ["a domain is"]),
                ("binary-csv", make(form="csv", format="binary"), 2, ["has no place for bytes"])]:
            refused(binary, folder, checks, name, "pseudonymise", job, status, *words)
        job = make()
        job["inputs"]["a"]["id"] = "NHS"
        refused(binary, folder, checks, "id-is-identifier", "pseudonymise", job, 2, "identifies a person")
        (folder / "k.key").chmod(0o644)
        refused(binary, folder, checks, "open-key", "pseudonymise", make(), 2, "open to others")
        (folder / "k.key").chmod(0o600)
        text = (folder / "a.csv").read_text()
        (folder / "a.csv").write_text(text + text.splitlines()[1] + "\n")
        for ids in ("token", "keep"):
            job = make(id=ids)
            job["inputs"]["a"]["duplicate_ids"] = "error"
            refused(binary, folder, checks, f"duplicate-ids-{ids}", "pseudonymise", job, 3, '"a" has 1 ids that occur more than once')
        (folder / "a.csv").write_text(text)
        job = clear_job(EIGHT, {}, "none")
        refused(binary, folder, checks, "no-pseudonyms", "pseudonymise", job, 2, 'has no "pseudonyms"')
        job = pseudonymise_job(EIGHT, "none")
        job["output"]["columns"] = {"a": ["PC"]}
        refused(binary, folder, checks, "carried-identifier", "link", job, 2, "postcode of a person")
        job["output"]["identifiable"] = True
        refused(binary, folder, checks, "no-legal-basis", "link", job, 2, "legal_basis")
        problems = []
        job["output"].update({"legal_basis": "Section 251, 26/CAG/0001", "directory": "identifiable"})
        try:
            do(binary, folder, "link", job)
            manifest = json.loads((folder / "identifiable/manifest.json").read_text())
            if (manifest.get("identifiable"), manifest.get("legal_basis")) != (True, "Section 251, 26/CAG/0001"):
                problems.append("the manifest does not say so")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("identifiable", problems)


def check_refused_links(binary, checks):
    with Folder() as folder:
        set_up(binary, folder, 200)
        link = lambda source, form="csv": tokens_job(EIGHT, {}, source, "none", form)  # noqa: E731
        make = lambda out, form="csv", **how: do(  # noqa: E731
            binary, folder, "pseudonymise", pseudonymise_job(how.pop("passes", EIGHT), out, form, **how))
        make("good")
        make("parquet", "parquet")
        make("domain", domain="other")
        run(binary, ["keys", "rotate", "k.key", "--out", "k2.key"], folder)
        make("key", key_file="k2.key")
        make("few", passes=[{"rank": 8, "agree": ["nhs_number", "dob"]}])

        def mixed(first, second):
            job = link(first)
            job["inputs"]["b"]["path"] = f"{second}/b.csv"
            return job
        refused(binary, folder, checks, "domains", "link", mixed("good", "domain"), 2, "different domains")
        refused(binary, folder, checks, "keys", "link", mixed("good", "key"), 2, "different keys")
        refused(binary, folder, checks, "missing-token", "link", mixed("good", "few"), 2, "rank 1", "the token sex")
        job = mixed("good", "good")
        job["inputs"]["b"] = {"path": "b.csv", "id": "ID", "fields": FIELDS}
        refused(binary, folder, checks, "one-side", "link", job, 2, "cannot be compared")
        job = mixed("good", "good")
        job["inputs"]["b"].update({"path": "b.csv", "id": "ID"})
        refused(binary, folder, checks, "clear-as-tokens", "link", job, 2, "is not a data set that tessera pseudonymise wrote")
        job = clear_job(EIGHT, {}, "none")
        job["inputs"] = {side: {"path": f"parquet/{side}.parquet", "id": "id",
                                "fields": {"nhs_number": "nhs_number", "dob": "dob", "sex": "sex", "postcode": "postcode"}}
                         for side in ("a", "b")}
        refused(binary, folder, checks, "tokens-as-clear", "link", job, 2, "holds tokens", '"tokens": true')
        job = link("good")
        job["link"][0] = {"from": "a", "to": "b", "model": "auto"}
        refused(binary, folder, checks, "model", "link", job, 2, "model compares inside values")
        job["link"][0] = {"within": "a", "passes": EIGHT}
        refused(binary, folder, checks, "within", "link", job, 2, "not within one")
        job = link("good")
        job["link"][0]["refuse"] = [{"field": "dob", "after": "date_of_death"}]
        refused(binary, folder, checks, "refuse-without-date", "link", job, 2, "in the clear")

        token = re.findall(r",([0-9a-f]{32})", (folder / "good/a.csv").read_text())[0]
        for name, wrong in (("upper-case", token.upper()),
                            ("mixed-case", re.sub("[a-f]", lambda found: found[0].upper(), token, count=1)), ("short", token[:16]), ("long", token + "00"), ("clear", "1950-01-01")):
            make("wrong")
            rewritten(folder, "wrong/a.csv", lambda text: text.replace(token, wrong))  # noqa: B023
            refused(binary, folder, checks, "token-" + name, "link", link("wrong"), 3, "no tokens", "32 hex digits")
        make("wrong")
        rewritten(folder, "wrong/a.csv", lambda text: text.replace(",false", ",no"))
        refused(binary, folder, checks, "flag", "link", link("wrong"), 3, "neither true nor false")
        rewritten(folder, "wrong/manifest.json", lambda text: text.replace('"version": 1,', '"version": 2,'))
        refused(binary, folder, checks, "description-version", "link", link("wrong"), 3, "version")
        (folder / "wrong/manifest.json").unlink()
        refused(binary, folder, checks, "no-manifest", "link", link("wrong"), 2, "manifest.json is not beside it")


def check_clear_fields(binary, checks):
    """A clear date serves "refuse" as it does in the clear; ids become tokens that say nothing of the ids."""
    with Folder() as folder:
        set_up(binary, folder, 600)
        problems = []
        refuse = [{"field": "seen", "after": "died", "days": 100}]
        dates = {"seen": {"column": "SEEN", "kind": "date"}, "died": {"column": "DIED", "kind": "date"}}
        draw = random.Random(5)
        for side in ("a", "b"):
            lines = (folder / f"{side}.csv").read_text().splitlines()
            lines = [lines[0] + ",SEEN,DIED,OF"] + [
                f"{line},{draw.randint(1990, 2005)}-0{draw.randint(1, 9)}-15,{draw.randint(1990, 2005)}-0{draw.randint(1, 9)}-15,"
                f"{draw.choice(['', *map(str, range(100))])}" for line in lines[1:]]
            (folder / f"{side}.csv").write_text("\n".join(lines) + "\n")
        try:
            clear = clear_job(EIGHT, {}, "clear", refused=True)
            source = pseudonymise_job(EIGHT, "tokens", clear=["seen", "died"], groups={"a": ["OF"]})
            for job in (clear, source):
                job["link"][0]["refuse"] = refuse
                for each in job["inputs"].values():
                    each["fields"] = {**FIELDS, **dates}
            do(binary, folder, "pseudonymise", source)
            on_tokens = tokens_job(EIGHT, {}, "tokens", "linked")
            on_tokens["output"]["refused"] = True
            for each in on_tokens["inputs"].values():
                each["fields"] = {**OF_TOKENS, "seen": {"kind": "date"}, "died": {"kind": "date"}}
            refusals = set()
            for of in ({}, {"group": "OF"}):
                for job in (clear, on_tokens):
                    job["link"][0]["refuse"] = [{**refuse[0], **of}]
                    do(binary, folder, "link", job)
                for file in ("links.csv", "refused.csv"):
                    if (folder / "clear" / file).read_bytes() != (folder / "linked" / file).read_bytes():
                        problems.append(f"{file} differs{' by group' if of else ''}")
                refusals.add((folder / "clear/refused.csv").read_text().count("\n"))
            if min(refusals) < 5 or len(refusals) < 2:
                problems.append("hardly anything was refused, or the group made no difference, so nothing is tested")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("clear-dates", problems)
        on_tokens["link"][0]["refuse"] = [{**refuse[0], "group": "NHS"}]
        on_tokens["output"]["directory"] = "none"
        refused(binary, folder, checks, "group-without-tokens", "link", on_tokens, 2, "groups by NHS", '"groups": {"a": ["NHS"]}')

        problems = []
        try:
            do(binary, folder, "pseudonymise", pseudonymise_job(EIGHT, "ids", "csv", id="token"))
            lines = (folder / "ids/a.csv").read_text().splitlines()
            ids = {line.split(",")[0] for line in lines[1:]}
            if len(ids) != 600 or any(len(each) != 32 or set(each) - set("0123456789abcdef") for each in ids):
                problems.append("the ids are not 600 tokens")
            if sorted(path.name for path in (folder / "ids").iterdir()) != ["a.csv", "b.csv", "manifest.json", "rejects.csv"]:
                problems.append("something else was written")
            if lines[0].split(",") != ["id", "dob", "dob.month-day", "dob.swapped", "dob.year-day", "dob.year-month", "nhs_number",
                                       "postcode", "sex", "dob.january-1", "postcode.communal", "postcode.zz99"]:
                problems.append("other columns: " + lines[0])
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("id-tokens", problems)


def check_explain(binary, checks):
    with Folder() as folder:
        set_up(binary, folder, 50)
        said = do(binary, folder, "explain", pseudonymise_job(EIGHT, "none"))
        wanted = ["dob.year-month", "dob.swapped", "3 4", "1 2 3 4 5 6 7 8", "reveals", "postcode.communal"]
        checks.report("explain", [f'"{word}" is not in: {said}' for word in wanted if word not in said])


def check_ready_jobs(binary, checks):
    """The jobs in configs/, on generated people, as docs/private-linkage.md tells."""
    configs = pathlib.Path(__file__).resolve().parents[2] / "configs"
    with Folder() as folder:
        problems = []
        for name in ("hes-tokens", "deaths-tokens", "tokens-to-tokens"):
            (folder / f"{name}.json").write_text((configs / f"{name}.json").read_text())
        for command in (["generate", "data", "--people", "2000", "--quiet"], ["keys", "new", "--out", "linkage.key"],
                        ["pseudonymise", "hes-tokens.json"], ["pseudonymise", "deaths-tokens.json"],
                        ["link", "tokens-to-tokens.json", "--format", "json"]):
            process = run(binary, command, folder)
            if process.returncode != 0:
                problems.append(f"{' '.join(command)}: {text_of(process.stderr)}")
                break
        else:
            manifest = json.loads((folder / "out-tokens-to-tokens/manifest.json").read_text())
            if sum(rank["links"] for rank in manifest["links"][0]["ranks"]) < 1000:
                problems.append("hardly any links")
            if any(each["tokens"]["domain"] != "hes-deaths" for each in manifest["inputs"]):
                problems.append("the manifest does not name the domain")
        checks.report("ready-jobs", problems)


def check_partitions(binary, checks):
    """A to side of tokens that does not fit the memory: in parts, the same bytes."""
    configs = pathlib.Path(__file__).resolve().parents[2] / "configs"
    with Folder() as folder:
        problems = []
        try:
            for name in ("hes-tokens", "deaths-tokens"):
                (folder / f"{name}.json").write_text((configs / f"{name}.json").read_text())
            for command in (["generate", "data", "--people", "25000", "--quiet"], ["keys", "new", "--out", "linkage.key"],
                            ["pseudonymise", "hes-tokens.json", "--quiet"], ["pseudonymise", "deaths-tokens.json", "--quiet"]):
                process = run(binary, command, folder)
                if process.returncode != 0:
                    raise RuntimeError(f"{' '.join(command)}: {text_of(process.stderr)}")
            job = json.loads((configs / "tokens-to-tokens.json").read_text())
            step = job["link"][0]
            step.pop("refuse", None)
            step["from"], step["to"] = step["to"], step["from"]
            step["resolve"] = {"each_from": "many", "each_to": "many"}
            found, held = {}, ["--threads", "2", "--memory", "240MiB"]
            for name, options in (("whole", []), ("rounds", [*held, "--rounds", "32"]), ("parts", [*held, "--rounds", "0"])):
                job["output"]["directory"] = name
                do(binary, folder, "link", job, *options)
                found[name] = (folder / name / "links.parquet").read_bytes()
                parts = json.loads((folder / name / "manifest.json").read_text())["run"]["steps"][0]["partitions"]
                if (parts > 1) != (name != "whole"):
                    problems.append(f"{name}: {parts} partitions")
            if len(set(found.values())) != 1:
                problems.append("other bytes")
        except RuntimeError as error:
            problems.append(str(error))
        checks.report("partitions", problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--few", action="store_true")
    arguments, binary, checks = asked(parser)
    check_links(binary, arguments.rows, arguments.few, checks)
    check_refused_jobs(binary, checks)
    check_refused_links(binary, checks)
    check_clear_fields(binary, checks)
    check_explain(binary, checks)
    check_ready_jobs(binary, checks)
    check_partitions(binary, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
