"""Writes fold_table.inc: what becomes of a letter beyond ASCII when a name is folded or a text put in capitals
or small letters?

    python3 make_fold_table.py > fold_table.inc

From Python's unicodedata. Latin and Greek letters lose their marks; Cyrillic and Armenian
ones keep theirs, as there they make other letters. Letters without a decomposition are
spelt as in passports (ICAO Doc 9303, part 3, section 6).
"""
import sys
import unicodedata

BLOCKS = [(0x00C0, 0x0590), (0x1E00, 0x2000)]
SPELT = {
    "ß": "SS", "ẞ": "SS", "Æ": "AE", "Œ": "OE", "Ø": "O", "Þ": "TH", "Ð": "D", "Đ": "D", "Ł": "L", "Ħ": "H",
    "ı": "I", "ĸ": "K", "Ŋ": "N", "ŉ": "N", "Ŧ": "T", "ſ": "S", "Ĳ": "IJ", "Ə": "E", "Ɛ": "E", "Ɔ": "O", "Ǝ": "E",
    "Ƀ": "B", "Ɓ": "B", "Ƈ": "C", "Ɖ": "D", "Ɗ": "D", "Ɠ": "G", "Ɨ": "I", "Ƙ": "K", "Ɲ": "N", "Ƥ": "P", "Ƭ": "T",
    "Ʈ": "T", "Ʋ": "V", "Ƴ": "Y", "Ƶ": "Z", "Ǥ": "G", "Ƒ": "F", "Ƚ": "L", "Ɂ": "", "ɂ": "", "×": "", "÷": "",
    "Ǆ": "DZ", "ǅ": "DZ", "Ǉ": "LJ", "ǈ": "LJ", "Ǌ": "NJ", "ǋ": "NJ", "Ǳ": "DZ", "ǲ": "DZ", "Ǽ": "AE", "Ǿ": "O",
    "Ǣ": "AE", "Ⱥ": "A", "Ȼ": "C", "Ⱦ": "T", "Ȿ": "S", "Ɀ": "Z", "Ʉ": "U", "Ɇ": "E", "Ɉ": "J", "Ɍ": "R", "Ɏ": "Y",
    "Ȥ": "Z", "ȷ": "J", "Ŀ": "L", "Ƃ": "B", "Ƌ": "D",
}


def capital(c):
    """Simple capital: one character for one."""
    upper = c.upper()
    return upper if len(upper) == 1 else c


def small(c):
    """Simple small letter; the capital I with a dot above is an i."""
    lower = c.lower()
    return lower if len(lower) == 1 else lower[0]


def folded(c):
    name = unicodedata.name(c, "")
    if not name:
        return c
    for letter in (c, capital(c)):
        if letter in SPELT:
            return SPELT[letter]
    if unicodedata.category(c) == "Mn":
        return ""
    if name.startswith(("LATIN", "GREEK")):
        bare = "".join(x for x in unicodedata.normalize("NFKD", c) if unicodedata.category(x) != "Mn")
        upper = "".join(SPELT.get(x, x) for x in "".join(capital(SPELT.get(x, x)) for x in bare))
        if upper and all(x.isalpha() for x in upper) and len(upper.encode()) <= 4:
            return upper
        if not c.isalpha():
            return ""
    return capital(c)


def rows(name, of):
    for first, end in BLOCKS:
        print(f"constexpr Letters {name}_{first:04x}[] = {{")
        line = " "
        for code in range(first, end):
            data = of(chr(code)).encode()
            assert len(data) <= 4, hex(code)
            cell = " {" + str(len(data)) + ', {' + ", ".join(str(b) for b in data) + "}},"
            if len(line) + len(cell) > 118:
                print(line)
                line = " "
            line += cell
        print(line)
        print("};")


print(f"// Made by make_fold_table.py from Unicode {unicodedata.unidata_version}. Do not edit.")
print("// clang-format off")
rows("folded", folded)
rows("capital", capital)
rows("small", small)
print("// clang-format on")
