// describe.cc: what does a plan look like to a person?
#include <fmt/format.h>

#include "decide/decide.h"

namespace tessera {

std::string describe(const PassPlan& plan) {
  std::string out = "anchors (a pair meets if it has one)\n";
  for (size_t i = 0; i < plan.anchors.size(); ++i) out += fmt::format("  {}  {}\n", i + 1, plan.anchors[i].text);
  out += "pattern bits\n";
  for (size_t i = 0; i < plan.conditions.size(); ++i) out += fmt::format("  {:2}  {}\n", i, plan.conditions[i].text);
  out += fmt::format("rank table ({} passes over {} bits, {})\n", plan.table.passes().size(), plan.conditions.size(),
                     plan.table.tabulated() ? "one look-up a pair" : "passes tried in order");
  for (const PassBits& pass : plan.table.passes()) {
    for (size_t w = 0; w < pass.alternatives.size(); ++w) {
      const auto& way = pass.alternatives[w];
      std::string bits;
      for (size_t i = 0; i < plan.conditions.size(); ++i)
        bits += way.need >> i & 1 ? '1' : way.forbid >> i & 1 ? '0' : '.';
      out += w == 0 ? fmt::format("  rank {:3}  {}\n", pass.rank, bits) : fmt::format("        or  {}\n", bits);
    }
  }
  for (const DateLimit& limit : plan.limits) out += fmt::format("refused if {}\n", limit.text);
  return out;
}

}  // namespace tessera
