"""scripts/setup on a machine that has none of the packages, as a fresh one: it asks for them, and says what went wrong."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))


class BareMachine(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.place / "scripts").mkdir()
        for script in "setup", "versions":
            shutil.copy(ROOT / "scripts" / script, self.place / "scripts")

    def run_setup(self, known):
        """Runs scripts/setup where dpkg knows the packages of known only, and apt-get installs nothing.

        Returns the run, and what apt-get was asked for.
        """
        tools = self.place / "tools"
        tools.mkdir()
        asked = self.place / "asked"
        lines = "".join(f"echo 'installed {package}'\n" for package in known)
        self.tool(tools / "dpkg-query", f"{lines}exit 1\n")
        self.tool(tools / "apt-get", f'echo "$*" >>{asked}\n[[ $1 == update ]]\n')
        ran = subprocess.run([self.place / "scripts" / "setup"], capture_output=True, text=True,
                             env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(self.place)})
        return ran, asked.read_text() if asked.exists() else ""

    @staticmethod
    def tool(path, body):
        path.write_text("#!/bin/bash\n" + body)
        path.chmod(0o755)

    def test_asks_for_what_is_missing(self):
        ran, asked = self.run_setup(known=["meson"])
        self.assertEqual(ran.returncode, 4)
        if os.geteuid() == 0:
            self.assertIn("apt-get failed", ran.stderr)
            self.assertIn(" libtbb-dev ", asked)
            self.assertNotIn(" meson ", asked)
        else:
            self.assertIn("please install first: apt-get install", ran.stderr)
            self.assertIn("libtbb-dev", ran.stderr)


if __name__ == "__main__":
    unittest.main()
