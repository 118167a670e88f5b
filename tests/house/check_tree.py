#!/usr/bin/env python3
"""Does the tree keep the rules of the house?

    check_tree.py ROOT      prints one TAP line for each rule, with every place that breaks it

  direction    a room includes only rooms below it:
               base < kernels < record < sql < job < {read standardise pseudonymise block compare decide resolve write}
               < services, generate < cli; rooms in the braces never include one another, nor do services and generate
  front door   from outside, a room shows one header of its own name; base, kernels and record are all open
  length       a file of src/ or include/ has at most 400 lines, or is listed below with a reason
  words        nothing names the machine on which it was written
  threads      a room whose tests the thread sanitizer is spared (tests/meson.build) starts no thread and shares nothing
"""
import pathlib
import re
import sys

STAGES = ["read", "standardise", "pseudonymise", "block", "compare", "decide", "resolve", "write"]
# Rooms on one line are strangers to each other; a room may include any on the lines above.
FLOORS = [["base"], ["kernels"], ["record"], ["sql"], ["job"], STAGES, ["services", "generate"], ["report"], ["cli"]]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
OPEN_ROOMS = {"base", "kernels", "record"}

LINES_MAX = 400
# Path -> why it may be longer.
LONG_FILES = {}

ROOMS_WITHOUT_THREADS = {"kernels", "sql", "job", "standardise", "decide"}
OF_THREADS = re.compile(r"\btbb::|\bstd::(?:jthread|thread|async|atomic|\w*mutex|call_once)\b")

FORBIDDEN_WORDS = re.compile(r"(?<![\w.])/(?:home|root|work)(?=/)|\bTODO\b|\bFIXME\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z_]+)/([^"]+)"', re.MULTILINE)
TEXT_ENDINGS = {".cc", ".h", ".py", ".md", ".json", ".build", ".ini", ".txt", ""}


def room_of(path):
    """The room of a path relative to the root, or None."""
    parts = path.parts
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def includes(text):
    """(room, file, line number) of each include of one of our rooms, public headers left out."""
    for match in INCLUDE.finditer(text):
        if match[1] != "tessera":
            yield match[1], match[2], text.count("\n", 0, match.start(1)) + 1


def check_direction(path, text):
    here = room_of(path)
    if here is None:
        return
    if here not in FLOOR_OF:
        yield f"{path}: room {here} has no place in the house; name its floor in tests/house/check_tree.py"
        return
    for room, file, line in includes(text):
        if room != here and room in FLOOR_OF and FLOOR_OF[room] >= FLOOR_OF[here]:
            yield f"{path}:{line}: {here} may not include {room}/{file}"
        elif room not in FLOOR_OF:
            yield f"{path}:{line}: {room}/{file} is of no known room"


def check_front_door(path, text):
    here = room_of(path)
    # A unit test of a room is a guest that may see all of it, as may a slow twin and a benchmark.
    if here is None:
        return
    for room, file, line in includes(text):
        if room != here and room in FLOOR_OF and room not in OPEN_ROOMS and file != f"{room}.h":
            yield f"{path}:{line}: {room}/{file} is private to {room}; from outside only {room}/{room}.h"


def check_length(path, text):
    if path.parts[0] not in ("src", "include") or path.suffix not in (".cc", ".h"):
        return
    lines = text.count("\n")
    name = str(path)
    if lines > LINES_MAX and name not in LONG_FILES:
        yield f"{path}: {lines} lines, more than {LINES_MAX}: does it answer one question?"
    if lines <= LINES_MAX and name in LONG_FILES:
        yield f"{path}: is short now; take it off the list of long files"


def check_words(path, text):
    if path.name == "check_tree.py":
        return
    for number, line in enumerate(text.splitlines(), 1):
        for word in FORBIDDEN_WORDS.findall(line):
            yield f"{path}:{number}: \"{word}\" has no place here"


def check_threads(path, text):
    if path == pathlib.Path("tests/meson.build"):
        spared = set(re.findall(r"'(\w+)'", re.search(r"without_threads = \[(.*)\]", text)[1]))
        if spared != ROOMS_WITHOUT_THREADS:
            yield f"{path}: without_threads is not ROOMS_WITHOUT_THREADS of tests/house/check_tree.py"
    if room_of(path) not in ROOMS_WITHOUT_THREADS:
        return
    for number, line in enumerate(text.splitlines(), 1):
        for word in OF_THREADS.findall(line):
            yield f"{path}:{number}: {word}: {room_of(path)} is a room without threads"


RULES = {"direction": check_direction, "front door": check_front_door, "length": check_length, "words": check_words,
         "threads": check_threads}
FOLDERS = ["src", "include", "tests", "bench", "configs", "scripts", "docs", "python", ".ci"]


def files_below(root):
    """(path relative to root, text) of every text file that is ours, in a fixed order."""
    top = [path for path in root.iterdir() if path.is_file()]
    inner = [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    for path in sorted(top + inner):
        if path.is_file() and path.suffix in TEXT_ENDINGS and "__pycache__" not in path.parts:
            try:
                yield path.relative_to(root), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # test data in other encodings


def check(root):
    """Rule -> list of what breaks it."""
    found = {rule: [] for rule in RULES}
    count = 0
    for path, text in files_below(root):
        count += 1
        for rule, function in RULES.items():
            found[rule].extend(function(path, text))
    if count == 0:
        raise SystemExit(f"no files below {root}")
    return found


def main():
    found = check(pathlib.Path(sys.argv[1]))
    print(f"1..{len(found)}")
    for number, (rule, places) in enumerate(found.items(), 1):
        print(f"{'not ok' if places else 'ok'} {number} - {rule}")
        for place in places:
            print(f"# {place}")


if __name__ == "__main__":
    main()
