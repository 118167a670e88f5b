// evaluate.cc: how good are links and clusters, beside a truth that is known? (see evaluate.h)
#include "services/evaluate.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "base/text.h"
#include "resolve/resolve.h"
#include "services/evaluate_read.h"
#include "services/evaluate_score.h"
#include "services/evaluate_truth.h"

namespace tessera {

namespace {

constexpr float not_there = std::numeric_limits<float>::quiet_NaN();
constexpr uint64_t rare = 10;       // links of a value of --by, below which it is not told apart
constexpr size_t values_max = 100;  // of --by: more would tell about people
constexpr uint32_t no_value = 0xffffffff;

class Evaluator {
 public:
  explicit Evaluator(const EvaluateOptions& options) : options_(options), truth_(options) {}

  Result<Evaluation> run() {
    if (options_.links.empty() && options_.clusters.empty())
      return fail(ErrorCode::usage, "evaluate needs --links or --clusters, or both");
    TESSERA_TRY(truth_.read());
    if (!options_.links.empty()) {
      TESSERA_TRY(read_links());
      judge();
      TESSERA_TRY(someone_is_known());
      score_links();
    }
    if (!options_.clusters.empty()) TESSERA_TRY(read_and_score_clusters());
    return std::move(out_);
  }

 private:
  struct Link {
    uint64_t pair = 0;
    float weight = not_there, probability = not_there;
    int32_t rank = 0;
    uint32_t value = no_value;  // of --by
  };

  // --- links ---------------------------------------------------------------------------------------------------------

  Status read_links() {
    TESSERA_ASSIGN(const EvaluateTable table, EvaluateTable::open("links", options_.links));
    TESSERA_ASSIGN(const std::string left, table.need(left_ids));
    TESSERA_ASSIGN(const std::string right, table.need(right_ids));
    std::vector<std::string> columns{left, right};
    const auto add = [&](const std::string& name) -> size_t {
      if (name.empty()) return 0;
      columns.push_back(name);
      return columns.size() - 1;
    };
    const size_t weight = add(table.find(weight_columns)), probability = add(table.find(probability_columns));
    const size_t rank = add(table.find(rank_columns));
    size_t by = 0;
    if (!options_.by.empty()) {
      TESSERA_ASSIGN(const std::string name, table.need(std::vector<std::string_view>{options_.by}));
      if (name == left || name == right)
        return fail(ErrorCode::usage, fmt::format("--by {}: an id is not told", options_.by));
      by = add(name);
    }
    const bool inputs_told = !table.find(left_inputs).empty() && !table.find(right_inputs).empty();
    const size_t left_input = truth_.named && inputs_told ? add(table.find(left_inputs)) : 0;
    const size_t right_input = truth_.named && inputs_told ? add(table.find(right_inputs)) : 0;
    if (truth_.named && !inputs_told && !truth_.sides_known)
      return fail(ErrorCode::usage,
                  "the truth has several inputs, and the links do not say of which theirs are\n"
                  "help: give --from and --to, or links with columns from_input and to_input");
    out_.all.truth = truth_.of_entities && truth_.named && !inputs_told ? truth_.across : truth_.within;
    has_weights_ = weight != 0;
    has_probabilities_ = probability != 0;
    has_ranks_ = rank != 0;

    const auto float_of = [&](const RawBatch& batch, size_t row, size_t column, float& out) -> Status {
      if (column == 0) return {};
      const std::string_view text = value_text(batch.columns[column], row, buffer_);
      if (text.empty()) return {};
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc{} && end == text.data() + text.size()) {
        out = static_cast<float>(number);
        return {};
      }
      return fail(ErrorCode::data, fmt::format("the links have a {} that is no number", columns[column]));
    };
    TESSERA_TRY(table.read(columns, [&](const RawBatch& batch, size_t row) -> Status {
      TESSERA_ASSIGN(const uint32_t a, truth_.number_of(table, batch, row, 0, left_input));
      TESSERA_ASSIGN(const uint32_t b, truth_.number_of(table, batch, row, 1, right_input));
      Link link{.pair = pair_of(a, b)};
      TESSERA_TRY(float_of(batch, row, weight, link.weight));
      TESSERA_TRY(float_of(batch, row, probability, link.probability));
      float number = 0;
      TESSERA_TRY(float_of(batch, row, rank, number));
      link.rank = static_cast<int32_t>(std::clamp(number, -1e9f, 1e9f));
      if (by != 0) TESSERA_TRY(note_value(value_text(batch.columns[by], row, buffer_), link.value));
      if (a == b)
        ++out_.self_links;
      else
        links_.push_back(link);
      return {};
    }));
    return {};
  }

  Status note_value(std::string_view text, uint32_t& value) {
    const auto [at, added] = values_.emplace(std::string(text), static_cast<uint32_t>(values_.size()));
    value = at->second;
    if (values_.size() <= values_max) return {};
    return fail(ErrorCode::usage, fmt::format("--by {}: it has more than {} values", options_.by, values_max));
  }

  // Each pair once, at its best; of those whose records the truth names (entities) whether they are right.
  void judge() {
    tbb::parallel_sort(links_.begin(), links_.end(), [](const Link& a, const Link& b) {
      if (a.pair != b.pair) return a.pair < b.pair;
      const auto or_least = [](float x) { return std::isnan(x) ? -std::numeric_limits<float>::infinity() : x; };
      if (or_least(a.weight) != or_least(b.weight)) return or_least(a.weight) > or_least(b.weight);
      if (or_least(a.probability) != or_least(b.probability)) return or_least(a.probability) > or_least(b.probability);
      return a.rank != b.rank ? a.rank < b.rank : a.value < b.value;
    });
    const size_t given = links_.size();
    links_.erase(
        std::unique(links_.begin(), links_.end(), [](const Link& a, const Link& b) { return a.pair == b.pair; }),
        links_.end());
    out_.has_links = true;
    out_.repeated = given - links_.size();
    out_.unknown_ids = truth_.numbers.size() - truth_.ids;
    const auto known = [&](const Link& link) {
      return (link.pair >> 32) < truth_.ids && (link.pair & 0xffffffff) < truth_.ids;
    };
    some_known_ = links_.empty() || std::ranges::any_of(links_, [&](const Link& link) {
                    return (link.pair >> 32) < truth_.ids || (link.pair & 0xffffffff) < truth_.ids;
                  });
    if (truth_.of_entities) out_.unjudged = std::erase_if(links_, [&](const Link& link) { return !known(link); });
    right_.resize(links_.size());
    for (size_t i = 0, t = 0; i < links_.size(); ++i) {
      const uint64_t pair = links_[i].pair;
      if (truth_.of_entities) {
        right_[i] = truth_.entity[pair >> 32] == truth_.entity[pair & 0xffffffff];
        continue;
      }
      while (t < truth_.pairs.size() && truth_.pairs[t] < pair) ++t;
      right_[i] = t < truth_.pairs.size() && truth_.pairs[t] == pair;
    }
  }

  [[nodiscard]] Status someone_is_known() const {
    if (some_known_) return {};
    return fail(ErrorCode::data,
                "the truth names no record of the links\nhelp: are the ids of one kind, and the sides not exchanged "
                "(--from, --to)?");
  }

  void score_links() {
    for (size_t i = 0; i < links_.size(); ++i) {
      ++out_.all.links;
      out_.all.right += right_[i];
    }
    std::vector<ScoredLink> scored(links_.size());
    const auto fill = [&](auto&& score) {
      for (size_t i = 0; i < links_.size(); ++i) scored[i] = {score(links_[i]), right_[i] != 0};
    };
    if (has_probabilities_ || has_weights_) {
      // A weight is log2 of the odds.
      fill([&](const Link& link) { return has_probabilities_ ? link.probability : 1 / (1 + std::exp2(-link.weight)); });
      score_calibration(scored, out_);
      out_.by_probability = !has_weights_;
      if (has_weights_) fill([](const Link& link) { return link.weight; });
      score_thresholds(scored, out_.all.truth, out_.by_probability, out_);
    }
    if (has_ranks_) score_ranks();
    if (!options_.by.empty()) score_values();
  }

  void score_ranks() {
    std::map<int32_t, RankRow> rows;
    for (size_t i = 0; i < links_.size(); ++i) {
      RankRow& row = rows[links_[i].rank];
      ++row.rates.links;
      row.rates.right += right_[i];
    }
    uint64_t so_far = 0;
    for (auto& [rank, row] : rows) {
      row.rank = rank;
      row.rates.truth = out_.all.truth;
      row.right_so_far = so_far += row.rates.right;
      out_.ranks.push_back(row);
    }
  }

  void score_values() {
    std::vector<GroupRow> rows(values_.size());
    for (size_t i = 0; i < links_.size(); ++i) {
      ++rows[links_[i].value].links;
      rows[links_[i].value].right += right_[i];
    }
    GroupRow few{"(values of fewer than 10 links)", 0, 0};
    for (const auto& [text, value] : values_) {  // by value
      GroupRow row = rows[value];
      row.value = text;
      if (row.links >= rare) {
        out_.groups.push_back(row);
      } else {
        few.links += row.links;
        few.right += row.right;
      }
    }
    if (few.links > 0) out_.groups.push_back(few);
  }

  // --- clusters ------------------------------------------------------------------------------------------------------

  Status read_and_score_clusters() {
    TESSERA_ASSIGN(const EvaluateTable table, EvaluateTable::open("clusters", options_.clusters));
    TESSERA_ASSIGN(const std::string id, table.need(id_columns));
    TESSERA_ASSIGN(const std::string cluster, table.need(cluster_columns));
    std::vector<std::string> columns{id, cluster};
    const bool sides = truth_.named || options_.between;
    if (sides) {
      TESSERA_ASSIGN(const std::string input, table.need(input_columns));
      columns.push_back(input);
    }
    if (sides && !truth_.named)
      return fail(ErrorCode::usage, "clusters of two inputs need a truth that names the inputs of its records");
    IdNumbers cluster_numbers;
    std::vector<uint32_t> of;  // by record; no_entity: in no cluster of the file
    uint64_t again = 0;
    TESSERA_TRY(table.read(columns, [&](const RawBatch& batch, size_t row) -> Status {
      const uint64_t input = truth_.named ? input_hash(value_text(batch.columns[2], row, buffer_)) : 0;
      TESSERA_ASSIGN(const std::string_view text, truth_.id_of(table, batch.columns[0], row, buffer_));
      const uint32_t record = truth_.numbers.number(input, text);
      TESSERA_ASSIGN(const std::string_view name, truth_.id_of(table, batch.columns[1], row, buffer_));
      if (record >= of.size()) of.resize(size_t{truth_.numbers.size()}, no_entity);
      again += of[record] != no_entity;
      of[record] = cluster_numbers.number(0, name);
      return {};
    }));
    if (again > 0)
      return fail(ErrorCode::data, fmt::format("the clusters name {} records twice", grouped_count(again)));
    of.resize(truth_.numbers.size(), no_entity);
    const bool met = std::ranges::any_of(std::span(of).first(truth_.ids), [](uint32_t c) { return c != no_entity; });
    if (!met) return fail(ErrorCode::data, "the truth names no record of the clusters");
    std::vector<uint32_t> entity = truth_.entity;
    if (!truth_.of_entities) {
      // Whoever true pairs connect is one person, and whoever they do not name is somebody else.
      std::vector<uint32_t> left, right;
      for (const uint64_t pair : truth_.pairs) {
        left.push_back(static_cast<uint32_t>(pair >> 32));
        right.push_back(static_cast<uint32_t>(pair));
      }
      entity = connected_components(truth_.numbers.size(), left, right);
    }
    // Ids that only the links name are no concern of the clusters.
    std::vector<uint32_t> clusters, people;
    uint32_t alone = cluster_numbers.size();
    entity.resize(truth_.numbers.size(), no_entity);
    for (uint32_t r = 0; r < of.size(); ++r) {
      if (of[r] == no_entity && r >= truth_.ids) continue;
      clusters.push_back(of[r] == no_entity ? alone++ : of[r]);
      people.push_back(entity[r]);
    }
    out_.clusters = score_clusters(clusters, people);
    return {};
  }

  const EvaluateOptions& options_;
  Truth truth_;
  std::string buffer_;
  bool has_weights_ = false, has_probabilities_ = false, has_ranks_ = false, some_known_ = false;
  std::vector<Link> links_;
  std::vector<uint8_t> right_;
  std::map<std::string, uint32_t> values_;
  Evaluation out_;
};

}  // namespace

Result<Evaluation> evaluate(const EvaluateOptions& options) { return Evaluator(options).run(); }

}  // namespace tessera
