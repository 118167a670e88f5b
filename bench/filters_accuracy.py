#!/usr/bin/env python3
"""What do encoded filters lose, against the same records in the clear, and what does hardening cost?

    bench/filters_accuracy.py [BINARY]

febrl4 (where ../shared/data has it) and a generated cohort against its register are linked one to one: in the clear by
"model": "auto", and by the Dice similarity of filters, plain and hardened in each way, at each threshold in steps of 0.01.
Prints a table: precision and recall where F1 is best, that threshold, and how wide the range of thresholds is that stays
within 0.01 of it: a threshold has to be chosen without the truth.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

SHARED = pathlib.Path(__file__).resolve().parent.parent.parent / "shared" / "data"
GRAMS, PLACES, WHOLE = {"type": "ngram", "n": 2}, {"type": "ngram", "n": 1, "positional": True}, {"type": "exact"}
PLACED = {"type": "ngram", "n": 2, "positional": True}
FEBRL = {"given_name": (GRAMS, 200), "surname": (GRAMS, 200), "address_1": (GRAMS, 100), "suburb": (GRAMS, 100),
         "postcode": (PLACES, 50), "date_of_birth": (PLACES, 200), "soc_sec_id": (PLACES, 100)}
PEOPLE = {"given_name": (GRAMS, 200), "family_name": (GRAMS, 200), "dob": (PLACES, 200), "sex": (WHOLE, 30), "postcode": (PLACED, 150)}
VARIANTS = {"plain": ({}, {}), "folded once": ({"folds": 1}, {}), "folded twice": ({"folds": 2}, {}), "balanced": ({"balance": True}, {}),
            "folded once, balanced": ({"folds": 1, "balance": True}, {}), "doubleHash": ({}, {"hash": {"type": "doubleHash"}})}


def run(binary, folder, command, job):
    (folder / "job.json").write_text(json.dumps(job))
    subprocess.run([str(binary), command, "job.json", "--quiet", "--force"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def schema(features, more):
    form = {"type": "string"}
    return {"version": 3, "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}}, "features": [
        {"identifier": name, "format": form, "hashing": {"comparison": how, "strategy": {"bitsPerFeature": bits}, **more}}
        for name, (how, bits) in features.items()]}


def scores(links, truth, threshold):
    kept = [pair for pair, alike in links if alike >= threshold]
    right = sum(pair in truth for pair in kept)
    precision, recall = right / max(1, len(kept)), right / len(truth)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def links_in(folder, column):
    with open(folder / "out/links.csv", newline="") as file:
        return [((row["from_id"], row["to_id"]), float(row[column])) for row in csv.DictReader(file)]


def measure(binary, folder, name, inputs, features, mapped, truth):
    one = {"each_from": "one", "each_to": "one"}
    out = {"directory": "out", "format": "csv"}
    sides = list(inputs)
    step = {"from": sides[0], "to": sides[1]}
    run(binary, folder, "link", {"job": name, "inputs": inputs, "link": [{**step, "model": "auto", "resolve": one}], "output": out})
    precision, recall, f1 = scores(links_in(folder, "weight"), truth, -1e9)
    print(f"| {name} | in the clear, `\"model\": \"auto\"` | {precision:.4f} | {recall:.4f} | {f1:.4f} | | |")
    for variant, (harden, more) in VARIANTS.items():
        (folder / "schema.json").write_text(json.dumps(schema(features, more)))
        encode = {"schema": "schema.json", "key_file": "k.key", "domain": "d", "id": "keep", "harden": harden}
        if mapped:
            encode["features"] = {each: each for each in features}
        run(binary, folder, "encode", {"job": name, "inputs": inputs, "encode": encode, "output": {"directory": "enc"}})
        tokens = {side: {"path": f"enc/{side}.parquet", "tokens": True, "id": "id"} for side in sides}
        found = {}
        for percent in range(60, 100):  # resolved anew at each threshold, as a job would
            run(binary, folder, "link", {"job": name, "inputs": tokens, "output": out,
                                         "link": [{**step, "similar": {"at_least": percent / 100}, "resolve": one}]})
            found[percent] = scores(links_in(folder, "similarity"), truth, 0)
        best = max(found, key=lambda percent: found[percent][2])
        wide = [percent for percent in found if found[percent][2] >= found[best][2] - 0.01]
        precision, recall, f1 = found[best]
        print(f"| {name} | {variant} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {best / 100:.2f} | {min(wide) / 100:.2f} to {max(wide) / 100:.2f} |")


def measure_in_model(binary, folder, name, inputs, features, truth):
    """The plain filter as one comparison of "model": "auto", beside sex and year of birth in the clear."""
    (folder / "schema.json").write_text(json.dumps(schema(features, {})))
    encode = {"schema": "schema.json", "key_file": "k.key", "domain": "d", "id": "keep", "features": {each: each for each in features}}
    run(binary, folder, "encode", {"job": name, "inputs": inputs, "encode": encode, "output": {"directory": "enc", "format": "csv"}})
    sides = list(inputs)
    for side in sides:
        columns = inputs[side]["fields"]
        born, sex = columns["dob"], columns["sex"]
        born = born["column"] if isinstance(born, dict) else born
        with open(folder / inputs[side]["path"], newline="") as clear, open(folder / f"enc/{side}.csv", newline="") as made, \
                open(folder / f"{side}-filters.csv", "w", newline="") as out:
            people = {row[inputs[side]["id"]]: row for row in csv.DictReader(clear)}
            writer = csv.writer(out)
            writer.writerow(["id", "clk", "year", "sex"])
            for row in csv.DictReader(made):
                person = people[row["id"]]
                writer.writerow([row["id"], row["clk"], person[born][:4], person[sex]])
    fields = {"clk": {"column": "clk", "kind": "clk"}, "sex": "sex", "year": {"column": "year", "kind": "integer"}}
    run(binary, folder, "link", {"job": name, "inputs": {side: {"path": f"{side}-filters.csv", "id": "id", "fields": fields} for side in sides},
                                 "link": [{"from": sides[0], "to": sides[1], "model": "auto", "resolve": {"each_from": "one", "each_to": "one"}}],
                                 "output": {"directory": "out", "format": "csv"}})
    precision, recall, f1 = scores(links_in(folder, "weight"), truth, -1e9)
    print(f"| {name} | plain, in `\"model\": \"auto\"` with sex and year of birth | {precision:.4f} | {recall:.4f} | {f1:.4f} | | |")


def truth_of(path, a, b):
    with open(path, newline="") as file:
        return {(row[a], row[b]) for row in csv.DictReader(file)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path, nargs="?", default=pathlib.Path("build/tessera"))
    binary = parser.parse_args().binary.resolve()
    print("| data | | precision | recall | F1 | threshold | F1 within 0.01 |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([str(binary), "keys", "new", "--out", "k.key"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        if (SHARED / "febrl4").is_dir():
            kinds = {"given_name": {"column": "given_name"}, "surname": {"column": "surname", "kind": "name"},
                     "address_1": {"column": "address_1", "kind": "text"}, "suburb": {"column": "suburb", "kind": "text"},
                     "postcode": {"column": "postcode", "country": "any"}, "dob": {"column": "date_of_birth", "format": "%Y%m%d"},
                     "soc_sec_id": {"column": "soc_sec_id", "kind": "code"}}
            inputs = {side: {"path": str(SHARED / f"febrl4/{side}.csv"), "id": "id", "fields": kinds} for side in "ab"}
            measure(binary, folder, "febrl4", inputs, FEBRL, False, truth_of(SHARED / "febrl4/truth_pairs.csv", "id_l", "id_r"))
        subprocess.run([str(binary), "generate", "data", "--people", "20000", "--cohort-share", "250", "--what", "cohort", "--what", "pds",
                        "--format", "csv", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        inputs = {"cohort": {"path": "data/cohort.csv", "id": "COHORT_ID", "fields": {
                      "given_name": "GIVEN_NAME", "family_name": "FAMILY_NAME", "dob": "DOB", "sex": "SEX", "postcode": "POSTCODE"}},
                  "pds": {"path": "data/pds.csv", "id": "PDS_ID", "fields": {
                      "given_name": "GIVEN_NAME", "family_name": "FAMILY_NAME", "dob": {"column": "DATE_OF_BIRTH", "format": "%Y%m%d"},
                      "sex": "GENDER", "postcode": "POSTCODE"}}}
        with open(folder / "data/truth_cohort.csv", newline="") as a, open(folder / "data/truth_pds.csv", newline="") as b:
            person = {row["PERSON"]: row["PDS_ID"] for row in csv.DictReader(b)}
            truth = {(row["COHORT_ID"], person[row["PERSON"]]) for row in csv.DictReader(a) if row["PERSON"] in person}
        measure(binary, folder, "cohort to register", inputs, PEOPLE, True, truth)
        measure_in_model(binary, folder, "cohort to register", inputs, PEOPLE, truth)


if __name__ == "__main__":
    main()
