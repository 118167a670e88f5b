// Any text as a linkage schema: it is refused, or filters are made by it, of the length that it says.
#include "base/base64.h"
#include "fuzz/driver.h"
#include "job/job.h"
#include "pseudonymise/filter_encoder.h"

using namespace tessera;

namespace {

void encode(const FilterSchema& schema) {
  const std::string_view secret = "secret";
  const auto encoder = FilterEncoder::make(schema, std::as_bytes(std::span(secret)), {});
  if (!encoder) return;
  auto scratch = encoder->scratch();
  if (!scratch) fuzz::found("no scratch");
  std::vector<std::byte> first(encoder->bytes()), second(encoder->bytes());
  for (std::vector<std::byte>* out : {&first, &second}) {
    encoder->begin(**scratch);
    std::string text;
    for (size_t f = 0; f < schema.features.size(); ++f)
      for (const char* value : {"", "OKAFOR", "1950-03-01", "-17", "\xc3\xa9"}) {
        text.clear();
        if (!schema.features[f].ignored && encoder->feature(f).read(value, text))
          (void)encoder->add(f, text, **scratch);
      }
    encoder->finish(**scratch, out->data());
  }
  if (first != second) fuzz::found("the same record has two filters");
  std::string back;
  if (!read_base64(base64_of(first), back) || back.size() != first.size())
    fuzz::found("base64 does not go there and back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string bytes;
  if (read_base64(text, bytes) != is_base64(text)) fuzz::found("two opinions of what is base64");
  const auto schema = parse_filter_schema("schema.json", text);
  // Much larger filters are valid, and slow.
  if (schema && schema->bits_before_folds() <= 1 << 14 && schema->key_bytes <= 1 << 12) encode(*schema);
  return 0;
}

#ifndef TESSERA_LIBFUZZER
int main() {
  const std::string seed = R"({"version": 3, "clkConfig": {"l": 128, "xor_folds": 1, "kdf": {"type": "HKDF"}},
 "features": [{"identifier": "id", "ignored": true},
  {"identifier": "name", "format": {"type": "string", "maxLength": 9, "case": "upper"},
   "hashing": {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerFeature": 40}}},
  {"identifier": "dob", "format": {"type": "date", "format": "%Y-%m-%d"},
   "hashing": {"comparison": {"type": "ngram", "n": 1, "positional": true}, "strategy": {"bitsPerToken": 4},
               "hash": {"type": "doubleHash", "prevent_singularity": true}}},
  {"identifier": "height", "format": {"type": "integer", "minimum": -20},
   "hashing": {"comparison": {"type": "numeric", "thresholdDistance": 5, "resolution": 2},
               "strategy": {"bitsPerFeature": 12}}}]})";
  return fuzz::drive(LLVMFuzzerTestOneInput, {seed, "QUJDRA==", "QUI="},
                     {"\"", "{", "}", "[", "]", ",", "null", "0", "-1", "1e9",
                      "\"type\": \"enum\", \"values\": [\"a\"]", "\"n\": 0", "\"pattern\": \"(\"", "\"l\": 1", "=="},
                     200000);
}
#endif
