#include "services/via.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <numeric>

#include "services/bridge_map.h"
#include "services/emit.h"
#include "services/row_store.h"

namespace tessera {
namespace {

// The to rows that the bridging file names, by number of their pseudonym.
struct ViaRows {
  std::vector<uint64_t> starts;    // by number: its payloads
  std::vector<uint64_t> payloads;  // in the order of the input
  RowStore store;
  [[nodiscard]] std::span<const uint64_t> of(uint32_t number) const {
    return std::span(payloads).subspan(starts[number], starts[number + 1] - starts[number]);
  }
};

// One side: what is read of it, and where its pseudonyms are.
struct ViaSide {
  Side side;
  std::string pseudonym;  // a column; empty: the id
  [[nodiscard]] std::vector<std::string> columns() const {
    std::vector<std::string> out = side.columns(false);
    if (!pseudonym.empty()) out.push_back(pseudonym);
    return out;
  }
  [[nodiscard]] const RawColumn& pseudonyms(const RawBatch& raw) const {
    return pseudonym.empty() ? raw.columns.front() : raw.columns.back();
  }
};

// Walks over the ids, pseudonyms and carried columns of an input; `process` gets each batch with the rows that have an id.
template <class Out, class Process, class Finish>
Status walk_ids(const ViaSide& of, const WalkOptions& options, TableWriter* rejects, const char* doing,
                InputReport& report, const Process& process, const Finish& finish) {
  const Side& side = of.side;
  TESSERA_ASSIGN(const auto source, open_source(*side.input, of.columns(), options.read));
  Tally tally(*side.input, rejects);
  Progress progress(fmt::format("{} {}", doing, side.input->name), side.shape.rows, options.show_progress);
  struct Counted {
    Out out;
    uint64_t rows = 0;
  };
  TESSERA_TRY(walk<Counted>(
      *source, options,
      [&](Morsel& morsel, uint64_t, std::vector<Reject>& bad, Counted& piece) -> Status {
        RawBatch raw;
        std::vector<uint32_t> rows;
        for (;;) {
          TESSERA_ASSIGN(const bool more, morsel.next(raw, bad));
          if (!more) return {};
          const auto columns = side.outputs(raw, false);
          rows.clear();
          for (uint32_t row = 0; row < raw.rows; ++row) {
            if (columns[0].null(row))
              bad.push_back({.row = raw.place(row), .reason = RejectReason::id_missing});
            else
              rows.push_back(row);
          }
          piece.rows += rows.size();
          TESSERA_TRY(process(columns, of.pseudonyms(raw), rows, piece.out));
        }
      },
      [&](const Morsel& morsel, std::vector<Reject>& bad, Counted& piece) -> Status {
        TESSERA_TRY(tally.add(morsel, bad, piece.rows));
        progress.add(piece.rows);
        return finish(piece.out);
      }));
  tally.report(report);
  report.name = side.input->name;
  report.files = source->files();
  return {};
}

Result<ViaRows> read_to_rows(const ViaSide& side, const BridgeMap& bridge, const WalkOptions& walk,
                             TableWriter* rejects, InputReport& report) {
  ViaRows out;
  TESSERA_ASSIGN(out.store, RowStore::make(side.side.out_forms, ""));
  struct Piece {
    std::vector<uint64_t> words;           // of a batch: its pseudonyms
    std::vector<uint32_t> found, numbers;  // of a batch; of the rows that are wanted
    RowStore::Packed rows;
  };
  std::vector<uint32_t> numbers;
  TESSERA_TRY(walk_ids<Piece>(
      side, walk, rejects, "reading", report,
      [&](std::span<const RawColumn> columns, const RawColumn& pseudonyms, std::span<const uint32_t> rows,
          Piece& piece) -> Status {
        if (!bridge.to().words(pseudonyms, rows, piece.words)) return not_a_pseudonym(*side.side.input, side.pseudonym);
        bridge.to().find(piece.words, piece.found);
        std::vector<uint32_t> wanted;
        for (size_t i = 0; i < rows.size(); ++i) {
          if (piece.found[i] == PseudonymNumbers::none) continue;
          wanted.push_back(rows[i]);
          piece.numbers.push_back(piece.found[i]);
        }
        if (!wanted.empty()) out.store.pack(columns, wanted, wanted.size(), piece.rows);
        return {};
      },
      [&](Piece& piece) -> Status {
        TESSERA_TRY(out.store.append(piece.rows));
        numbers.insert(numbers.end(), piece.numbers.begin(), piece.numbers.end());
        out.payloads.insert(out.payloads.end(), piece.rows.payload.begin(), piece.rows.payload.end());
        return {};
      }));
  // Count, sum, fill: rows of one pseudonym together, in their order.
  out.starts.resize(size_t{bridge.to().size()} + 1);
  for (const uint32_t number : numbers) ++out.starts[number + 1];
  std::inclusive_scan(out.starts.begin(), out.starts.end(), out.starts.begin());
  std::vector<uint64_t> next = out.starts, payloads(out.payloads.size());
  for (size_t i = 0; i < numbers.size(); ++i) payloads[next[numbers[i]]++] = out.payloads[i];
  out.payloads = std::move(payloads);
  return out;
}

// ids, marks, then the carried columns of both sides.
std::vector<OutColumn> via_columns(const Side& from, const Side& to, const BridgeMap& bridge) {
  const std::vector<OutColumn> of_from = out_columns(from, "from_id"), of_to = out_columns(to, "to_id");
  std::vector<OutColumn> out{of_from[0], of_to[0]};
  if (bridge.has_ranks()) out.push_back({"rank", OutType::int32, bridge.has_weights()});
  if (bridge.has_weights())
    out.insert(out.end(), {{"weight", OutType::float64, false}, {"probability", OutType::float64, false}});
  out.insert(out.end(), of_from.begin() + 1, of_from.end());
  out.insert(out.end(), of_to.begin() + 1, of_to.end());
  return out;
}

struct ViaPiece {
  std::vector<uint64_t> words;  // of a batch: its pseudonyms
  std::vector<uint32_t> found;  // and their numbers
  std::vector<std::unique_ptr<TableWriter::Chunk>> chunks;
  std::map<int64_t, uint64_t> by_rank;
  uint64_t linked = 0;
};

// The links of a batch of from rows.
class ViaJoin {
 public:
  ViaJoin(const ViaSide& from, const Side& to, const BridgeMap& bridge, const ViaRows& rows, TableWriter& links)
      : from_(from),
        to_(to),
        bridge_(bridge),
        rows_(rows),
        links_(links),
        linked_(std::vector<std::atomic<uint8_t>>(bridge.to().size())) {}

  Status join(std::span<const RawColumn> columns, const RawColumn& pseudonyms, std::span<const uint32_t> rows,
              ViaPiece& piece) {
    if (!bridge_.from().words(pseudonyms, rows, piece.words))
      return not_a_pseudonym(*from_.side.input, from_.pseudonym);
    bridge_.from().find(piece.words, piece.found);
    std::vector<uint32_t> from_rows;
    std::vector<uint64_t> payloads;
    std::vector<uint32_t> pairs;
    for (size_t i = 0; i < rows.size(); ++i) {
      look_ahead(piece.found, i);
      const size_t before = from_rows.size();
      for (const BridgeMap::Partner& partner : bridge_.partners(piece.found[i])) {
        const auto found = rows_.of(partner.to);
        if (!found.empty()) linked_[partner.to].store(1, std::memory_order_relaxed);
        for (const uint64_t payload : found) {
          from_rows.push_back(rows[i]);
          payloads.push_back(payload);
          pairs.push_back(partner.row);
        }
      }
      piece.linked += from_rows.size() > before;
      if (from_rows.size() >= written_rows) {
        TESSERA_TRY(write(columns, from_rows, payloads, pairs, piece));
        from_rows.clear(), payloads.clear(), pairs.clear();
      }
    }
    return from_rows.empty() ? Status{} : write(columns, from_rows, payloads, pairs, piece);
  }

  // Rows of the to side with a link.
  [[nodiscard]] uint64_t linked_to() const {
    uint64_t count = 0;
    for (uint32_t number = 0; number < linked_.size(); ++number)
      if (linked_[number] != 0) count += rows_.of(number).size();
    return count;
  }

 private:
  static constexpr size_t written_rows = size_t{1} << 15;

  // From the number of a row to its payloads are four places in memory, each known from the one before: one row is
  // taken a step further for each row that is joined. Always inline: g++ takes a function that only prefetches for one
  // without effects, and leaves out its calls.
  [[gnu::always_inline]] void look_ahead(std::span<const uint32_t> found, size_t i) const {
    constexpr size_t apart = 12;
    const auto ahead = [&](size_t steps) {
      return i + steps * apart < found.size() ? found[i + steps * apart] : PseudonymNumbers::none;
    };
    bridge_.prefetch_place(ahead(4));
    bridge_.prefetch_partners(ahead(3));
    for (const BridgeMap::Partner& partner : bridge_.partners(ahead(2))) __builtin_prefetch(&rows_.starts[partner.to]);
    for (const BridgeMap::Partner& partner : bridge_.partners(ahead(1)))
      __builtin_prefetch(rows_.payloads.data() + rows_.starts[partner.to]);
  }

  Status write(std::span<const RawColumn> columns, std::span<const uint32_t> from_rows,
               std::span<const uint64_t> payloads, std::span<const uint32_t> pairs, ViaPiece& piece) const {
    std::vector<GatheredColumn> from(columns.size()), to(to_.out_forms.size());
    const OutBatch taken = take_rows(columns, from_rows, from);
    std::vector<CarriedValue> values;
    std::vector<std::byte> buffer;
    if (rows_.store.ids_only()) to[0].numbers.assign(payloads.begin(), payloads.end());
    for (const uint64_t payload : rows_.store.ids_only() ? std::span<const uint64_t>() : payloads) {
      TESSERA_TRY(rows_.store.read(payload, values, buffer));
      for (size_t c = 0; c < to.size(); ++c) to[c].add(values[c], to_.out_forms[c]);
    }
    std::vector<int64_t> ranks;
    std::vector<uint8_t> ranked;
    std::vector<double> weights, probabilities;
    if (bridge_.has_ranks()) {
      ranks.resize(pairs.size());
      for (size_t i = 0; i < pairs.size(); ++i) ranks[i] = bridge_.rank(pairs[i]);
      count(ranks, piece.by_rank);
      if (bridge_.has_weights())  // a cascade: who was linked by weight has no rank
        for (const int64_t rank : ranks) ranked.push_back(rank != 0);
    }
    if (bridge_.has_weights())
      for (const uint32_t pair : pairs) {
        weights.push_back(bridge_.weight(pair));
        probabilities.push_back(bridge_.probability(pair));
      }
    OutBatch batch{.rows = pairs.size(), .columns = {taken.columns[0], to[0].values(to_.out_forms[0])}};
    if (bridge_.has_ranks()) batch.columns.push_back({.numbers = ranks, .present = ranked});
    if (bridge_.has_weights()) {
      batch.columns.push_back({.reals = weights});
      batch.columns.push_back({.reals = probabilities});
    }
    batch.columns.insert(batch.columns.end(), taken.columns.begin() + 1, taken.columns.end());
    for (size_t c = 1; c < to.size(); ++c) batch.columns.push_back(to[c].values(to_.out_forms[c]));
    piece.chunks.push_back(links_.prepare(batch));
    return {};
  }

  static void count(std::span<const int64_t> ranks, std::map<int64_t, uint64_t>& counts) {
    for (size_t i = 0, end = 0; i < ranks.size(); i = end) {
      while (end < ranks.size() && ranks[end] == ranks[i]) ++end;
      counts[ranks[i]] += end - i;
    }
  }

  const ViaSide& from_;
  const Side& to_;
  const BridgeMap& bridge_;
  const ViaRows& rows_;
  TableWriter& links_;
  std::vector<std::atomic<uint8_t>> linked_;  // by number of a to pseudonym
};

Result<ViaSide> via_side(const Job& job, const std::string& name, const std::string& pseudonym) {
  const Input& input = input_called(job, name);
  TESSERA_ASSIGN(InputShape shape, look_at(input));
  if (!pseudonym.empty() && std::ranges::find(shape.columns, pseudonym) == shape.columns.end())
    return fail(ErrorCode::usage, fmt::format("the input \"{}\" has no column \"{}\"", name, pseudonym));
  TESSERA_ASSIGN(Side side, make_side(job, input, std::move(shape), {}));
  return ViaSide{std::move(side), pseudonym};
}

}  // namespace

Status link_via(const Job& job, const LinkStep& step, const WalkOptions& walk, const std::string& suffix,
                TableWriter* rejects, JobTables& tables, LinkReport& report) {
  TESSERA_ASSIGN(const ViaSide from, via_side(job, step.from, step.via->from));
  TESSERA_ASSIGN(const ViaSide to, via_side(job, step.to, step.via->to));
  BridgeMap bridge;
  TESSERA_TRY(timed(report.timings, "read the bridging file", [&]() -> Status {
    TESSERA_ASSIGN(bridge, BridgeMap::read(step.via->bridge));
    return {};
  }));
  InputReport of_from, of_to;
  ViaRows rows;
  TESSERA_TRY(timed(report.timings, "read " + step.to, [&]() -> Status {
    TESSERA_ASSIGN(rows, read_to_rows(to, bridge, walk, rejects, of_to));
    return {};
  }));
  TESSERA_ASSIGN(std::unique_ptr<TableWriter> links,
                 tables.open("links" + suffix, via_columns(from.side, to.side, bridge)));
  ViaJoin join(from, to.side, bridge, rows, *links);
  std::map<int64_t, uint64_t> by_rank;
  StepReport out;
  TESSERA_TRY(timed(report.timings, "join", [&] {
    return walk_ids<ViaPiece>(
        from, walk, rejects, "joining", of_from,
        [&](std::span<const RawColumn> columns, const RawColumn& pseudonyms, std::span<const uint32_t> some,
            ViaPiece& piece) { return join.join(columns, pseudonyms, some, piece); },
        [&](ViaPiece& piece) -> Status {
          for (const auto& [rank, count] : piece.by_rank) by_rank[rank] += count;
          out.linked_from += piece.linked;
          for (auto& chunk : piece.chunks) TESSERA_TRY(links->append(std::move(chunk)));
          return {};
        });
  }));
  TESSERA_TRY(tables.close(links));
  out.from = step.from;
  out.to = step.to;
  out.candidates = bridge.pairs();
  out.linked_to = join.linked_to();
  for (const auto& [rank, count] : by_rank) out.ranks.push_back({.rank = static_cast<int>(rank), .links = count});
  report.inputs.push_back(std::move(of_from));
  report.inputs.push_back(std::move(of_to));
  report.steps.push_back(std::move(out));
  return {};
}

}  // namespace tessera
