// blocking.cc: how fast do pairs meet by rules, beside copying as many bytes as the pairs have?
//
// People with skewed names and places, most of them twice. Answers are checked first, on a small set against every
// pair looked at. TESSERA_BENCH_RECORDS: how many records.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>

#include "block/block.h"

namespace {

using namespace tessera;

size_t records() {
  const char* asked = std::getenv("TESSERA_BENCH_RECORDS");
  return asked ? std::strtoull(asked, nullptr, 10) : 1'000'000;
}

// given name, family name, date of birth, postcode: of two records a person, each value wrong in one of ten.
ValueTable people(size_t rows) {
  std::mt19937_64 random(17);
  ValueTable table{.rows = rows, .columns = std::vector<std::vector<Code>>(4), .source = {}};
  const auto skewed = [&](double values) {  // Zipf's law
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    return static_cast<Code>(std::exp(u * std::log(values)));
  };
  const auto value = [&](ColumnId column) {
    switch (column) {
      case 0: return skewed(5'000);
      case 1: return skewed(50'000);
      case 2: return static_cast<Code>(1 + random() % 30'000);
      default: return static_cast<Code>(1 + random() % (rows / 20 + 1));
    }
  };
  for (size_t row = 0; row < rows; ++row)
    for (ColumnId column = 0; column < 4; ++column) {
      auto& codes = table.columns[column];
      codes.push_back(row % 2 == 0 || random() % 10 == 0 ? value(column) : codes.back());
    }
  return table;
}

std::vector<PlanRule> rules() {
  std::vector<PlanRule> out;
  for (const auto& columns : {std::vector<ColumnId>{0, 1, 2}, {1, 3}, {0, 2}, {2, 3}}) {
    PlanRule& rule = out.emplace_back();
    for (const ColumnId column : columns) rule.equal.push_back({column, column, false});
  }
  return out;
}

bool answers_are_right() {
  const ValueTable table = people(2000);
  const auto all = rules();
  const Blocks blocks(all, table, {}, BlockOptions{.unit_pairs = 100});
  std::vector<std::vector<RecordPair>> found(all.size()), expected(all.size());
  for (size_t unit = 0; unit < blocks.units(); ++unit) blocks.pairs(unit, found[blocks.rule(unit)]);
  for (uint32_t left = 0; left < table.rows; ++left)
    for (uint32_t right = left + 1; right < table.rows; ++right)
      for (size_t rule = 0; rule < all.size(); ++rule) {
        if (std::ranges::any_of(all[rule].equal, [&](const PlanRule::Equality& e) {
              return table.columns[e.left][left] != table.columns[e.right][right];
            }))
          continue;
        expected[rule].push_back({left, right});
        break;
      }
  for (auto& pairs : found) std::ranges::sort(pairs);
  return found == expected;
}

const ValueTable& table() {
  static const ValueTable all = people(records());
  return all;
}

void sort_and_forecast(benchmark::State& state) {
  if (!answers_are_right()) return state.SkipWithError("wrong pairs");
  const auto all = rules();
  table();
  size_t bytes = 0;
  for (auto _ : state) {
    const auto index =
        std::make_shared<const BlockIndex>(BlockIndex::Within{}, all, table(), ItemsOf(), BlockOptions{});
    const Blocks blocks(index);
    bytes = blocks.bytes() + index->bytes();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * table().rows * all.size()));
  state.counters["bytes_per_record"] = static_cast<double>(bytes) / static_cast<double>(table().rows);
}

void forecast_one_rule(benchmark::State& state, unsigned one_in) {
  const auto all = rules();
  for (auto _ : state) benchmark::DoNotOptimize(count_rule_pairs(all[1], nullptr, table(), {}, one_in));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * table().rows));
}

void pairs(benchmark::State& state) {
  const auto all = rules();
  const Blocks blocks(all, table(), {}, BlockOptions{});
  uint64_t candidates = 0;
  for (const RuleForecast& forecast : blocks.forecast()) candidates += forecast.pairs;
  size_t made = 0;
  for (auto _ : state) {
    oneapi::tbb::enumerable_thread_specific<std::vector<RecordPair>> buffers;
    oneapi::tbb::enumerable_thread_specific<size_t> counts(0);
    oneapi::tbb::parallel_for(size_t{0}, blocks.units(), [&](size_t unit) {
      auto& buffer = buffers.local();
      buffer.clear();
      blocks.pairs(unit, buffer);
      benchmark::DoNotOptimize(buffer.data());
      counts.local() += buffer.size();
    });
    made = 0;
    for (const size_t count : counts) made += count;
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * candidates));
  state.counters["pairs"] = static_cast<double>(made);
}

// The limit: as many pairs copied from memory that is not in the cache.
void copy(benchmark::State& state) {
  constexpr size_t unit = 1 << 16, units = 1 << 9;
  static const std::vector<RecordPair> from(unit * units, RecordPair{1, 2});
  for (auto _ : state) {
    oneapi::tbb::enumerable_thread_specific<std::vector<RecordPair>> buffers;
    oneapi::tbb::parallel_for(size_t{0}, units, [&](size_t i) {
      auto& buffer = buffers.local();
      buffer.resize(unit);
      std::memcpy(buffer.data(), from.data() + i * unit, unit * sizeof(RecordPair));
      benchmark::DoNotOptimize(buffer.data());
    });
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * unit * units));
}

BENCHMARK(sort_and_forecast)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(forecast_one_rule, exact, 1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(forecast_one_rule, one_key_in_16, 16)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(pairs)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(copy)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
