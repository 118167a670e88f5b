"""What the tests of the whole command share: running it in a folder of its own, and saying how each check came out."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

TIMEOUT_S = 120


class Checks:
    """Counts and prints checks. With --tap as TAP, for Meson; else one line for each failure. Thread-safe."""

    def __init__(self, tap):
        self.tap = tap
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def report(self, name, problems):
        """A check failed when there are problems: lines that say what is wrong."""
        with self.lock:
            if problems:
                self.failed += 1
            else:
                self.passed += 1
            if self.tap:
                print(f"{'not ok' if problems else 'ok'} {self.passed + self.failed + self.skipped} - {name}")
            elif problems:
                print(f"FAILED {name}")
            for line in problems:
                print("#   " + line.replace("\n", "\n#   "))
            sys.stdout.flush()

    def skip(self, name, why):
        with self.lock:
            self.skipped += 1
            if self.tap:
                print(f"ok {self.passed + self.failed + self.skipped} - {name} # SKIP {why}")
            else:
                print(f"skipped {name}: {why}")

    def finish(self):
        """Prints the totals; the exit status of the program."""
        total = self.passed + self.failed + self.skipped
        if self.tap:
            print(f"1..{total}")
        print(f"{'# ' if self.tap else ''}{self.passed} passed, {self.failed} failed"
              + (f", {self.skipped} skipped" if self.skipped else ""))
        return 1 if self.failed else 0


def asked(parser=None):
    """The options of a test program (of `parser`, and BINARY and --tap), the path of the binary, and its checks."""
    parser = parser or argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--tap", action="store_true")
    options = parser.parse_args()
    return options, options.binary.resolve(), Checks(options.tap)


class Folder:
    """A temporary folder, gone at the end."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tessera-test-"))
        return self.path

    def __exit__(self, *_):
        # A test may have taken away the right to write.
        for folder, _, _ in os.walk(self.path):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.path, ignore_errors=True)


def run(binary, arguments, folder, environment=None, preexec=None):
    """Runs the command in `folder`; the finished process, its outputs as bytes."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("TESSERA_")}
    surroundings.update(environment or {})
    return subprocess.run([str(binary), *arguments], cwd=folder, env=surroundings, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S, preexec_fn=preexec,
                          check=False)


def text_of(data):
    return data.decode("utf-8", "replace")


def names_in(folder):
    """Every file and folder below, as relative paths."""
    return {str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*")}
