// Any bytes as CSV: no crash, nothing lost, the same for every block size, and what
// the slow reader says.
#include "reading.h"
#include "reference/read/slow_csv.h"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input;
  input.paths = {fuzz::file_of(data, size)};
  input.format = FileFormat::csv;
  input.header = false;
  input.footer_rows = static_cast<uint32_t>(size % 3);
  input.encoding = size % 5 == 4 ? Encoding::windows_1252 : Encoding::utf8;
  const fuzz::Outcome big = fuzz::read_to_end(input, {"column_1"}, {.batch_bytes = 1 << 16});
  const fuzz::Outcome small = fuzz::read_to_end(input, {"column_1"}, {.batch_bytes = 64, .batch_rows = 3});
  // A damaged file may be found out earlier or later: only the verdict must agree.
  if (big.failed != small.failed || (!big.failed && !(big == small)))
    fuzz::found("the block size changes what is read");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (big.failed || text.starts_with("\xEF\xBB\xBF")) return 0;
  const auto slow = reference::slow_csv(text, ',');
  if (slow.rows.size() - std::min<size_t>(input.footer_rows, slow.rows.size()) != big.rows + big.rejected) {
    fuzz::found("other rows than the slow reader's");
  }
  return 0;
}

#ifndef TESSERA_LIBFUZZER
int main() {
  return fuzz::drive(
      LLVMFuzzerTestOneInput,
      {"a,b,c\n1,2,3\n\"x\",\"y\"\"z\",\"\n\"\n",
       "\xEF\xBB\xBF"
       "a;b\r\n1;2\r\n",
       "a\rb\rc", "Zo\xC3\xAB,\"a,b\",\n,,\n\n\n1,2\n", std::string(150, 'a') + ",\"" + std::string(150, ',') + "\"\n"},
      {"\"", "\"\"", ",", "\n", "\r\n", "\r", ",\"", "\"\n", "\xEB", std::string_view("\0", 1)}, 20000);
}
#endif
