// Fast equals slow on arbitrary CSV, for any quoting, line ends and block sizes.
#include <rapidcheck.h>

#include <random>

#include "helpers.h"
#include "read/csv_index.h"
#include "reference/read/slow_csv.h"

namespace tessera::test {
namespace {

using Random = std::mt19937_64;

size_t below(Random& random, size_t bound) { return random() % bound; }

// Text of the characters that matter, and few others.
std::string soup(Random& random, size_t size, std::string_view characters) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += characters[below(random, characters.size())];
  return text;
}

std::vector<Row> as_rows(const std::vector<std::vector<std::string>>& rows, size_t columns) {
  std::vector<Row> out;
  for (const auto& cells : rows) {
    if (cells.size() != columns) continue;
    Row row;
    for (const std::string& cell : cells) row.push_back(cell.empty() ? Cell{} : Cell{cell});
    out.push_back(row);
  }
  return out;
}

std::vector<std::string> numbered(size_t columns) {
  std::vector<std::string> names;
  for (size_t i = 0; i < columns; ++i) names.push_back("column_" + std::to_string(i + 1));
  return names;
}

TEST(CsvAny, TablesReadBackAsTheyWereWritten) {
  const Folder folder;
  EXPECT_TRUE(rc::check([&](uint64_t seed) {
    Random random(seed);
    const size_t columns = 1 + below(random, 5);
    const char delimiter = ",;\t|"[below(random, 4)];
    const std::string characters = std::string("abc\"\n\r ") + delimiter;
    std::vector<std::vector<std::string>> table(below(random, 60));
    std::string text;
    for (auto& cells : table) {
      for (size_t c = 0; c < columns; ++c) {
        cells.push_back(soup(random, below(random, 8), characters));
        if (below(random, 20) == 0) cells.back() = soup(random, 200, characters);
        const bool must = cells.back().find_first_of("\"\n\r" + std::string(1, delimiter)) != std::string::npos ||
                          (columns == 1 && cells.back().empty());
        if (c > 0) text += delimiter;
        if (must || below(random, 2) == 0) {
          text += '"';
          for (const char byte : cells.back()) text += byte == '"' ? "\"\"" : std::string(1, byte);
          text += '"';
        } else {
          text += cells.back();
        }
      }
      text += std::vector<std::string>{"\n", "\r\n", "\r", "\n\n"}[below(random, 4)];
    }
    if (table.empty()) return;
    if (below(random, 2) == 0) text.pop_back();
    Input input = input_of({folder.write("t.csv", text)});
    input.header = false;
    input.delimiter = delimiter;
    const ReadOptions options{.batch_bytes = 64 + below(random, 500), .batch_rows = 1 + below(random, 20)};
    const auto got = read_all(input, numbered(columns), options);
    RC_ASSERT(!got.error);
    RC_ASSERT(got.rejects.empty());
    RC_ASSERT(got.rows == as_rows(table, columns));
  }));
}

TEST(CsvAny, AnyTextReadsAsTheSlowReaderReadsIt) {
  const Folder folder;
  size_t good = 0;
  EXPECT_TRUE(rc::check([&](uint64_t seed) {
    Random random(seed);
    // The fewer quotes there are, the more texts end outside them.
    const std::string characters = below(random, 2) == 0 ? "a\",\n" : "aaaaabbbb    ,,,,,\n\n\r\"";
    const std::string body = soup(random, below(random, 600), characters);
    const std::string text = "x,y\n" + body;
    const size_t footer = below(random, 3);
    Input input = input_of({folder.write("t.csv", text)});
    input.footer_rows = static_cast<uint32_t>(footer);
    const ReadOptions options{.batch_bytes = 64 + below(random, 300), .batch_rows = 1 + below(random, 20)};
    auto slow = reference::slow_csv(body, ',');
    const auto got = read_all(input, {"x", "y"}, options);
    RC_ASSERT(got.error.has_value() == slow.open_quote);
    if (slow.open_quote) {
      const std::string row = "row " + std::to_string(slow.rows.size()) + ": a quote opens";
      RC_ASSERT(got.error->message.find(row) != std::string::npos);
      return;
    }
    ++good;
    slow.rows.resize(slow.rows.size() - std::min(footer, slow.rows.size()));
    RC_ASSERT(got.rows == as_rows(slow.rows, 2));
    RC_ASSERT(got.seen == slow.rows.size());
    std::vector<uint64_t> ragged;
    for (size_t i = 0; i < slow.rows.size(); ++i) {
      if (slow.rows[i].size() != 2) ragged.push_back(i);
    }
    RC_ASSERT(reject_rows(got) == ragged);
  }));
  EXPECT_GT(good, 5u);
}

TEST(CsvAny, KernelsAgreeWithTheScalarOne) {
  const Kernels best = kernels();
  Random random(11);
  for (int round = 0; round < 2000; ++round) {
    const size_t words = 1 + below(random, 5);
    std::string text = round % 2 == 0 ? soup(random, words * 64, "ab\",\n\r") : std::string(words * 64, 'a');
    if (round % 4 == 1) text[below(random, text.size())] = static_cast<char>(below(random, 256));
    if (round % 5 == 0) {
      for (char& byte : text) byte = static_cast<char>(below(random, 256));
    }
    const char delimiter = static_cast<char>(round % 7 == 0 ? below(random, 256) : ',');
    std::vector<CsvMasks> slow(words);
    std::vector<CsvMasks> fast(words);
    const CsvBytes bytes = csv_index_scalar(text.data(), words, delimiter, slow.data());
    for (const Kernels kind : {Kernels::avx2, Kernels::avx512}) {
      if (kind > best) continue;  // forced by TESSERA_KERNELS, or not there
      ASSERT_EQ(csv_index_kernel(kind)(text.data(), words, delimiter, fast.data()), bytes);
      ASSERT_EQ(fast, slow);
    }
  }
}

// The bit arithmetic against the rule, a byte at a time.
TEST(CsvAny, InsideOfQuotesIsWhatTheRuleSays) {
  Random random(5);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = soup(random, 256, round % 2 == 0 ? "a\",\n" : "aaaa,,,\n\"");
    std::vector<bool> inside;  // from the opening quote up to the closing one
    bool within = false;
    bool may_open = true;
    for (const char c : text) {
      bool closes = false;
      if (within) {
        closes = c == '"';
        within = !closes;
      } else if (c == '"' && may_open) {
        within = true;
      }
      inside.push_back(within);
      may_open = closes || c == ',' || c == '\n';
    }
    QuoteState state;
    for (size_t w = 0; w < 4; ++w) {
      CsvMasks masks;
      csv_index_scalar(text.data() + w * 64, 1, ',', &masks);
      const uint64_t got = state.inside(masks);
      for (size_t i = 0; i < 64; ++i) ASSERT_EQ((got >> i & 1) != 0, inside[w * 64 + i]) << round;
    }
    ASSERT_EQ(state.is_inside(), within);
  }
}

}  // namespace
}  // namespace tessera::test
