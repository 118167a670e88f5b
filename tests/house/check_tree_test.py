#!/usr/bin/env python3
"""Does check_tree.py see what it should?"""
import pathlib
import unittest

import check_tree


def found(rule, path, text):
    return list(check_tree.RULES[rule](pathlib.PurePosixPath(path), text))


class Direction(unittest.TestCase):
    def test_down_is_allowed(self):
        self.assertEqual(found("direction", "src/read/csv.cc", '#include "base/text.h"\n#include "record/raw.h"\n'), [])
        self.assertEqual(found("direction", "src/cli/main.cc", '#include "services/services.h"\n'), [])
        self.assertEqual(found("direction", "src/generate/a.cc", '#include "write/write.h"\n'), [])

    def test_own_room_public_headers_and_libraries_are_allowed(self):
        text = '#include "read/csv.h"\n#include "tessera/job.h"\n#include <arrow/api.h>\n'
        self.assertEqual(found("direction", "src/read/csv.cc", text), [])

    def test_up_and_sideways_are_not(self):
        self.assertEqual(len(found("direction", "src/base/a.cc", '#include "record/raw.h"\n')), 1)
        self.assertEqual(len(found("direction", "src/read/a.cc", '#include "write/write.h"\n')), 1)
        self.assertEqual(len(found("direction", "src/generate/a.cc", '#include "services/services.h"\n')), 1)
        self.assertEqual(len(found("direction", "src/job/a.cc", '  #  include "services/link.h"\n')), 1)

    def test_the_line_is_named(self):
        self.assertIn("a.cc:2:", found("direction", "src/base/a.cc", '\n#include "job/job.h"\n')[0])

    def test_unknown_rooms_are_not(self):
        self.assertEqual(len(found("direction", "src/attic/a.cc", "")), 1)
        self.assertEqual(len(found("direction", "src/cli/a.cc", '#include "attic/a.h"\n')), 1)


class FrontDoor(unittest.TestCase):
    def test_one_header_of_its_own_name(self):
        self.assertEqual(found("front door", "src/services/a.cc", '#include "read/read.h"\n'), [])
        self.assertEqual(len(found("front door", "src/services/a.cc", '#include "read/csv.h"\n')), 1)

    def test_open_rooms_and_own_room(self):
        text = '#include "base/text.h"\n#include "kernels/date.h"\n#include "record/raw.h"\n#include "services/b.h"\n'
        self.assertEqual(found("front door", "src/services/a.cc", text), [])

    def test_unit_tests_see_all(self):
        self.assertEqual(found("front door", "tests/unit/read/a.cc", '#include "read/csv.h"\n'), [])


class Length(unittest.TestCase):
    def test_four_hundred_lines(self):
        self.assertEqual(found("length", "src/read/a.cc", "\n" * 400), [])
        self.assertEqual(len(found("length", "src/read/a.cc", "\n" * 401)), 1)
        self.assertEqual(found("length", "tests/unit/read/a.cc", "\n" * 401), [])


class Words(unittest.TestCase):
    def test_places_and_promises(self):
        self.assertEqual(len(found("words", "README.md", "see /wo" + "rk/x\n")), 1)
        self.assertEqual(len(found("words", "src/a/b.cc", "// TO" + "DO: more\n")), 1)
        self.assertEqual(found("words", "src/a/b.cc", "// a workplace\n"), [])


class Threads(unittest.TestCase):
    def test_rooms_without_threads(self):
        self.assertEqual(len(found("threads", "src/sql/a.cc", "std::atomic<int> n;\ntbb::parallel_for(0, 1, f);\n")), 2)
        self.assertEqual(found("threads", "src/sql/a.cc", "// threads wait\n"), [])
        self.assertEqual(found("threads", "src/read/a.cc", "std::mutex mutex;\n"), [])


if __name__ == "__main__":
    unittest.main()
