// Matches of records with the passes of a plan: what a record that is decided early no longer looks for changes no link.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/match.h"

namespace tessera {
namespace {

constexpr size_t fields = 3;  // equal field i is bit i; fields 0 and 1 are anchors

using Columns = std::vector<std::vector<uint64_t>>;

Columns columns_of(const std::vector<std::vector<uint8_t>>& rows) {
  Columns columns(fields);
  for (const auto& row : rows)
    for (size_t f = 0; f < fields; ++f) columns[f].push_back(row[f] % 4u);  // 0: null
  return columns;
}

PassPlan plan_of(const std::vector<uint8_t>& wanted) {
  PassPlan plan;
  for (uint32_t f = 0; f < fields; ++f) {
    const WordRef field{.slot = f, .kind = Kind::integer};
    plan.conditions.push_back({.what = Condition::equal, .from = field, .to = field});
    if (f < 2) plan.anchors.push_back({.from = {field}, .to = {field}, .bits = Pattern{1} << f});
  }
  std::vector<PassBits> passes;
  for (const uint8_t need : wanted) {  // each way has an anchor
    passes.push_back({.rank = static_cast<int>(passes.size()) + 1});
    for (const uint8_t way : {uint8_t(need & 7), uint8_t(need >> 3 & 7)})
      passes.back().alternatives.push_back({.need = (way & 3u) != 0 ? way : Pattern{1}});
  }
  plan.table = PassTable(std::move(passes), fields);
  return plan;
}

PackedRecords packed(const Columns& columns, size_t rows) {
  std::vector<WordSpec> specs;
  for (size_t f = 0; f < fields; ++f) specs.push_back({std::string(1, static_cast<char>('a' + f)), Part::whole, ""});
  const std::vector<Kind> kinds(fields, Kind::integer);
  const PackedLayout layout(specs, kinds);
  WordBatch batch{.rows = rows, .words = columns, .raw_row = {}};
  std::vector<std::byte> bytes;
  layout.pack(batch, bytes);
  std::vector<uint64_t> payload;
  for (size_t i = 0; i < rows; ++i) payload.push_back(i);
  PackedRecords records(layout, rows);
  records.append(bytes.data(), payload);
  return records;
}

struct Linked {
  std::vector<std::tuple<uint64_t, uint32_t, uint32_t, PassMask>> links;
  std::vector<uint64_t> ties;
  bool operator==(const Linked&) const = default;
};

RC_GTEST_PROP(Matcher, BestPassDecides,
              (std::vector<std::array<uint8_t, fields>> from_rows, std::vector<std::array<uint8_t, fields>> to_rows)) {
  const auto rows_of = [](const auto& arrays) {
    std::vector<std::vector<uint8_t>> rows;
    for (const auto& row : arrays) rows.emplace_back(row.begin(), row.end());
    return columns_of(rows);
  };
  const Columns from = rows_of(from_rows), to = rows_of(to_rows);
  const auto wanted = *rc::gen::nonEmpty<std::vector<uint8_t>>();
  RC_PRE(wanted.size() <= 20);
  const PassPlan plan = plan_of(wanted);
  const PackedRecords records = packed(to, to_rows.size());
  const KeyIndex first(records, plan.anchors[0].to), second(records, plan.anchors[1].to);
  for (const Ties ties : {Ties::drop, Ties::first, Ties::all}) {
    const auto link = [&](Matcher::Wanted what) {
      const Matcher matcher(plan, records, {&first, &second}, what);
      MatchScratch scratch;
      std::vector<Match> found;
      matcher.match_records(from, from_rows.size(), scratch, found);
      TieCounts counts{.by_pass = std::vector<uint64_t>(wanted.size())};
      resolve_each(found, {.ties = ties}, [](uint64_t a, uint64_t b) { return a < b; }, counts);
      Linked out{.links = {}, .ties = counts.by_pass};
      for (const Match& m : found) out.links.emplace_back(m.from, m.to, m.ties, m.passes);
      return out;
    };
    RC_ASSERT(link(Matcher::Wanted::best) == link(Matcher::Wanted::all));
  }
}

// Anchors 0 and 1; rank 1 needs the first, rank 2 the second. Both records agree on all.
TEST(Matcher, ADecidedRecordIsNotLookedUpAgain) {
  const PassPlan plan = plan_of({uint8_t{0b001001}, uint8_t{0b010010}});
  const Columns columns{{5}, {6}, {7}};
  const PackedRecords records = packed(columns, 1);
  const KeyIndex first(records, plan.anchors[0].to), second(records, plan.anchors[1].to);
  for (const auto what : {Matcher::Wanted::all, Matcher::Wanted::best}) {
    const Matcher matcher(plan, records, {&first, &second}, what);
    MatchScratch scratch;
    std::vector<Match> found;
    matcher.match_records(columns, 1, scratch, found);
    EXPECT_EQ(found.size(), 1U);
    EXPECT_EQ(scratch.counts.candidates, what == Matcher::Wanted::all ? 2U : 1U);
  }
}

}  // namespace
}  // namespace tessera
