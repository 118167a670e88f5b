// standardise.cc: how long does the standardiser take for one value, on one core?
//
//   ninja bench/bench_standardise && bench/bench_standardise
//
// Each benchmark checks its words against one-by-one standardisation before it is timed.
// Values are made from a fixed seed; one in twenty is null, one in fifty wrong. The
// copy of 8 bytes a value is the limit to hold the figures against.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "kernels/nhs_number.h"
#include "standardise/standardise.h"

using namespace tessera;

namespace {

constexpr size_t rows = 16384;

std::string nhs(std::mt19937_64& random) {
  for (;;) {
    const std::string text = std::to_string(4000000000 + random() % 999999999);
    if (nhs_number(text, false).word != 0) return text;
  }
}
std::string iso_date(std::mt19937_64& random) {
  char text[16];
  std::snprintf(text, sizeof text, "%04u-%02u-%02u", static_cast<unsigned>(1930 + random() % 80),
                static_cast<unsigned>(1 + random() % 12), static_cast<unsigned>(1 + random() % 28));
  return text;
}
std::string hes_date(std::mt19937_64& random) {
  const std::string iso = iso_date(random);
  return iso.substr(8, 2) + iso.substr(5, 2) + iso.substr(0, 4);
}
std::string postcode_text(std::mt19937_64& random) {
  const char* outward[] = {"M1  ", "LS11", "SW1A", "B12 ", "W1A "};
  std::string text = outward[random() % 5];
  if (random() % 2 == 0) text.erase(std::min(text.find(' '), text.size()));
  return text + " " + static_cast<char>('0' + random() % 10) + static_cast<char>('A' + random() % 26) + "B";
}
std::string sex_text(std::mt19937_64& random) { return std::string(1, random() % 2 == 0 ? '1' : '2'); }
std::string name_text(std::mt19937_64& random) {
  // Zipf-like: half of the names are among some dozens.
  const uint64_t pick = random() % 2 == 0 ? random() % 50 : random() % 20000;
  std::mt19937_64 letters(pick);
  std::string name(1, static_cast<char>('A' + letters() % 26));
  for (uint64_t length = 3 + letters() % 8; length > 0; --length) name += static_cast<char>('a' + letters() % 26);
  return name;
}

struct Data {
  std::vector<std::string> strings;
  std::vector<std::string_view> texts;
  std::vector<int32_t> indices;
  std::vector<int64_t> numbers;
  RawBatch raw;
};

void make_texts(Data& data, std::string (*value)(std::mt19937_64&), size_t count) {
  std::mt19937_64 random(11);
  for (size_t i = 0; i < count; ++i) {
    std::string text = value(random);
    if (random() % 50 == 0) text += '?';
    data.strings.push_back(random() % 20 == 0 ? std::string() : text);
  }
  for (const std::string& text : data.strings) data.texts.emplace_back(text);
  data.raw.rows = rows;
}

// Stops the program when run() and word_of() disagree.
void check(const Standardiser& standardiser, const std::vector<WordSpec>& words, const RawBatch& raw,
           const WordBatch& out) {
  for (size_t slot = 0; slot < words.size(); ++slot)
    for (size_t row = 0; row < raw.rows; ++row) {
      const RawColumn& column = raw.columns[0];
      const std::string text =
          column.form == RawColumn::Form::text ? std::string(column.text(row)) : std::to_string(column.numbers[row]);
      if (out.words[slot][row] == standardiser.word_of(words[slot], text)) continue;
      std::fprintf(stderr, "wrong word in row %zu\n", row);
      std::abort();
    }
}

void time_column(benchmark::State& state, const FieldSpec& field, const std::vector<WordSpec>& words,
                 const RawBatch& raw) {
  Input input;
  input.fields = {field};
  const Standardiser standardiser = std::move(*Standardiser::make(input, {}, words));
  const auto scratch = standardiser.scratch();
  WordBatch out;
  std::vector<Reject> rejects;
  standardiser.run(raw, out, rejects, *scratch);
  check(standardiser, words, raw, out);
  for (auto _ : state) {
    standardiser.run(raw, out, rejects, *scratch);
    benchmark::DoNotOptimize(out.words[0].data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows));
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(rows), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

FieldSpec spec_of(Kind kind, std::vector<std::string> formats = {}) {
  FieldSpec spec;
  spec.name = "f";
  spec.kind = kind;
  spec.columns = {"C"};
  spec.formats = std::move(formats);
  return spec;
}

void plain(benchmark::State& state, const FieldSpec& field, std::string (*value)(std::mt19937_64&),
           const std::vector<WordSpec>& words = {{"f"}}) {
  Data data;
  make_texts(data, value, rows);
  data.raw.columns = {{.texts = data.texts}};
  time_column(state, field, words, data.raw);
}

void dictionary(benchmark::State& state, const FieldSpec& field, std::string (*value)(std::mt19937_64&),
                size_t distinct) {
  Data data;
  make_texts(data, value, distinct);
  std::mt19937_64 random(12);
  for (size_t i = 0; i < rows; ++i)
    data.indices.push_back(random() % 20 == 0 ? -1 : static_cast<int32_t>(random() % distinct));
  data.raw.columns = {{.texts = data.texts, .indices = data.indices, .dictionary_id = 1}};
  time_column(state, field, {{"f"}}, data.raw);
}

void numbers(benchmark::State& state) {
  Data data;
  std::mt19937_64 random(11);
  for (size_t i = 0; i < rows; ++i) data.numbers.push_back(std::stoll(nhs(random)));
  data.raw.rows = rows;
  data.raw.columns = {{.form = RawColumn::Form::number, .numbers = data.numbers}};
  time_column(state, spec_of(Kind::nhs_number), {{"f"}}, data.raw);
}

void copy_words(benchmark::State& state) {
  std::vector<uint64_t> from(rows, 1), to(rows);
  for (auto _ : state) {
    std::copy(from.begin(), from.end(), to.begin());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows));
}

const std::vector<WordSpec> name_words = {{"f"}, {"f", Part::soundex}, {"f", Part::initial}};

}  // namespace

BENCHMARK(copy_words);
BENCHMARK_CAPTURE(plain, nhs_number, spec_of(Kind::nhs_number), nhs);
BENCHMARK(numbers);
BENCHMARK_CAPTURE(plain, date_iso, spec_of(Kind::date), iso_date);
BENCHMARK_CAPTURE(plain, date_hes, spec_of(Kind::date, {"%d%m%Y"}), hes_date);
BENCHMARK_CAPTURE(plain, postcode, spec_of(Kind::postcode), postcode_text);
BENCHMARK_CAPTURE(plain, sex, spec_of(Kind::sex), sex_text);
BENCHMARK_CAPTURE(plain, name, spec_of(Kind::name), name_text);
BENCHMARK_CAPTURE(plain, name_soundex_initial, spec_of(Kind::name), name_text, name_words);
BENCHMARK_CAPTURE(dictionary, sex_3, spec_of(Kind::sex), sex_text, 3);
BENCHMARK_CAPTURE(dictionary, date_25000, spec_of(Kind::date), iso_date, 25000);
BENCHMARK_CAPTURE(dictionary, postcode_100000, spec_of(Kind::postcode), postcode_text, 100000);

BENCHMARK_MAIN();
