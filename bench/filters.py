#!/usr/bin/env python3
"""How fast are encoded filters made and compared, beside clkhash and anonlink?

    bench/filters.py BINARY [--people N] [--filters N] [--runs N]

Generated contacts, with the mistakes of real ones, are encoded by a schema of three names and dates; every filter is
compared with that of clkhash before times are taken. Then pairs of filters at or above a Dice threshold are sought, and
found pairs compared with those of anonlink (similarities and places). One thread beside one, two beside two.

Peers are timed within their process, without its start; `tessera encode` as a whole process that reads and writes files.
"""
import argparse
import base64
import csv
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SECRET = b"people who do not exist"
FEATURES = [("GIVEN_NAME", {"type": "ngram", "n": 2}, 200), ("FAMILY_NAME", {"type": "ngram", "n": 2}, 200),
            ("DOB", {"type": "ngram", "n": 1, "positional": True}, 200), ("SEX", {"type": "exact"}, 30),
            ("POSTCODE", {"type": "ngram", "n": 2, "positional": True}, 150)]


def schema():
    features = [{"identifier": name, "format": {"type": "string"}, "hashing": {"comparison": how, "strategy": {"bitsPerFeature": bits}}}
                for name, how, bits in FEATURES]
    return {"version": 3, "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
            "features": [{"identifier": "CONTACT_ID", "ignored": True}, *features]}


def call(binary, folder, *arguments):
    start = time.monotonic()
    subprocess.run([str(binary), *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def prepare(binary, folder, people):
    call(binary, folder, "generate", "data", "--people", str(people), "--what", "contacts", "--format", "csv", "--quiet")
    with open(folder / "data/contacts.csv", newline="", encoding="utf-8") as source, \
         open(folder / "in.csv", "w", newline="", encoding="utf-8") as out:
        rows = csv.DictReader(source)
        names = ["CONTACT_ID", *[name for name, _, _ in FEATURES]]
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([row[name] for name in names] for row in rows)
    (folder / "schema.json").write_text(json.dumps(schema()))
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    (folder / "job.json").write_text(json.dumps({
        "job": "bench", "inputs": {"p": {"path": "in.csv", "id": "CONTACT_ID"}},
        "encode": {"schema": "schema.json", "secret_file": "secret"}, "output": {"directory": "out", "format": "csv"}}))


def by_clkhash(folder, workers):
    from clkhash import clk, schema as schemas, serialization
    made_schema = schemas.from_json_dict(schema())
    with open(folder / "in.csv", encoding="utf-8") as file:
        start = time.monotonic()
        made = clk.generate_clk_from_csv(file, SECRET, made_schema, progress_bar=False, max_workers=workers)
        seconds = time.monotonic() - start
    return seconds, [serialization.serialize_bitarray(each) for each in made]


def encoding(binary, folder, runs):
    filters = None
    for threads in (1, 2):
        peer, made = by_clkhash(folder, threads)
        ours = min(call(binary, folder, "encode", "job.json", "--quiet", "--force", "--threads", str(threads)) for _ in range(runs))
        with open(folder / "out/p.csv", newline="", encoding="utf-8") as file:
            filters = [row["clk"] for row in csv.DictReader(file)]
        if filters != made:
            raise SystemExit("the filters are NOT THE SAME")
        print(f"encode, {len(filters):,} records, {threads} thread(s): {len(filters) / ours:12,.0f} a second, "
              f"clkhash {len(filters) / peer:9,.0f}: {peer / ours:.1f} times (mark: 20); the same filters")
    return filters


def by_anonlink(out, a, b, threshold):
    """Runs alone, so that the process can be held to some processors."""
    import anonlink
    start = time.monotonic()
    similarities, _, (first, second) = anonlink.candidate_generation.find_candidate_pairs(
        [a, b], anonlink.similarities.dice_coefficient_accelerated, threshold)
    out.put((time.monotonic() - start, len(similarities), first.tobytes(), second.tobytes()))


def dice(program, folder, filters, count, runs):
    from bitarray import bitarray
    sides = filters[:count], filters[count:2 * count]
    bits = []
    for name, side in zip("ab", sides):
        raw = [base64.b64decode(each) for each in side]
        (folder / f"{name}.bin").write_bytes(b"".join(raw))
        bits.append([])
        for each in raw:
            made = bitarray()
            made.frombytes(each)
            bits[-1].append(made)
    numbers = [[int.from_bytes(base64.b64decode(each), "big") for each in side] for side in sides]
    for threshold in (0.7, 0.85):
        out = multiprocessing.Queue()
        process = multiprocessing.Process(target=by_anonlink, args=(out, bits[0], bits[1], threshold))
        process.start()
        peer, found, first, second = out.get()
        process.join()
        pairs = zip(memoryview(first).cast("I"), memoryview(second).cast("I"))
        checksum = sum((i + 1) * (j + 7) * (numbers[0][i] & numbers[1][j]).bit_count() for i, j in pairs) % 2**64
        for threads in (1, 2):
            done = json.loads(subprocess.run([str(program), str(folder), "1024", str(threshold), str(threads), str(runs)],
                                             check=True, stdout=subprocess.PIPE).stdout)
            if (done["pairs"], done["checksum"]) != (found, checksum):
                raise SystemExit(f"the pairs are NOT THE SAME: {done['pairs']} and {found}")
            all_pairs = len(sides[0]) * len(sides[1])
            print(f"Dice at {threshold}, {all_pairs / 1e6:,.0f} M pairs, {threads} thread(s), {done['kernels']}: "
                  f"{done['a_second'] / 1e6:7,.0f} M a second, anonlink (one thread) {all_pairs / peer / 1e6:5,.0f} M: "
                  f"{peer / done['seconds']:.1f} times (mark: 8); {done['a_second'] / done['counted_in_cache']:.0%} of counting "
                  f"each pair in the cache; {found:,} pairs, the same")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path, nargs="?", default=pathlib.Path("build/tessera"))
    parser.add_argument("--people", type=int, default=150_000)
    parser.add_argument("--filters", type=int, default=20_000, help="of either side")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    binary = asked.binary.resolve()
    os.environ.pop("TESSERA_KERNELS", None)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(binary, folder, asked.people)
        filters = encoding(binary, folder, asked.runs)
        dice(binary.parent / "bench/bench_filters", folder, filters, asked.filters, asked.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
