// bridge.cc: what does a bridging file hold, and how does it differ from the one before? (see bridge.h)
#include "services/bridge.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <tuple>

#include "read/read.h"
#include "services/bridge_note.h"
#include "services/bridge_read.h"

namespace tessera {

namespace {

constexpr const char* bridge_table = "bridge";

struct BridgePair {
  std::string_view from, to, mark;  // mark: the rank, or the probability, written out
  friend auto operator<=>(const BridgePair&, const BridgePair&) = default;
};

bool same_pair(const BridgePair& a, const BridgePair& b) { return a.from == b.from && a.to == b.to; }

// A bridging file in memory, sorted.
struct BridgeFile {
  std::deque<std::string> texts;  // blocks that the pairs point into
  std::vector<BridgePair> pairs;
  std::string mark;  // "rank" or "probability"
};

// Appends to the newest block of texts, which never moves.
std::string_view keep(std::string_view text, std::deque<std::string>& texts) {
  constexpr size_t block_bytes = size_t{1} << 20;
  if (texts.empty() || texts.back().capacity() - texts.back().size() < text.size())
    texts.emplace_back().reserve(std::max(block_bytes, text.size()));
  std::string& block = texts.back();
  const size_t at = block.size();
  block += text;
  return std::string_view(block).substr(at);
}

// Where the columns of a bridging file are among those of links; -1: not there.
struct LinkColumns {
  int from = -1, to = -1, rank = -1, weight = -1, probability = -1;
};

// A pair of pseudonyms and how good its best link is.
struct BridgedPair {
  std::string_view from, to;
  int64_t rank = INT64_MAX;  // of no pass: none
  double weight = 0, probability = 0;
  friend bool operator<(const BridgedPair& a, const BridgedPair& b) {
    return std::tie(a.from, a.to, a.rank, b.weight) < std::tie(b.from, b.to, b.rank, a.weight);
  }
};

// Gathers links by pseudonyms, each pair once with its best link: a person has many rows. Memory grows with the pairs
// of people, not with the links.
class BridgeWriter : public TableWriter {
 public:
  BridgeWriter(LinkColumns columns, std::unique_ptr<TableWriter> to) : columns_(columns), to_(std::move(to)) {}

  [[nodiscard]] std::unique_ptr<Chunk> prepare(const OutBatch& batch) const override {
    auto out = std::make_unique<Pairs>();
    std::string buffer;
    const auto column = [&](int c) -> const OutValues& { return batch.columns[static_cast<size_t>(c)]; };
    const auto text = [&](int c, size_t row) -> std::string_view {
      if (!column(c).texts.empty()) return column(c).texts[row];
      return buffer = std::to_string(column(c).numbers[row]);
    };
    for (size_t row = 0; row < batch.rows; ++row) {
      BridgedPair pair;
      pair.from = keep(text(columns_.from, row), out->texts);
      pair.to = keep(text(columns_.to, row), out->texts);
      if (columns_.rank >= 0 && (column(columns_.rank).present.empty() || column(columns_.rank).present[row] != 0))
        pair.rank = column(columns_.rank).numbers[row];
      if (columns_.weight >= 0) {
        pair.weight = column(columns_.weight).reals[row];
        pair.probability = column(columns_.probability).reals[row];
      }
      out->pairs.push_back(pair);
    }
    return out;
  }

  Status append(std::unique_ptr<Chunk> chunk) override {
    auto& some = static_cast<Pairs&>(*chunk);
    for (std::string& block : some.texts) all_.texts.push_back(std::move(block));
    all_.pairs.insert(all_.pairs.end(), some.pairs.begin(), some.pairs.end());
    if (all_.pairs.size() > 2 * once_ + pairs_least) {
      each_once();
      once_ = all_.pairs.size();
    }
    return {};
  }

  Result<OutputFile> close() override {
    each_once();
    constexpr size_t rows = 1 << 16;
    for (size_t at = 0; at < all_.pairs.size(); at += rows)
      TESSERA_TRY(write(std::span(all_.pairs).subspan(at, std::min(rows, all_.pairs.size() - at))));
    return to_->close();
  }

 private:
  static constexpr size_t pairs_least = size_t{1} << 20;

  struct Pairs : Chunk {
    std::deque<std::string> texts;  // a block that moves to another deque keeps its bytes where they are
    std::vector<BridgedPair> pairs;
  };

  void each_once() {
    tbb::parallel_sort(all_.pairs.begin(), all_.pairs.end());
    const auto same = [](const BridgedPair& a, const BridgedPair& b) { return a.from == b.from && a.to == b.to; };
    const auto repeated = std::ranges::unique(all_.pairs, same);
    all_.pairs.erase(repeated.begin(), repeated.end());
    std::deque<std::string> texts;
    for (BridgedPair& pair : all_.pairs) {
      pair.from = keep(pair.from, texts);
      pair.to = keep(pair.to, texts);
    }
    all_.texts = std::move(texts);
  }

  Status write(std::span<const BridgedPair> pairs) {
    std::vector<std::string_view> from, to;
    std::vector<int64_t> ranks;
    std::vector<uint8_t> ranked;
    std::vector<double> weights, probabilities;
    for (const BridgedPair& pair : pairs) {
      from.push_back(pair.from);
      to.push_back(pair.to);
      ranked.push_back(pair.rank != INT64_MAX);
      ranks.push_back(ranked.back() ? pair.rank : 0);
      weights.push_back(pair.weight);
      probabilities.push_back(pair.probability);
    }
    OutBatch batch{.rows = pairs.size(), .columns = {{.texts = from}, {.texts = to}}};
    if (columns_.rank >= 0) batch.columns.push_back({.numbers = ranks, .present = ranked});
    if (columns_.weight >= 0) {
      batch.columns.push_back({.reals = weights});
      batch.columns.push_back({.reals = probabilities});
    }
    return to_->append(to_->prepare(batch));
  }

  LinkColumns columns_;
  std::unique_ptr<TableWriter> to_;
  Pairs all_;
  size_t once_ = 0;  // pairs when they were last made unique
};

Result<BridgeFile> read_bridge_file(const std::string& path, FileFormat format) {
  Input input;
  input.name = "bridge";
  input.paths = {path};
  input.format = format;
  input.id = "from_pseudonym";
  input.digest = Digest::none;
  TESSERA_ASSIGN(const InputShape shape, look_at(input));
  const auto has = [&](const char* name) { return std::ranges::find(shape.columns, name) != shape.columns.end(); };
  BridgeFile out{.texts = {}, .pairs = {}, .mark = has("rank") ? "rank" : "probability"};
  if (!has("from_pseudonym") || !has("to_pseudonym") || !has(out.mark.c_str()))
    return fail(ErrorCode::data,
                fmt::format("{}: is no bridging file: it lacks from_pseudonym, to_pseudonym, or both of rank "
                            "and probability\nhelp: name the file that an earlier tessera bridge wrote",
                            path));
  std::string buffer;
  TESSERA_TRY(
      each_bridge_batch(input, {"from_pseudonym", "to_pseudonym", out.mark}, [&](const RawBatch& raw) -> Status {
        for (size_t row = 0; row < raw.rows; ++row) {
          BridgePair pair;
          for (const auto& [column, value] :
               {std::pair(0, &pair.from), std::pair(1, &pair.to), std::pair(2, &pair.mark)})
            *value = keep(text_of_value(raw.columns[static_cast<size_t>(column)], row, buffer), out.texts);
          out.pairs.push_back(pair);
        }
        return {};
      }));
  tbb::parallel_sort(out.pairs.begin(), out.pairs.end());
  return out;
}

// Different values of a sorted column, and how many of them come with several partners.
void count_side(std::span<const std::string_view> sorted, BridgeReport::Side& side) {
  for (size_t i = 0; i < sorted.size();) {
    const size_t begin = i;
    while (i < sorted.size() && sorted[i] == sorted[begin]) ++i;
    ++side.pseudonyms;
    side.with_several += i - begin > 1;
  }
}

void count_pairs(const BridgeFile& file, BridgeReport& report) {
  report.pairs = file.pairs.size();
  std::vector<std::string_view> side;
  for (const BridgePair& pair : file.pairs) side.push_back(pair.from);
  count_side(side, report.from);
  for (size_t i = 0; i < side.size(); ++i) side[i] = file.pairs[i].to;
  tbb::parallel_sort(side.begin(), side.end());
  count_side(side, report.to);
}

// A table of pairs, and with `before` of the mark that they had.
Status write_pairs(const std::string& name, const std::string& mark, std::span<const BridgePair> pairs,
                   std::span<const std::string_view> before, JobTables& tables) {
  std::vector<OutColumn> columns{{"from_pseudonym", OutType::text, false, true},
                                 {"to_pseudonym", OutType::text, false, true},
                                 {mark, OutType::text, false}};
  if (!before.empty() || name == "changed") columns.push_back({mark + "_before", OutType::text, false});
  TESSERA_ASSIGN(std::unique_ptr<TableWriter> writer, tables.open(name, columns));
  constexpr size_t rows = 1 << 16;
  std::vector<std::string_view> from, to, marks;
  for (size_t at = 0; at < pairs.size(); at += rows) {
    const auto some = pairs.subspan(at, std::min(rows, pairs.size() - at));
    from.clear(), to.clear(), marks.clear();
    for (const BridgePair& pair : some) {
      from.push_back(pair.from);
      to.push_back(pair.to);
      marks.push_back(pair.mark);
    }
    OutBatch batch{.rows = some.size(), .columns = {{.texts = from}, {.texts = to}, {.texts = marks}}};
    if (columns.size() == 4) batch.columns.push_back({.texts = before.subspan(at, some.size())});
    TESSERA_TRY(writer->append(writer->prepare(batch)));
  }
  return tables.close(writer);
}

Status write_changes(const BridgeFile& before, const BridgeFile& now, JobTables& tables, BridgeReport& report) {
  std::vector<BridgePair> added, removed, changed;
  std::vector<std::string_view> marks_before;
  auto old = before.pairs.begin();
  const auto is_before = [](const BridgePair& a, const BridgePair& b) {
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  };
  for (const BridgePair& pair : now.pairs) {
    while (old != before.pairs.end() && is_before(*old, pair)) removed.push_back(*old++);
    if (old == before.pairs.end() || !same_pair(*old, pair)) {
      added.push_back(pair);
      continue;
    }
    if (old->mark != pair.mark) {
      changed.push_back(pair);
      marks_before.push_back(old->mark);
    }
    ++old;
  }
  removed.insert(removed.end(), old, before.pairs.end());
  report.since = BridgeReport::Change{added.size(), removed.size(), changed.size()};
  TESSERA_TRY(write_pairs("added", now.mark, added, {}, tables));
  TESSERA_TRY(write_pairs("removed", now.mark, removed, {}, tables));
  return write_pairs("changed", now.mark, changed, marks_before, tables);
}

FileFormat format_of_name(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  return ending == ".csv" ? FileFormat::csv : ending == ".ndjson" ? FileFormat::ndjson : FileFormat::parquet;
}

}  // namespace

Result<std::unique_ptr<TableWriter>> open_bridge(const JobTables& tables, const std::vector<OutColumn>& columns) {
  LinkColumns at;
  const auto find = [&](const char* name) {
    const auto found = std::ranges::find(columns, name, &OutColumn::name);
    return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
  };
  at = {find("from_id"), find("to_id"), find("rank"), find("weight"), find("probability")};
  std::vector<OutColumn> of_bridge{{"from_pseudonym", OutType::text, false, true},
                                   {"to_pseudonym", OutType::text, false, true}};
  for (const int c : {at.rank, at.weight, at.probability})
    if (c >= 0) of_bridge.push_back(columns[static_cast<size_t>(c)]);
  const std::string name = std::string(bridge_table) + ending_of(tables.format);
  TESSERA_ASSIGN(auto to, make_table_writer(tables.directory.file(name), name, tables.format, of_bridge,
                                            {{bridge_note_key, tables.bridge_note}}));
  return std::make_unique<BridgeWriter>(at, std::move(to));
}

Status describe_bridge(const std::string& previous, JobTables& tables, BridgeReport& report) {
  const std::string file = tables.directory.file(std::string(bridge_table) + ending_of(tables.format));
  TESSERA_ASSIGN(const BridgeFile now, read_bridge_file(file, tables.format));
  count_pairs(now, report);
  if (previous.empty()) return {};
  TESSERA_ASSIGN(const BridgeFile before, read_bridge_file(previous, format_of_name(previous)));
  if (before.mark != now.mark)
    return fail(ErrorCode::data,
                fmt::format("{}: has the {} of each pair, and this run writes the {}\nhelp: compare files "
                            "of one kind: of passes, or of a model",
                            previous, before.mark, now.mark));
  return write_changes(before, now, tables, report);
}

}  // namespace tessera
