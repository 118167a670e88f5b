"""Jaro-Winkler, optimal alignment and Levenshtein over pairs of names: our kernels beside rapidfuzz, one core each.

    python bench/similarity_peer.py [--pairs N] [--rounds N]

rapidfuzz works on lists of str, by process.cpdist with one worker; ours on 16 bytes a text, by bench_similarity, which
also writes the pairs. The sums of all answers are compared. Seconds of the processor, best of the rounds of each, in turn;
rapidfuzz is given new strings, part by part, so that it finds them in the cache.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent.parent / "build" / "bench" / "bench_similarity"
PART = 100_000  # pairs that are strings at one time


def ours(pairs, folder=None):
    """Name -> (pairs a second, sum of the answers)."""
    extra = {"TESSERA_BENCH_KEEP": folder} if folder else {}
    out = subprocess.run([BENCH, "--benchmark_format=json", "--benchmark_min_time=0.3"], check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, env={**os.environ, "TESSERA_BENCH_PAIRS": str(pairs), **extra}).stdout
    rows = json.loads(out)["benchmarks"]
    wrong = [row["name"] for row in rows if row.get("error_occurred")]
    if wrong:
        raise SystemExit(f"wrong answers: {wrong}")
    return {row["name"]: (row["items_per_second"], row["sum"]) for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=float, default=1e7)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    pairs = int(a.pairs)

    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import OSA, Jaro, JaroWinkler, Levenshtein

    scorers = {"jaro": (Jaro.similarity, np.float64), "jaro_winkler": (JaroWinkler.similarity, np.float64),
               "levenshtein": (Levenshtein.distance, np.int32), "optimal_alignment": (OSA.distance, np.int32)}
    with tempfile.TemporaryDirectory() as folder:
        best = ours(pairs, folder)
        texts = (pathlib.Path(folder) / "texts.txt").read_bytes().splitlines()
        numbers = np.fromfile(pathlib.Path(folder) / "pairs.bin", dtype=np.uint32).reshape(-1, 2)
    seconds = {}
    for number in range(a.rounds):
        if number:
            best = {name: max(best[name], again) for name, again in ours(pairs).items()}
        spent, sums = {}, {}
        for first in range(0, pairs, PART):
            # New strings, so that they lie in memory in the order in which they are wanted.
            left, right = ([texts[i].decode() for i in part] for part in numbers[first:first + PART].T.tolist())
            for name, (scorer, dtype) in scorers.items():
                start = time.process_time()
                answers = process.cpdist(left, right, scorer=scorer, dtype=dtype, workers=1)
                spent[name] = spent.get(name, 0) + time.process_time() - start
                sums[name] = sums.get(name, 0) + float(answers.sum(dtype=np.float64))
        for name in scorers:
            seconds[name] = min(seconds.get(name, 1e9), spent[name])
            if abs(best[f"{name}/scalar"][1] - sums[name]) > 1e-9 * pairs:
                raise SystemExit(f"{name}: the sums of the answers differ")
    variants = [v for v in ("scalar", "avx2", "avx512") if f"jaro/{v}" in best]
    print(f"{pairs:,} pairs of names, one core; million pairs a second and times rapidfuzz's")
    print(f"{'':<20}{'rapidfuzz':>10}" + "".join(f"{v:>16}" for v in variants))
    for name in scorers:
        peer = pairs / seconds[name] / 1e6
        line = f"{name:<20}{peer:10.1f}"
        for v in variants:
            rate = best[f"{name}/{v}"][0] / 1e6
            line += f"{rate:9.1f} {rate / peer:5.1f}x"
        print(line)


if __name__ == "__main__":
    main()
