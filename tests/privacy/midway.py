#!/usr/bin/env python3
"""Does a person's value lie on disk while a command works, or after it was killed?

    midway.py BINARY [--tap]

Runs are stopped again and again, and every file that they hold open, also those without a name, is searched for the NHS
numbers, postcodes and names of the inputs, as text and as the words that records are made of; and for the secret of the
key. Runs that have only tokens, and runs that make them, hold none. A link in the clear does: there the search must find
them, else it would not see anything. Then each is killed, and what is left is searched.
"""
import csv
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
from harness import TIMEOUT_S, Folder, asked, run, text_of  # noqa: E402

CONFIGS = pathlib.Path(__file__).resolve().parents[2] / "configs"
PEOPLE = 25_000
NEEDLES = 20  # people who are looked for
OVERLAP = 64   # bytes that are searched again, for what lay across the end
LEAST_MEMORY = "240MiB"  # with which the hospital rows do not fit


def ready(folder, name, change=lambda job: None):
    """A ready job, in CSV where its data are."""
    job = json.loads((CONFIGS / f"{name}.json").read_text())
    for each in job["inputs"].values():
        each["path"] = each["path"].replace("data/hes_*.parquet", "data/hes_*.csv").replace("data/deaths.parquet", "data/deaths.csv")
    change(job)
    (folder / f"{name}.json").write_text(json.dumps(job))


def turned(job):
    """Deaths to hospital rows: the to side is the one that does not fit."""
    step = job["link"][0]
    step.pop("refuse", None)
    step["from"], step["to"] = step["to"], step["from"]
    step["resolve"] = {"each_from": "many", "each_to": "one"}


def as_bridge(job):
    turned(job)
    job["link"][0]["resolve"] = {"each_from": "many", "each_to": "many"}
    job["bridge"] = {"from": "keep", "to": "keep"}
    job["output"] = {"directory": "out-bridge", "format": "csv"}


def made(binary, folder, *words):
    process = run(binary, [*words, "--quiet"] if words[0] != "keys" else words, folder)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {text_of(process.stderr)}")


def needles_of(folder):
    """What may not be found: of some of the people, and of the key."""
    out = set()
    with open(sorted((folder / "data").glob("hes_*.csv"))[0], newline="") as file:
        for row in itertools.islice(csv.DictReader(file), 0, 50 * NEEDLES, 50):
            number, postcode = row["NEWNHSNO"], row["HOMEADD"]
            if len(number) == 10:
                out |= {number.encode(), int(number).to_bytes(8, "little")}
            if len(postcode) == 8:
                out |= {postcode.encode(), postcode.encode()[::-1]}
    secret = bytes.fromhex(json.loads((folder / "linkage.key").read_text())["secret"])
    return sorted(out | {secret, secret.hex().encode()})


def set_up(binary, folder):
    made(binary, folder, "generate", "data", "--people", str(PEOPLE), "--format", "csv")
    made(binary, folder, "keys", "new", "--out", "linkage.key")
    ready(folder, "hes-tokens")
    ready(folder, "deaths-tokens")
    ready(folder, "tokens-to-tokens", turned)
    ready(folder, "hes-ons-8-rank", turned)
    made(binary, folder, "pseudonymise", "hes-tokens.json")
    made(binary, folder, "pseudonymise", "deaths-tokens.json")
    ready(folder, "three-party-bridge", lambda job: (job.update(inputs=json.loads((folder / "tokens-to-tokens.json").read_text())["inputs"]),
                                                     job["link"][0].update({"from": "hes", "to": "deaths"}), as_bridge(job)))


def open_files(process, inputs, seen):
    """What the stopped process holds open beside its inputs: (name, the bytes that were not seen before)."""
    for link in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            target = os.readlink(link)
            if not target.startswith("/") or target.startswith("/dev/") or pathlib.Path(target) in inputs:
                continue
            inode = link.stat().st_ino
            with link.open("rb") as file:
                file.seek(max(0, seen.get(inode, 0) - OVERLAP))
                content = file.read()
                seen[inode] = file.tell()
            yield pathlib.Path(target).name, content
        except OSError:
            continue


class Watched:
    """A run that is stopped every few milliseconds and searched."""

    def __init__(self, binary, folder, inputs, needles, *words):
        self.found, self.seen, self.nameless_bytes = set(), {}, 0
        self.process = subprocess.Popen([str(binary), *words, "--quiet", "--force", "--threads", "2"], cwd=folder,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.inputs, self.needles = inputs, needles

    def look(self):
        self.process.send_signal(signal.SIGSTOP)
        for name, content in open_files(self.process, self.inputs, self.seen):
            self.nameless_bytes += len(content) if "(deleted)" in name else 0
            if any(needle in content for needle in self.needles):
                self.found.add("a file without a name" if "(deleted)" in name else name)
        self.process.send_signal(signal.SIGCONT)

    def to_its_end(self):
        end = time.monotonic() + TIMEOUT_S
        while self.process.poll() is None and time.monotonic() < end:
            self.look()
            time.sleep(0.03)
        errors = text_of(self.process.communicate()[1])
        if self.process.returncode != 0:
            raise RuntimeError(f"exit status {self.process.returncode}: {errors}")

    def killed_after(self, seconds):
        time.sleep(seconds)
        self.process.kill()
        self.process.communicate()
        return self.process.returncode == -signal.SIGKILL


SPILLING = ["--rounds", "0", "--memory", LEAST_MEMORY]
HIDDEN = {"pseudonymise": ["pseudonymise", "hes-tokens.json"], "link-on-tokens": ["link", "tokens-to-tokens.json", *SPILLING],
          "link-on-tokens-in-rounds": ["link", "tokens-to-tokens.json", "--memory", LEAST_MEMORY],
          "bridge-on-tokens": ["bridge", "three-party-bridge.json", *SPILLING]}


def check_while_working(binary, folder, inputs, needles, checks):
    control = Watched(binary, folder, inputs, needles, "link", "hes-ons-8-rank.json", *SPILLING)
    control.to_its_end()
    checks.report("the-search-sees-spills", [] if "a file without a name" in control.found
                  else [f"{control.nameless_bytes} bytes of spills seen, and no value in them"])
    for name, words in HIDDEN.items():
        watched = Watched(binary, folder, inputs, needles, *words)
        watched.to_its_end()
        problems = [f"a value, or the secret, is in {each}" for each in sorted(watched.found)]
        if words[-1] == LEAST_MEMORY and watched.nameless_bytes == 0:
            problems.append("no spill was seen, so nothing is tested")
        checks.report(f"while-{name}", problems)


def check_killed(binary, folder, inputs, needles, checks):
    for name, words in HIDDEN.items():
        problems, killed = [], 0
        for seconds in (0.02, 0.08, 0.15, 0.25):
            killed += Watched(binary, folder, inputs, needles, *words).killed_after(seconds)
            for path in folder.rglob("*"):
                if not path.is_file() or path in inputs or path.name == "linkage.key":
                    continue
                content = path.read_bytes()
                if any(needle in content for needle in needles):
                    problems.append(f"after {seconds} s a value, or the secret, is in {path.name}")
        if killed == 0:
            problems.append("each run ended before it could be killed")
        checks.report(f"killed-{name}", problems)


def main():
    _, binary, checks = asked()
    with Folder() as folder:
        set_up(binary, folder)
        inputs = {path for path in (folder / "data").rglob("*") if path.is_file()}
        needles = needles_of(folder)
        check_while_working(binary, folder, inputs, needles, checks)
        check_killed(binary, folder, inputs, needles, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
