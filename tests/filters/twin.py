"""Filters and their similarity, the slow and obvious way: clkhash's linkage schema version 3 in the standard library.

Written from the schema's documentation. Where clkhash itself is installed, run.py compares with that as well.
"""
import base64
import hashlib
import hmac
import math
from datetime import datetime


def hkdf(secret, count, kdf):
    algorithm = hashlib.sha512 if kdf.get("hash") == "SHA512" else hashlib.sha256
    size = kdf.get("keySize", 64)
    salt = base64.b64decode(kdf.get("salt", "")) or bytes(algorithm().digest_size)
    info = base64.b64decode(kdf.get("info", ""))
    key = hmac.new(salt, secret, algorithm).digest()
    out, block, number = b"", b"", 1
    while len(out) < count * size:
        block = hmac.new(key, block + info + bytes([number]), algorithm).digest()
        out += block
        number += 1
    return [out[i * size:(i + 1) * size] for i in range(count)]


def text_of(value, feature):
    missing = feature["hashing"].get("missingValue")
    if missing is not None and value == missing["sentinel"]:
        return missing.get("replaceWith", value)
    form = feature["format"]
    if form["type"] == "integer":
        return str(int(value))
    if form["type"] == "date":
        return datetime.strptime(value, form["format"]).strftime("%Y%m%d")
    return value


def tokens_of(text, comparison):
    if text == "":
        return []
    if comparison["type"] == "exact":
        return [text]
    if comparison["type"] == "ngram":
        n = comparison["n"]
        padded = " " * (n - 1) + text + " " * (n - 1)
        grams = [padded[i:i + n] for i in range(len(padded) - n + 1)]
        return [f"{i + 1} {gram}" for i, gram in enumerate(grams)] if comparison.get("positional") else grams
    scale, resolution = 10 ** comparison.get("fractional_precision", 0), comparison["resolution"]
    interval = round(comparison["thresholdDistance"] * scale)
    try:
        number = int(text) * scale
    except ValueError:
        number = round(float(text) * scale) if scale > 1 else int(float(text))
    number *= 2 * resolution
    rest = number % interval
    number += -rest if rest < interval / 2 else interval - rest
    return [str(number + i * interval) for i in range(-resolution, resolution + 1)]


def bits_of(token, k, keys, size, how):
    if how["type"] == "doubleHash":
        first = int.from_bytes(hmac.new(keys[0], token, "sha1").digest(), "big") % size
        step, more = 0, -1
        while True:
            tail = b"" if more < 0 else chr(more).encode()
            step = int.from_bytes(hmac.new(keys[1], token + tail, "md5").digest(), "big") % size
            more += 1
            if step != 0 or not how.get("prevent_singularity"):
                break
        return [(first + i * step) % size for i in range(k)]
    out = []
    for salt in range(math.ceil(k / 32)):
        digest = hashlib.blake2b(token, key=keys[0], salt=str(salt).encode()).digest()
        out += [int.from_bytes(digest[i:i + 2], "little") % size for i in range(0, 64, 2)]
    return out[:k]


class Schema:
    def __init__(self, schema, secret):
        self.schema = schema
        config = schema["clkConfig"]
        self.folds = config.get("xor_folds", 0)
        self.size = config["l"] * 2 ** self.folds
        keys = hkdf(secret, 2 * len(schema["features"]), config["kdf"])
        self.keys = [keys[2 * i:2 * i + 2] for i in range(len(schema["features"]))]
        self.memo = {}

    def filter(self, values):
        """The bits that are set, of values by identifier; a feature that is not among them sets none."""
        bits = set()
        for feature, keys in zip(self.schema["features"], self.keys):
            if feature.get("ignored") or feature["identifier"] not in values:
                continue
            memo = feature["identifier"], values[feature["identifier"]]
            if memo not in self.memo:
                self.memo[memo] = self.feature_bits(feature, keys, memo[1])
            bits |= self.memo[memo]
        size = self.size
        for _ in range(self.folds):
            size //= 2
            bits = {b for b in range(size) if (b in bits) != (b + size in bits)}
        return bits

    def feature_bits(self, feature, keys, value):
        hashing, bits = feature["hashing"], set()
        tokens = tokens_of(text_of(value, feature), hashing["comparison"])
        strategy = hashing["strategy"]
        for i, token in enumerate(tokens):
            if "bitsPerToken" in strategy:
                k = strategy["bitsPerToken"]
            else:
                k = strategy["bitsPerFeature"] // len(tokens) + (i < strategy["bitsPerFeature"] % len(tokens))
            encoded = token.encode(feature["format"].get("encoding", "utf-8"))
            bits |= set(bits_of(encoded, k, keys, self.size, hashing.get("hash", {"type": "blakeHash"})))
        return frozenset(bits)


def written(bits, size):
    out = bytearray((size + 7) // 8)
    for bit in bits:
        out[bit // 8] |= 0x80 >> bit % 8
    return base64.b64encode(out).decode()


def read(text):
    """A filter as a whole number, whose bits are those of the filter in some order."""
    return int.from_bytes(base64.b64decode(text), "big")


def likeness(how, a, b):
    common, a_bits, b_bits = (a & b).bit_count(), a.bit_count(), b.bit_count()
    if a_bits == 0 or b_bits == 0:
        return 0.0
    return 2 * common / (a_bits + b_bits) if how == "dice" else common / (a_bits + b_bits - common)
