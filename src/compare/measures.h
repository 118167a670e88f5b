// measures.h: what is measured on pairs of values? Private to the room.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "kernels/nicknames.h"
#include "kernels/short_text.h"
#include "record/model_plan.h"
#include "record/values.h"

namespace tessera {

// A pair of codes of one domain, neither null.
struct CodePair {
  Code left = 0, right = 0;
};

// Pairs of texts of up to 32 characters, and where their values go.
struct HalvedPairs {
  std::vector<ShortText> left_first, left_rest, right_first, right_rest;
  std::vector<uint32_t> places;
  std::vector<double> values;
};

// Buffers of one thread.
struct MeasureScratch {
  std::vector<CodePair> items;  // of the lists of some pairs, each item of one with each of the other
  std::vector<double> item_values;
  std::vector<ShortText> left, right;
  std::vector<uint32_t> near, places;
  std::vector<double> values;
  std::vector<uint8_t> distances;
  HalvedPairs halved;
};

class MeasureFilter;

struct MeasureContext {
  const ValueDomain& domain;
  const Nicknames& nicknames;
  const ValueDomain* items = nullptr;  // of lists: their items
  std::span<const double> item_weights;
  // A likeness below this may be given as any other below it, a distance above as any other above: no condition tells
  // them apart.
  double least = 0, most = std::numeric_limits<double>::infinity();
  const MeasureFilter* filter = nullptr;  // by the same limit
};

// out[i] of pairs[i]; NaN: unknown. Equal codes of texts cost nothing.
void measure_pairs(const PlanMeasure& measure, const MeasureContext& context, std::span<const CodePair> pairs,
                   double* out, MeasureScratch& scratch);

// |difference| in kilometres of two places in degrees.
double measure_distance(double latitude1, double longitude1, double latitude2, double longitude2);

}  // namespace tessera
