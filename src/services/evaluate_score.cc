// evaluate_score.cc: what do judged links and clusters come to? (see evaluate_score.h)
#include "services/evaluate_score.h"

#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "services/evaluate_read.h"

namespace tessera {

namespace {

uint64_t pairs_of(uint64_t records) { return records * (records - (records > 0)) / 2; }

std::vector<double> round_thresholds(double least, double most, bool probabilities) {
  if (probabilities) return {.1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99, .999, .9999};
  double step = 1;
  for (const double next : {2.0, 5.0, 10.0, 20.0, 50.0, 100.0})
    if ((most - least) / step > 12) step = next;
  std::vector<double> out;
  for (double at = std::ceil(least / step) * step; at <= most && out.size() < 50; at += step) out.push_back(at);
  return out;
}

}  // namespace

void score_thresholds(std::vector<ScoredLink>& links, uint64_t true_pairs, bool probabilities, Evaluation& out) {
  std::erase_if(links, [](const ScoredLink& link) { return std::isnan(link.score); });
  if (links.empty()) return;
  tbb::parallel_sort(links.begin(), links.end(),
                     [](const ScoredLink& a, const ScoredLink& b) { return a.score > b.score; });
  Rates rates{0, 0, true_pairs};
  for (size_t i = 0; i < links.size(); ++i) {
    ++rates.links;
    rates.right += links[i].right;
    if (i + 1 < links.size() && links[i + 1].score == links[i].score) continue;
    if (!out.best || rates.f1() > out.best->rates.f1()) out.best = {links[i].score, rates};
  }
  const auto finite = [](float score) { return static_cast<double>(std::clamp(score, -1000.f, 1000.f)); };
  std::vector<double> at = round_thresholds(finite(links.back().score), finite(links.front().score), probabilities);
  std::ranges::reverse(at);
  rates = {0, 0, true_pairs};
  size_t i = 0;
  for (const double threshold : at) {
    for (; i < links.size() && static_cast<double>(links[i].score) >= threshold; ++i) {
      ++rates.links;
      rates.right += links[i].right;
    }
    out.thresholds.push_back({threshold, rates});
  }
  std::ranges::reverse(out.thresholds);
}

void score_calibration(std::span<const ScoredLink> links, Evaluation& out) {
  constexpr double edges[] = {0, .1, .25, .5, .75, .9, .95, .99, .999, .9999};
  constexpr size_t count = std::size(edges);
  std::vector<CalibrationBand> bands(count);
  std::vector<int64_t> sums(count);  // in steps of 2^-30, so that their order does not matter
  uint64_t total = 0;
  for (const ScoredLink& link : links) {
    if (std::isnan(link.score)) continue;
    const double p = std::clamp(static_cast<double>(link.score), 0.0, 1.0);
    const auto band = static_cast<size_t>(std::upper_bound(edges, edges + count, p) - edges) - 1;
    ++bands[band].links;
    bands[band].right += link.right;
    sums[band] += std::llround(p * (1 << 30));
    ++total;
  }
  for (size_t b = 0; b < count; ++b) {
    CalibrationBand& band = bands[b];
    if (band.links == 0) continue;
    const auto links_of_band = static_cast<double>(band.links);
    band.low = edges[b];
    band.high = b + 1 < count ? edges[b + 1] : 1;
    band.predicted = static_cast<double>(sums[b]) / (1 << 30) / links_of_band;
    out.calibration_error += std::abs(band.predicted * links_of_band - static_cast<double>(band.right));
    out.calibration.push_back(band);
  }
  if (total) out.calibration_error /= static_cast<double>(total);
}

ClusterScores score_clusters(std::span<const uint32_t> cluster, std::span<const uint32_t> entity) {
  ClusterScores out;
  struct Record {
    uint32_t cluster, entity;
    auto operator<=>(const Record&) const = default;
  };
  std::vector<Record> records;
  uint32_t most = 0;
  for (size_t r = 0; r < cluster.size(); ++r) {
    if (entity[r] == no_entity) {
      ++out.unknown;
      continue;
    }
    records.push_back({cluster[r], entity[r]});
    most = std::max(most, entity[r]);
  }
  out.records = records.size();
  if (records.empty()) return out;
  std::vector<uint32_t> entity_size(size_t{most} + 1);
  for (const Record& record : records) ++entity_size[record.entity];
  for (const uint32_t size : entity_size) {
    out.entities += size > 0;
    out.pairs.truth += pairs_of(size);
  }
  tbb::parallel_sort(records.begin(), records.end());
  for (size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    while (end < records.size() && records[end].cluster == records[begin].cluster) ++end;
    ++out.clusters;
    const auto size = static_cast<double>(end - begin);
    out.pairs.links += pairs_of(end - begin);
    for (size_t first = begin, last = begin; first < end; first = last) {
      while (last < end && records[last].entity == records[first].entity) ++last;
      const auto both = static_cast<double>(last - first);
      out.pairs.right += pairs_of(last - first);
      out.b_cubed_precision += both * both / size;
      out.b_cubed_recall += both * both / entity_size[records[first].entity];
    }
  }
  out.b_cubed_precision /= static_cast<double>(out.records);
  out.b_cubed_recall /= static_cast<double>(out.records);
  return out;
}

}  // namespace tessera
