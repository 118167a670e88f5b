#!/usr/bin/env python3
"""What if the input is broken, the disk is full, or someone stops us?

    run.py BINARY [--tap] [NAME ...]

Each test looks at the exit status, at the message (which file, what, never a value), and at what is left behind: no
output directory, no work or spill folder, nothing in the folder for temporary files.
"""
import argparse
import gzip
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing but outputs is written into the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
from harness import Checks, Folder, TIMEOUT_S, names_in, run, text_of  # noqa: E402

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None

ROWS = "EPIKEY,NHS,DOB\n1,4010000007,1950-03-14\n2,4010000015,1951-04-15\n"
DEATHS = "ID,NHS,DOB\nD1,4010000007,1950-03-14\nD2,4010000015,1951-04-15\n"
# Enough rows that a run can be met while it works, and a reference that leaves no room for itself.
MANY_ROWS = 3_000_000
REFERENCE_ROWS = 700_000
SMALL_MEMORY = ["--threads", "2", "--memory", "288MiB"]
PEAK_BYTES_MAX = 1 << 30

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def job(hes="hes.csv", deaths="deaths.csv", output="out", output_format="csv", **of_hes):
    return json.dumps({
        "job": "faults",
        "inputs": {"hes": {"path": hes, "id": "EPIKEY", "fields": {"nhs_number": "NHS", "dob": "DOB"}, **of_hes},
                   "deaths": {"path": deaths, "id": "ID", "fields": {"nhs_number": "NHS", "dob": "DOB"}}},
        "link": [{"from": "hes", "to": "deaths", "passes": [{"rank": 1, "agree": ["nhs_number", "dob"]}]}],
        "output": {"directory": output, "format": output_format, "unmatched": True}}, indent=1)


class Place:
    """A folder with a job, its inputs, and a folder of its own for temporary files."""

    def __init__(self, folder, binary):
        self.folder = folder
        self.binary = binary
        self.command = ["link", "job.json"]
        self.problems = []
        (folder / "tmp").mkdir()
        self.write("hes.csv", ROWS)
        self.write("deaths.csv", DEATHS)
        self.write("job.json", job())

    def write(self, name, content):
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def environment(self):
        return {"TMPDIR": str(self.folder / "tmp")}

    def run(self, *arguments, preexec=None):
        return run(self.binary, [*self.command, "--quiet", *arguments], self.folder, self.environment(), preexec)

    def start(self, *arguments, preexec=None):
        """A run that is waited for by its caller. Its stderr goes to a file."""
        environment = {**os.environ, **self.environment()}
        log = open(self.folder / "stderr.txt", "wb")
        return subprocess.Popen([str(self.binary), *self.command, "--quiet", *arguments], cwd=self.folder,
                                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=preexec)

    def expect(self, condition, problem):
        if not condition:
            self.problems.append(problem)

    def expect_failure(self, status, pattern, *arguments, preexec=None):
        """Fails with this status and a message that fits; leaves nothing; says no value."""
        before = names_in(self.folder)
        process = self.run(*arguments, preexec=preexec)
        error = text_of(process.stderr)
        self.expect(process.returncode == status, f"exit status {process.returncode}, not {status}: {error.strip()}")
        self.expect(re.search(pattern, error), f"the message does not fit /{pattern}/: {error.strip()}")
        self.expect(not process.stdout, f"stdout: {text_of(process.stdout)}")
        self.expect(not re.search(r"40100000\d\d|19\d\d-\d\d-\d\d", error), f"the message holds a value: {error}")
        self.expect_nothing_new(before)

    def expect_success(self, *arguments, links=None):
        process = self.run(*arguments)
        self.expect(process.returncode == 0, f"exit status {process.returncode}: {text_of(process.stderr).strip()}")
        if process.returncode == 0 and links is not None:
            found = (self.folder / "out/links.csv").read_text()
            self.expect(found == links, f"links are {found!r}, not {links!r}")

    def expect_nothing_new(self, before, but=()):
        left = names_in(self.folder) - before - {"stderr.txt"} - set(but)
        self.expect(not left, f"left behind: {sorted(left)}")

    def work_folders(self):
        return sorted(p for p in self.folder.iterdir() if re.search(r"tessera-", p.name) and p.is_dir())


ALL_LINKS = "from_id,to_id,rank,ties\n1,D1,1,1\n2,D2,1,1\n"


# --- inputs that cannot be used ---------------------------------------------------------------------------------------

@test
def the_job_itself_works(place):
    place.expect_success(links=ALL_LINKS)


@test
def csv_empty(place):
    place.write("hes.csv", "")
    place.expect_failure(3, r"hes\.csv: empty: no header")


@test
def csv_of_blank_lines(place):
    place.write("hes.csv", "\n\n\n")
    place.expect_failure(3, r"hes\.csv: ")


@test
def csv_reference_empty(place):
    place.write("deaths.csv", "")
    place.expect_failure(3, r"deaths\.csv: empty: no header")


@test
def csv_header_only(place):
    place.write("hes.csv", "EPIKEY,NHS,DOB\n")
    place.expect_success(links="from_id,to_id,rank,ties\n")


@test
def csv_open_quote(place):
    place.write("hes.csv", ROWS + '3,"4010000023,1952-05-16\n4,4010000031,1953-06-17\n')
    place.expect_failure(3, r"hes\.csv: row 3: a quote opens and is not closed")


@test
def csv_open_quote_far_from_the_end(place):
    place.write("hes.csv", ROWS + '3,"4010000023,1952-05-16\n' + "4,4010000031,1953-06-17\n" * 100_000)
    place.expect_failure(3, r"hes\.csv: row 3: ", "--batch-size", "1KiB")


@test
def csv_open_quote_in_the_header(place):
    place.write("hes.csv", 'EPIKEY,"NHS,DOB\n1,4010000007,1950-03-14\n')
    place.expect_failure(3, r"hes\.csv: ")


@test
def csv_line_of_a_gigabyte(place):
    with open(place.folder / "hes.csv", "wb") as file:
        file.write(ROWS.encode() + b"3,")
        file.truncate(1 << 30)  # a hole of NUL bytes: a line without an end that takes no disk
    place.expect_failure(3, r"hes\.csv: row 3 is longer than the limit")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    place.expect(peak < PEAK_BYTES_MAX, f"a long line took {peak >> 20} MiB")


@test
def ndjson_line_of_a_gigabyte(place):
    place.write("job.json", job(hes="hes.ndjson"))
    with open(place.folder / "hes.ndjson", "wb") as file:
        file.write(b'{"EPIKEY":"1","NHS":"')
        file.truncate(1 << 30)
    place.expect_failure(3, r"hes\.ndjson: line 1 is longer than the limit")


@test
def csv_nul_bytes(place):
    place.write("hes.csv", ROWS + "3,40100\x0000023,1952-05-16\n")
    place.expect_success(links=ALL_LINKS)
    rejects = (place.folder / "out/rejects.csv").read_text()
    place.expect(rejects == "input,file,row,field,reason\nhes,hes.csv,3,nhs_number,not in the encoding of the input\n", rejects)


@test
def csv_mixed_line_ends(place):
    place.write("hes.csv", "EPIKEY,NHS,DOB\r\n1,4010000007,1950-03-14\n\r\n2,4010000015,1951-04-15\r\n")
    place.expect_success(links=ALL_LINKS)


@test
def csv_invalid_utf8(place):
    place.write("hes.csv", ROWS.encode() + b"3,\xc3\x28,1952-05-16\n")
    place.expect_success(links=ALL_LINKS)
    rejects = (place.folder / "out/rejects.csv").read_text()
    place.expect(rejects == "input,file,row,field,reason\nhes,hes.csv,3,nhs_number,not in the encoding of the input\n", rejects)


@test
def csv_of_utf16(place):
    place.write("hes.csv", ROWS.encode("utf-16"))
    place.expect_failure(3, r"hes\.csv: is UTF-16")


@test
def csv_is_a_folder(place):
    (place.folder / "hes.csv").unlink()
    (place.folder / "hes.csv").mkdir()
    place.expect_failure(2, r"hes\.csv.* folder")


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def nobody_can_run(place):
    """root may read and write everything, so what it may not is tried as another user, where that one may run us."""
    if os.geteuid() == 0:
        for path in [place.folder, *place.folder.rglob("*")]:
            os.chown(path, 65534, 65534)
    try:
        return run(place.binary, ["version"], place.folder, preexec=become_nobody).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@test
def csv_not_readable(place):
    if not nobody_can_run(place):
        return "no user but root can run the command here"
    (place.folder / "hes.csv").chmod(0)
    place.expect_failure(2, r"hes\.csv.*Permission denied", preexec=become_nobody)


@test
def second_file_lacks_a_column(place):
    place.write("more.csv", "EPIKEY,NHS\n3,4010000023\n")
    place.write("job.json", job(hes=["hes.csv", "more.csv"]))
    place.expect_failure(2, r"more\.csv.*DOB")


@test
def gzip_truncated(place):
    packed = gzip.compress((ROWS + "3,4010000023,1952-05-16\n" * 50_000).encode())
    place.write("hes.csv.gz", packed[:len(packed) // 2])
    place.write("job.json", job(hes="hes.csv.gz"))
    place.expect_failure(3, r"hes\.csv\.gz: ")


@test
def gzip_that_is_none(place):
    place.write("hes.csv.gz", ROWS)
    place.write("job.json", job(hes="hes.csv.gz"))
    place.expect_failure(3, r"hes\.csv\.gz: ")


@test
def ids_twice(place):
    place.write("hes.csv", ROWS + "1,4010000023,1952-05-16\n")
    place.write("job.json", job(duplicate_ids="error"))
    place.expect_failure(3, r'"hes" has 1 ids? that')
    place.write("job.json", job(duplicate_ids="keep"))
    place.expect_success(links=ALL_LINKS)


@test
def ndjson_broken_lines_are_rejects(place):
    place.write("job.json", job(hes="hes.ndjson"))
    place.write("hes.ndjson", '{"EPIKEY":"1","NHS":"4010000007","DOB":"1950-03-14"}\n{"EPIKEY":\n{"EPIKEY":"2","NHS":'
                              '"4010000015","DOB":"1951-04-15"}')
    place.expect_success(links=ALL_LINKS)
    rejects = (place.folder / "out/rejects.csv").read_text()
    place.expect(rejects == "input,file,row,field,reason\nhes,hes.ndjson,2,,not a JSON object\n", rejects)


def write_parquet(place, name, **options):
    table = pyarrow.table({"EPIKEY": list(range(50_000)), "NHS": ["4010000007", "4010000015"] * 25_000,
                           "DOB": ["1950-03-14", "1951-04-15"] * 25_000})
    pyarrow.parquet.write_table(table, place.folder / name, row_group_size=10_000, **options)
    place.write("job.json", job(hes=name))
    return (place.folder / name).read_bytes()


@test
def parquet_truncated(place):
    if not pyarrow:
        return "no pyarrow"
    whole = write_parquet(place, "hes.parquet")
    for size in (0, 3, 4, 8, 11, 100, len(whole) // 2, len(whole) - 5, len(whole) - 1):
        place.write("hes.parquet", whole[:size])
        place.expect_failure(3, r"hes\.parquet: ")


@test
def parquet_wrong_magic(place):
    if not pyarrow:
        return "no pyarrow"
    whole = write_parquet(place, "hes.parquet")
    place.write("hes.parquet", b"PARX" + whole[4:])
    place.expect_failure(3, r"hes\.parquet: ")
    place.write("hes.parquet", whole[:-4] + b"PARX")
    place.expect_failure(3, r"hes\.parquet: ")


@test
def parquet_that_is_csv(place):
    place.write("hes.parquet", ROWS)
    place.write("job.json", job(hes="hes.parquet"))
    place.expect_failure(3, r"hes\.parquet: is not a Parquet file")


@test
def parquet_with_a_footer_of_another_size(place):
    if not pyarrow:
        return "no pyarrow"
    whole = write_parquet(place, "hes.parquet")
    for size in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF, len(whole)):
        place.write("hes.parquet", whole[:-8] + size.to_bytes(4, "little") + whole[-4:])
        place.expect_failure(3, r"hes\.parquet: ")


@test
def parquet_with_a_hole_in_its_pages(place):
    if not pyarrow:
        return "no pyarrow"
    whole = write_parquet(place, "hes.parquet", compression="none", write_page_checksum=True)
    for first in range(2000, len(whole) * 3 // 4, len(whole) // 7):
        place.write("hes.parquet", whole[:first] + bytes(500) + whole[first + 500:])
        place.expect_failure(3, r"hes\.parquet: ")


@test
def parquet_without_checksums_and_with_a_hole(place):
    """What lies there may be a value like any other, so this may go well: but it may not crash."""
    if not pyarrow:
        return "no pyarrow"
    whole = write_parquet(place, "hes.parquet", compression="snappy")
    for first in range(4, len(whole) - 500, len(whole) // 40):
        place.write("hes.parquet", whole[:first] + b"\xff" * 100 + whole[first + 100:])
        process = place.run("--force")
        place.expect(process.returncode in (0, 3), f"hole at {first}: exit status {process.returncode}: "
                     + text_of(process.stderr))


@test
def parquet_with_a_nested_column(place):
    if not pyarrow:
        return "no pyarrow"
    table = pyarrow.table({"EPIKEY": [1], "NHS": [["4010000007"]], "DOB": ["1950-03-14"]})
    pyarrow.parquet.write_table(table, place.folder / "hes.parquet")
    place.write("job.json", job(hes="hes.parquet"))
    place.expect_failure(3, r'hes\.parquet: column "NHS.*" is nested')


# --- outputs that cannot be written -----------------------------------------------------------------------------------

@test
def output_below_a_file(place):
    place.write("file", "")
    place.write("job.json", job(output="file/out"))
    place.expect_failure(4, r"file")


@test
def output_in_a_folder_that_may_not_be_written(place):
    (place.folder / "closed").mkdir()
    if not nobody_can_run(place):
        return "no user but root can run the command here"
    (place.folder / "closed").chmod(0o500)
    place.write("job.json", job(output="closed/out"))
    place.expect_failure(4, r"closed.*Permission denied", preexec=become_nobody)


@test
def output_on_a_system_that_takes_no_files(place):
    place.write("job.json", job(output="/proc/out"))
    place.expect_failure(4, r"/proc")


@test
def spill_folder_not_there(place):
    many_deaths(place)
    place.expect_failure(4, r"no-such-folder", *SMALL_MEMORY, "--spill", "no-such-folder")


def limit_file_size(size):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as a full disk: the write fails, nothing is killed
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def many_rows(place, count=MANY_ROWS):
    """Rows that nearly all are unmatched, so that much is written."""
    dice = random.Random(1)  # ids that cannot be compressed away
    with open(place.folder / "hes.csv", "w") as file:
        file.write(ROWS)
        for _ in range(0, count, 100_000):
            file.write("".join(f"{id_:x},,1960-01-02\n" for id_ in memoryview(dice.randbytes(800_000)).cast("Q")))


def many_deaths(place):
    with open(place.folder / "deaths.csv", "w") as file:
        file.write(DEATHS)
        for first in range(0, REFERENCE_ROWS, 100_000):
            file.write("".join(f"F{i},,\n" for i in range(first, first + 100_000)))


@test
def disk_full_while_writing(place):
    many_rows(place, 200_000)
    for output_format in ("csv", "ndjson", "parquet"):
        place.write("job.json", job(output_format=output_format))
        place.expect_failure(4, r"cannot write .*out.*: File too large", preexec=limit_file_size(200_000))


@test
def disk_full_while_spilling(place):
    many_deaths(place)
    place.write("hes.csv", ROWS + "".join(f"{i},4010000007,1950-03-14\n" for i in range(300_000)))
    (place.folder / "spill").mkdir()
    place.expect_failure(4, r"spill.*: File too large", *SMALL_MEMORY, "--spill", "spill",
                         preexec=limit_file_size(50_000))


def small_disk(place, name, size):
    """Mounts a small disk, where we may. False: we may not."""
    (place.folder / name).mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tessera-test", str(place.folder / name)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@test
def small_disk_full_while_writing(place):
    if os.geteuid() != 0 or not small_disk(place, "disk", 400_000):
        return "no disk can be mounted here"
    try:
        many_rows(place, 200_000)
        for output_format in ("csv", "ndjson", "parquet"):
            place.write("job.json", job(output="disk/out", output_format=output_format))
            place.expect_failure(4, r"cannot write .*disk.*: No space left on device\n.*free space")
    finally:
        subprocess.run(["umount", str(place.folder / "disk")], check=False)


@test
def small_disk_full_while_spilling(place):
    if os.geteuid() != 0 or not small_disk(place, "disk", 400_000):
        return "no disk can be mounted here"
    try:
        many_deaths(place)
        place.write("hes.csv", ROWS + "".join(f"{i},4010000007,1950-03-14\n" for i in range(300_000)))
        for ways in ((), ("--rounds", "0")):
            place.expect_failure(4, r"disk.*No space left on device|not enough space|free", *SMALL_MEMORY, "--spill",
                                 "disk", *ways)
    finally:
        subprocess.run(["umount", str(place.folder / "disk")], check=False)


@test
def stdout_full(place):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(place.binary), "link", "job.json"], cwd=place.folder, stdin=subprocess.DEVNULL,
                              stdout=full, stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
    place.expect(done.returncode == 4, f"exit status {done.returncode}")
    place.expect("cannot write to stdout" in text_of(done.stderr), text_of(done.stderr))


@test
def memory_below_the_least(place):
    place.expect_failure(4, r"memory budget of .* is too small.*--memory", "--memory", "1MiB")


# --- stopped ----------------------------------------------------------------------------------------------------------

def bytes_of(path):
    """0 for what has gone: the command takes the names of its spill files away at once."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def start_and_meet(place, *arguments, written=True):
    """Starts a run and waits until it has a work folder and has written to it. None: it was too quick."""
    process = place.start("--threads", "1", *arguments)
    until = time.monotonic() + TIMEOUT_S
    while time.monotonic() < until:
        if any(bytes_of(path) > 0 for folder in place.work_folders() for path in folder.rglob("*")
               if path.is_file()) or not written and place.work_folders():
            return process
        if process.poll() is not None:
            place.problems.append(f"ended with {process.returncode} before it could be met: "
                                  + (place.folder / "stderr.txt").read_text())
            return None
        time.sleep(0.002)
    process.kill()
    process.wait()
    place.problems.append("no work folder appeared")
    return None


def stopped_by(place, number):
    many_rows(place)
    before = names_in(place.folder)
    process = start_and_meet(place)
    if process is None:
        return
    process.send_signal(number)
    started = time.monotonic()
    status = process.wait(TIMEOUT_S)
    place.expect(status == 5, f"exit status {status}, not 5")
    place.expect(time.monotonic() - started < 5, "it took more than 5 seconds to stop")
    message = (place.folder / "stderr.txt").read_text()
    place.expect("interrupted" in message, f"message: {message}")
    place.expect_nothing_new(before)


@test
def interrupted_by_sigint(place):
    stopped_by(place, signal.SIGINT)


@test
def interrupted_by_sigterm(place):
    stopped_by(place, signal.SIGTERM)


def interrupted_with_little_memory(place, *arguments):
    many_rows(place)
    many_deaths(place)
    before = names_in(place.folder)
    process = start_and_meet(place, "--memory", "248MiB", *arguments)
    if process is None:
        return
    process.send_signal(signal.SIGTERM)
    status = process.wait(TIMEOUT_S)
    place.expect(status == 5, f"exit status {status}, not 5")
    place.expect_nothing_new(before)


@test
def interrupted_while_partitioned(place):
    interrupted_with_little_memory(place, "--rounds", "0")


@test
def interrupted_in_a_round(place):
    interrupted_with_little_memory(place)


def private_problems(place):
    for folder in place.work_folders():
        for path in [folder, *folder.rglob("*")]:
            try:
                mode = stat.S_IMODE(path.stat().st_mode)
            except FileNotFoundError:
                continue
            place.expect(mode & 0o077 == 0, f"{path.name} has mode {mode:o}")


def killed(place, *arguments):
    many_rows(place)
    if arguments:
        many_deaths(place)
    before = names_in(place.folder)
    process = start_and_meet(place, *arguments)
    if process is None:
        return
    process.kill()
    process.wait(TIMEOUT_S)
    place.expect(place.work_folders(), "nothing was left by a killed run, so nothing was tested")
    place.expect(not (place.folder / "out").exists(), "an output directory appeared")
    private_problems(place)
    place.write("hes.csv", ROWS)
    place.expect_success("--threads", "1", *arguments, links=ALL_LINKS)
    out = {"out"} | {f"out/{name}" for name in names_in(place.folder / "out")}
    place.expect_nothing_new(before, out)


@test
def killed_and_run_again(place):
    killed(place)


@test
def killed_while_partitioned_and_run_again(place):
    killed(place, "--memory", "248MiB", "--rounds", "0")


@test
def killed_in_a_round_and_run_again(place):
    killed(place, "--memory", "248MiB")


@test
def a_live_run_keeps_its_work_folder(place):
    many_rows(place)
    process = start_and_meet(place)
    if process is None:
        return
    process.send_signal(signal.SIGSTOP)
    try:
        held = place.work_folders()
        other = place.folder / "other"
        other.mkdir()
        place.write("other.json", job(hes="small.csv"))
        place.write("small.csv", ROWS)
        second = run(place.binary, ["link", "other.json", "--quiet"], place.folder, place.environment())
        place.expect(second.returncode == 0, f"the second run: {text_of(second.stderr)}")
        place.expect(set(held) <= set(place.work_folders()), "the second run removed what a live one works on")
    finally:
        process.kill()
        process.wait(TIMEOUT_S)


@test
def no_core_file(place):
    many_rows(place)

    def cores_allowed():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    try:
        cores_allowed()
    except (ValueError, OSError):
        return "core files cannot be allowed here"
    process = place.start("--threads", "1", preexec=cores_allowed)
    while not place.work_folders() and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGABRT)
    status = process.wait(TIMEOUT_S)
    place.expect(status == -signal.SIGABRT, f"exit status {status}")
    cores = [path.name for path in place.folder.rglob("core*")]
    place.expect(not cores, f"core files: {cores}")


@test
def force_replaces_and_leaves_nothing(place):
    place.expect_success(links=ALL_LINKS)
    first = (place.folder / "out").stat().st_ino
    before = names_in(place.folder)
    place.write("hes.csv", "EPIKEY,NHS,DOB\n2,4010000015,1951-04-15\n")
    place.expect_success("--force", links="from_id,to_id,rank,ties\n2,D2,1,1\n")
    place.expect((place.folder / "out").stat().st_ino != first, "the directory was written in place")
    place.expect_nothing_new(before)


@test
def a_failed_force_keeps_the_old(place):
    place.expect_success(links=ALL_LINKS)
    place.write("hes.csv", ROWS + '3,"4010000023,1952-05-16\n')
    place.expect_failure(3, r"hes\.csv: row 3", "--force")
    found = (place.folder / "out/links.csv").read_text()
    place.expect(found == ALL_LINKS, f"the old links are now {found!r}")


# --- models -----------------------------------------------------------------------------------------------------------

PEOPLE = "ID,NHS,DOB\n"
LEVELS = [{"how": "exact", "m": 0.9, "u": 0.01}, {"how": "else", "m": 0.1, "u": 0.99}]


def model_job(model=None, within=False, output="out", output_format="csv", **of_step):
    """All pairs of one date of birth are links: much is written. Not given: the model has all its parameters."""
    model = model or {"compare": [{"field": "nhs_number", "levels": LEVELS}, {"field": "dob", "levels": LEVELS}],
                      "block": [["dob"]], "lambda": 0.001, "threshold": {"weight": -50}}
    sides = {"within": "hes"} if within else {"from": "hes", "to": "deaths"}
    resolve = {} if within else {"resolve": {"each_from": "many", "each_to": "many"}}
    return json.dumps({
        "job": "faults",
        "inputs": {"hes": {"path": "hes.csv", "id": "ID", "fields": {"nhs_number": "NHS", "dob": "DOB"}},
                   "deaths": {"path": "deaths.csv", "id": "ID", "fields": {"nhs_number": "NHS", "dob": "DOB"}}},
        "link": [{**sides, "model": model, **resolve, **of_step}],
        "output": {"directory": output, "format": output_format, "pattern": True}}, indent=1)


def few_people(place):
    place.write("hes.csv", PEOPLE + "1,4010000007,1950-03-14\n2,4010000015,1951-04-15\n")
    place.write("deaths.csv", PEOPLE + "D1,4010000007,1950-03-14\nD2,4010000015,1951-04-15\n")


def many_people(place, count=100_000):
    dice = random.Random(1)  # ids that cannot be compressed away
    for name in ("hes.csv", "deaths.csv"):
        place.write(name, PEOPLE + "".join(f"{id_:x},,19{i % 90 + 10}-01-{i // 90 % 28 + 1:02}\n" for i, id_ in
                                           enumerate(memoryview(dice.randbytes(8 * count)).cast("Q"))))


def model_disk_full(place, folder, pattern, preexec=None):
    many_people(place, 60_000)
    for within in (False, True):
        for output_format in ("csv", "ndjson", "parquet"):
            place.write("job.json", model_job(within=within, output=folder + "out", output_format=output_format))
            place.expect_failure(4, pattern, preexec=preexec)


@test
def model_disk_full_while_writing_links(place):
    model_disk_full(place, "", r"cannot write .*out.*: File too large", limit_file_size(200_000))


@test
def model_disk_full_while_writing_clusters(place):
    """Few links, so that it is the clusters for which there is no room."""
    many_people(place, 60_000)
    place.write("job.json", model_job({"compare": [{"field": "nhs_number", "levels": LEVELS}, "dob"],
                                       "block": [["nhs_number"]]}, within=True))
    place.expect_failure(4, r"cannot write .*out.*clusters.*: File too large", preexec=limit_file_size(200_000))


@test
def model_small_disk_full(place):
    if os.geteuid() != 0 or not small_disk(place, "disk", 400_000):
        return "no disk can be mounted here"
    try:
        model_disk_full(place, "disk/", r"cannot write .*disk.*: No space left on device")
    finally:
        subprocess.run(["umount", str(place.folder / "disk")], check=False)


@test
def model_disk_full_while_training(place):
    few_people(place)
    place.write("job.json", model_job({"compare": ["nhs_number", "dob"], "block": [["dob"]]}))
    place.command = ["train", "job.json", "--model", "model.json"]
    place.expect_failure(4, r"cannot write .*model\.json.*: File too large", preexec=limit_file_size(500))


@test
def model_in_a_folder_that_may_not_be_written(place):
    few_people(place)
    (place.folder / "closed").mkdir()
    if not nobody_can_run(place):
        return "no user but root can run the command here"
    (place.folder / "closed").chmod(0o500)
    place.write("job.json", model_job({"compare": ["nhs_number", "dob"], "block": [["dob"]]}, output="closed/out"))
    place.expect_failure(4, r"closed.*Permission denied", preexec=become_nobody)
    place.command = ["train", "job.json", "--model", "closed/model.json"]
    place.expect_failure(4, r"closed.*Permission denied", preexec=become_nobody)


@test
def model_replaces_models_only(place):
    few_people(place)
    place.write("job.json", model_job({"compare": ["nhs_number", "dob"], "block": [["dob"]]}))
    place.write("notes.json", "{}")
    for path, pattern in (("job.json", "is the job file"), ("hes.csv", "or one of its inputs"),
                          ("notes.json", "did not write")):
        before = (place.folder / path).read_bytes()
        place.command = ["train", "job.json", "--model", path]
        place.expect_failure(2, pattern, "--force")
        place.expect((place.folder / path).read_bytes() == before, f"{path} was changed")
    place.command = ["train", "job.json", "--model", "model.json"]
    place.expect(place.run().returncode == 0, "a first model")
    place.expect_failure(2, r"model\.json is there already; --force")
    place.expect(place.run("--force").returncode == 0, "a model in place of a model")
    first = (place.folder / "model.json").read_bytes()
    place.expect_failure(4, r"File too large", "--force", preexec=limit_file_size(500))
    place.expect((place.folder / "model.json").read_bytes() == first, "the old model did not stay")
    place.expect(stat.S_IMODE((place.folder / "model.json").stat().st_mode) == 0o600, "the model is not private")


def model_stopped(place, number, within):
    many_people(place)
    place.write("job.json", model_job(within=within))
    before = names_in(place.folder)
    process = start_and_meet(place)
    if process is None:
        return
    process.send_signal(number)
    started = time.monotonic()
    status = process.wait(TIMEOUT_S)
    place.expect(status == 5, f"exit status {status}, not 5")
    place.expect(time.monotonic() - started < 5, "it took more than 5 seconds to stop")
    place.expect("interrupted" in (place.folder / "stderr.txt").read_text(), "no message")
    place.expect_nothing_new(before)


@test
def model_links_interrupted(place):
    model_stopped(place, signal.SIGINT, within=False)


@test
def model_clusters_interrupted(place):
    model_stopped(place, signal.SIGTERM, within=True)


@test
def model_killed_and_run_again(place):
    for within in (False, True):
        many_people(place)
        place.write("job.json", model_job(within=within))
        before = names_in(place.folder)
        process = start_and_meet(place)
        if process is None:
            return
        process.kill()
        process.wait(TIMEOUT_S)
        place.expect(place.work_folders(), "nothing was left by a killed run, so nothing was tested")
        place.expect(not (place.folder / "out").exists(), "an output directory appeared")
        private_problems(place)
        few_people(place)
        place.expect_success()
        place.expect_nothing_new(before, {"out"} | {f"out/{name}" for name in names_in(place.folder / "out")})
        shutil.rmtree(place.folder / "out", ignore_errors=True)


def training_met(place, number):
    """Stopped while a model is estimated: no model appears."""
    many_people(place, 400_000)
    place.write("job.json", model_job({"compare": ["nhs_number", "dob"], "block": [["dob"]],
                                       "estimate": {"random_pairs": 50_000_000}}))
    place.command = ["train", "job.json", "--model", "model.json"]
    before = names_in(place.folder)
    process = start_and_meet(place, written=False)
    if process is None:
        return None
    process.send_signal(number)
    status = process.wait(TIMEOUT_S)
    place.expect(not (place.folder / "model.json").exists(), "a model appeared")
    return before, status


@test
def training_interrupted(place):
    if met := training_met(place, signal.SIGTERM):
        place.expect(met[1] == 5, f"exit status {met[1]}, not 5")
        place.expect_nothing_new(met[0])


@test
def training_killed_and_run_again(place):
    if met := training_met(place, signal.SIGKILL):
        place.expect(place.work_folders(), "nothing was left by a killed run, so nothing was tested")
        few_people(place)
        place.expect_success()
        place.expect_nothing_new(met[0], {"model.json"})


@test
def a_rule_of_too_many_pairs(place):
    """10,240,000,000,000 pairs share one value: refused before anything is estimated, but not by the forecast."""
    for name in ("hes.csv", "deaths.csv"):
        with open(place.folder / name, "w") as file:
            file.write("ID,SEX\n")
            for first in range(0, 3_200_000, 100_000):
                file.write("".join(f"{i},1\n" for i in range(first, first + 100_000)))
    settings = json.loads(model_job({"compare": ["sex"], "block": [["sex"]]}))
    for each in settings["inputs"].values():
        each["fields"] = {"sex": "SEX"}
    place.write("job.json", json.dumps(settings))
    refused = r"blocking rule 1 \(sex\) would make 10\.2 T pairs of 10\.2 T possible; the limit is 1\.0 T\nhelp: add a field"
    place.expect_failure(2, refused)
    place.command = ["train", "job.json", "--model", "model.json"]
    place.expect_failure(2, refused)
    forecast = run(place.binary, ["forecast", "job.json"], place.folder, place.environment())
    place.expect(forecast.returncode == 0, f"forecast: exit status {forecast.returncode}")
    place.expect("10,240,000,000,000" in text_of(forecast.stdout), text_of(forecast.stdout))
    settings["link"][0]["model"]["block_size_max"] = 1000  # then narrowing is what is asked for
    place.write("job.json", json.dumps(settings))
    place.command = ["link", "job.json"]
    place.expect_success()
    warnings = json.loads((place.folder / "out/manifest.json").read_text())["links"][0]["model"]["warnings"]
    place.expect(any("left out 10240000000000 pairs" in warning for warning in warnings), f"warnings: {warnings}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--tap", action="store_true")
    options = parser.parse_args()
    checks = Checks(options.tap)
    for each in TESTS:
        if options.names and each.__name__ not in options.names:
            continue
        with Folder() as folder:
            place = Place(folder, options.binary.resolve())
            why = each(place)
            if why:
                checks.skip(each.__name__, why)
            else:
                checks.report(each.__name__, place.problems)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
