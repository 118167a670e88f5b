#include "services/bridge_ids.h"

namespace tessera {
namespace {

constexpr int64_t rank_of_same_id = 1;

struct BridgedIds {
  std::vector<std::unique_ptr<TableWriter::Chunk>> chunks;
  uint64_t rows = 0;
};

// What a row says of its id, under both keys.
class IdPairs {
 public:
  IdPairs(const TokenKey& from, const TokenKey& to) : keys_{&from, &to} {}

  // Views good until the next call.
  OutBatch make(std::span<const std::string_view> ids) {
    for (size_t side = 0; side < 2; ++side) {
      tokens_.resize(ids.size());
      keys_[side]->tokens(ids, tokens_.data());
      hex_[side].clear();
      for (const Token& token : tokens_) hex_[side] += hex_of(token);
      texts_[side].resize(ids.size());
      for (size_t i = 0; i < ids.size(); ++i)
        texts_[side][i] = std::string_view(hex_[side]).substr(i * 2 * token_bytes, 2 * token_bytes);
    }
    ranks_.assign(ids.size(), rank_of_same_id);
    return {.rows = ids.size(), .columns = {{.texts = texts_[0]}, {.texts = texts_[1]}, {.numbers = ranks_}}};
  }

 private:
  std::array<const TokenKey*, 2> keys_;
  std::vector<Token> tokens_;
  std::array<std::string, 2> hex_;
  std::array<std::vector<std::string_view>, 2> texts_;
  std::vector<int64_t> ranks_;
};

}  // namespace

Status bridge_ids(const Job& job, const WalkOptions& options, TableWriter& rejects, JobTables& tables,
                  LinkReport& report) {
  const Input& input = job.inputs.front();
  TESSERA_ASSIGN(const auto from, id_key_of(*job.bridge->from, input));
  TESSERA_ASSIGN(const auto to, id_key_of(*job.bridge->to, input));
  TESSERA_ASSIGN(InputShape shape, look_at(input));
  TESSERA_ASSIGN(const Side side, make_side(job, input, std::move(shape), {}));
  TESSERA_ASSIGN(std::unique_ptr<TableWriter> writer, tables.open("links", {{"from_id", OutType::text, false, true},
                                                                            {"to_id", OutType::text, false, true},
                                                                            {"rank", OutType::int32, false}}));
  TESSERA_ASSIGN(const auto source, open_source(input, side.columns(false), options.read));
  Tally tally(input, &rejects);
  Progress progress("bridging " + input.name, side.shape.rows, options.show_progress);

  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& bad, BridgedIds& out) -> Status {
    RawBatch raw;
    std::vector<std::string> numbers;
    std::vector<std::string_view> ids;
    IdPairs pairs(*from, *to);
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel.next(raw, bad));
      if (!more) return {};
      const RawColumn& id = side.outputs(raw, false)[0];
      ids.clear();
      numbers.clear();
      numbers.reserve(raw.rows);  // views into it stay good
      for (uint32_t row = 0; row < raw.rows; ++row) {
        if (id.null(row))
          bad.push_back({.row = raw.place(row), .reason = RejectReason::id_missing});
        else if (id.form == RawColumn::Form::text)
          ids.push_back(id.text(row));
        else
          ids.push_back(numbers.emplace_back(std::to_string(id.numbers[row])));
      }
      if (ids.empty()) continue;
      // From here on nothing is in the clear.
      out.chunks.push_back(writer->prepare(pairs.make(ids)));
      out.rows += ids.size();
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& bad, BridgedIds& out) -> Status {
    TESSERA_TRY(tally.add(morsel, bad, out.rows));
    progress.add(out.rows);
    for (auto& chunk : out.chunks) TESSERA_TRY(writer->append(std::move(chunk)));
    return {};
  };
  TESSERA_TRY(walk<BridgedIds>(*source, options, process, finish));
  InputReport said;
  tally.report(said);
  said.name = input.name;
  said.files = source->files();
  report.inputs.push_back(std::move(said));
  return tables.close(writer);
}

}  // namespace tessera
