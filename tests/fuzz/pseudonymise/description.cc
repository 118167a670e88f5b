// Any text as what a pseudonymised data set says of itself: it is refused, or says the same again once written out.
#include "pseudonymise/description.h"
#include "fuzz/driver.h"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)description_in_manifest(text, "a.csv");
  const auto first = parse_description("file", text);
  if (!first) {
    if (first.error().code != ErrorCode::data) fuzz::found("another error than of data");
    return 0;
  }
  const std::string written = description_json(*first);
  const auto second = parse_description("file", written);
  if (!second || description_json(*second) != written) fuzz::found("what was read is not what is written");
  return 0;
}

#ifndef TESSERA_LIBFUZZER
int main() {
  Description said{.domain = "d", .key_id = "0123456789abcdef", .check = std::string(32, 'a'), .binary = true};
  said.fields = {{"dob", Kind::date}, {"name", Kind::name}};
  said.clear = {{"died", Kind::date}};
  said.tokens = {
      {.name = "dob.swapped", .field = "dob", .space = "dob", .kind = Kind::date, .swapped = true, .ranks = {3, 4}}};
  said.tokens.push_back({.name = "dob.within-1-years.rank-3.from+0",
                         .field = "dob",
                         .space = "dob.within-1-years of name",
                         .kind = Kind::date,
                         .ranks = {3},
                         .moved = MovedBy{.beside = {"name"}}});
  said.flags = {{"dob.january-1", "dob"}};
  said.groups = {"PERSON"};
  std::vector<std::string> seeds{description_json(said)};
  said.filter = Description::Filter{.name = "clk",
                                    .bits = 1024,
                                    .schema = std::string(32, 'b'),
                                    .domain = "e",
                                    .key_id = "0123456789abcdef",
                                    .check = std::string(32, 'c'),
                                    .harden = {}};
  seeds.push_back(description_json(said));
  seeds.push_back("{\"pseudonyms\": {\"a.csv\": " + seeds[0] + "}}");
  return fuzz::drive(LLVMFuzzerTestOneInput, seeds,
                     {"\"", "{", "}", "[", "]", ",", "null", "true", "-1", "1e99", "\"kind\":\"clk\"", "\"bits\":0"},
                     200000);
}
#endif
