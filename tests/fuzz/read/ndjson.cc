// Any bytes as JSON lines: no crash, nothing lost, the same for every block size.
#include "reading.h"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The first line makes the file one that has the columns.
  std::string text = "{\"a\":0,\"b\":0}\n";
  text.append(reinterpret_cast<const char*>(data), size);
  Input input;
  input.paths = {fuzz::file_of(text.data(), text.size())};
  input.format = FileFormat::ndjson;
  const fuzz::Outcome big = fuzz::read_to_end(input, {"a", "b"}, {.batch_bytes = 1 << 16});
  const fuzz::Outcome small = fuzz::read_to_end(input, {"a", "b"}, {.batch_bytes = 64, .batch_rows = 3});
  if (!(big == small)) fuzz::found("the block size changes what is read");
  if (big.failed) fuzz::found("lines of any kind are rejects, not errors");
  return 0;
}

#ifndef TESSERA_LIBFUZZER
int main() {
  return fuzz::drive(
      LLVMFuzzerTestOneInput,
      {"{\"a\":\"x\",\"b\":1}\n{\"b\":[1,{\"a\":2}],\"a\":null}\n", "{\"a\":\"\\u00e9\\n\\\"\",\"b\":-1.5e3}\r\n{}\n",
       "[1]\n7\n\"a\"\n\n{\"\\u0061\":true}", "{\"a\":\"Zo\xC3\xAB\"}{}\n{\"b\":false,\"b\":0.1}"},
      {"\"", "\\", "{", "}", "[", "]", ":", ",", "\n", "\"a\":", "\\ud800", "null", "1e999", "\xEB"}, 8000);
}
#endif
