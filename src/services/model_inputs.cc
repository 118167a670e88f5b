// model_inputs.cc: how do records come into memory for a model? (see model_inputs.h)
#include "services/model_inputs.h"

#include <oneapi/tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "base/progress.h"
#include "services/ids.h"

namespace tessera {

namespace {

using StandardiserScratch = std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)>;

// What a thread holds while it reads an input; where codes are made, its texts are needed until then.
struct ModelLocal {
  ModelLocal(StandardiserScratch scratch, bool codes) : standardise(std::move(scratch)) {
    if (!codes) return;
    Standardiser::log_texts(*standardise);
    Standardiser::take_places(*standardise);
  }
  StandardiserScratch standardise;
  WordBatch words{};
};
using ModelLocals = tbb::enumerable_thread_specific<std::unique_ptr<ModelLocal>>;

// Records of one morsel.
struct WordPiece {
  std::vector<WordRuns> words;  // by word of the side
  std::vector<TextLog> texts;   // of a chunk, by field of the standardiser
  RowStore::Packed rows;
};

// Gets every piece in order.
using KeepWords = std::function<Status(WordPiece&)>;

// `chunks`: each piece takes the texts of its words with it.
Status walk_words(ModelInput& input, ModelLocals& locals, bool chunks, const WalkOptions& options, TableWriter* rejects,
                  const std::string& spill_directory, const KeepWords& keep) {
  const Side& side = input.side;
  TESSERA_ASSIGN(const auto source, open_source(*side.input, side.columns(true), options.read));
  TESSERA_ASSIGN(const auto ids, id_check(side, spill_directory));
  Tally tally(*side.input, rejects);
  Progress progress("reading " + side.input->name, side.shape.rows, options.show_progress);
  std::atomic<size_t> usual_rows = 0;  // of a morsel
  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& bad, WordPiece& piece) -> Status {
    ModelLocal& local = *locals.local();
    RawBatch raw;
    SideReader reader(side, true);
    piece.words.resize(side.words.size());
    piece.rows.payload.reserve(usual_rows);
    for (;;) {
      TESSERA_ASSIGN(const bool more, reader.next(morsel, raw, bad));
      if (!more) {
        usual_rows = piece.rows.payload.size();
        for (WordRuns& column : piece.words) column.settle();
        if (chunks) piece.texts = Standardiser::take_logs(*local.standardise);
        return {};
      }
      const auto outputs = side.outputs(raw, true);
      side.standardiser.run(raw, local.words, bad, *local.standardise);
      drop_missing_ids(raw, outputs[0], local.words, bad);
      for (size_t w = 0; w < piece.words.size(); ++w) piece.words[w].add(local.words, w, usual_rows);
      input.store.pack(outputs, local.words.raw_row, local.words.rows, piece.rows);
      if (ids) TESSERA_TRY(ids->add(outputs[0], local.words));
    }
  };
  auto finish = [&](const Morsel& morsel, std::vector<Reject>& bad, WordPiece& piece) -> Status {
    TESSERA_TRY(tally.add(morsel, bad, piece.rows.payload.size()));
    TESSERA_TRY(input.store.append(piece.rows));
    progress.add(piece.rows.payload.size());
    return keep(piece);
  };
  TESSERA_TRY(walk<WordPiece>(*source, options, process, finish));
  if (ids) TESSERA_TRY(ids->check());
  tally.report(input.report);
  input.report.name = side.input->name;
  input.report.files = source->files();
  add_profiles(side, locals, input.report);
  return {};
}

ModelLocals make_model_locals(const Side& side, bool codes) {
  return ModelLocals([&side, codes] { return std::make_unique<ModelLocal>(side.standardiser.scratch(), codes); });
}

Status check_rows(size_t rows) {
  if (rows < UINT32_MAX) return {};
  return fail(ErrorCode::resource, "a side of a model has more than 4,294,967,294 records; split the job");
}

// The word of the side that holds a base column; -1: the input lacks the field.
int word_of(const Side& side, const PlanColumn& column) {
  const auto found = std::ranges::find(side.words, column.expression.text, &WordSpec::field);
  return found == side.words.end() ? -1 : static_cast<int>(found - side.words.begin());
}

void add_texts(const Side& side, const ModelPlan& plan, const ValueStore& values, const ModelLocals& locals,
               WordTable& words) {
  words.texts.resize(values.base_columns().size());
  for (size_t b = 0; b < values.base_columns().size(); ++b) {
    const PlanColumn& column = plan.columns[values.base_columns()[b]];
    if (word_of(side, column) < 0) continue;
    for (const auto& local : locals)
      words.texts[b].push_back(&side.standardiser.log(*local->standardise, column.expression.text));
  }
}

// Appends rows [begin, end) of a piece to the words of base columns; records that lack a field have nulls there.
// Looks at `piece`, the words of one that stays.
void add_piece(const Side& side, const ModelPlan& plan, const ValueStore& values, const std::vector<WordRuns>& piece,
               size_t begin, size_t end, WordTable& words) {
  words.words.resize(values.base_columns().size());
  if (begin == end) return;
  for (size_t b = 0; b < words.words.size(); ++b) {
    const int word = word_of(side, plan.columns[values.base_columns()[b]]);
    if (word < 0)
      words.words[b].push_back(words.nulls(end - begin));
    else
      piece[static_cast<size_t>(word)].view(begin, end, words.words[b]);
  }
  words.rows += end - begin;
}

}  // namespace

Result<std::vector<std::unique_ptr<ModelInput>>> open_model_inputs(const Job& job,
                                                                   const std::vector<std::string>& names,
                                                                   const ModelPlan& plan) {
  std::vector<std::unique_ptr<ModelInput>> inputs;
  for (const std::string& name : names) {
    const Input& input = input_called(job, name);
    TESSERA_ASSIGN(InputShape shape, look_at(input));
    std::vector<WordSpec> words;
    for (const PlanColumn& column : plan.columns) {
      if (!column.base) continue;
      if (std::ranges::find(input.fields, column.expression.text, &FieldSpec::name) != input.fields.end())
        words.push_back({.field = column.expression.text});
    }
    TESSERA_ASSIGN(Side side, make_side(job, input, std::move(shape), std::move(words)));
    inputs.push_back(std::make_unique<ModelInput>(std::move(side)));
    TESSERA_ASSIGN(inputs.back()->store, RowStore::make(inputs.back()->side.out_forms, ""));
  }
  return inputs;
}

Result<ModelSide> read_model_side(std::vector<std::unique_ptr<ModelInput>> inputs, const ModelPlan& plan,
                                  ValueStore& values, const WalkOptions& walk, TableWriter* rejects,
                                  const std::string& spill_directory) {
  ModelSide side{.inputs = std::move(inputs), .starts = {0}, .table = {}};
  WordTable words;
  words.words.resize(values.base_columns().size());
  std::vector<std::unique_ptr<ModelLocals>> locals;
  for (size_t i = 0; i < side.inputs.size(); ++i) {
    ModelInput& input = *side.inputs[i];
    locals.push_back(std::make_unique<ModelLocals>(make_model_locals(input.side, true)));
    input.payload.reserve(input.side.shape.rows);
    TESSERA_TRY(
        walk_words(input, *locals.back(), false, walk, rejects, spill_directory, [&](WordPiece& piece) -> Status {
          words.held.push_back(std::move(piece.words));
          add_piece(input.side, plan, values, words.held.back(), 0, piece.rows.payload.size(), words);
          input.payload.insert(input.payload.end(), piece.rows.payload.begin(), piece.rows.payload.end());
          return {};
        }));
    add_texts(input.side, plan, values, *locals.back(), words);
    side.starts.push_back(words.rows);
    if (side.inputs.size() > 1) words.source.resize(words.rows, static_cast<uint16_t>(i));
  }
  TESSERA_TRY(check_rows(words.rows));
  TESSERA_ASSIGN(side.table, values.add(words));
  return side;
}

Result<ModelSide> read_side_words(std::vector<std::unique_ptr<ModelInput>> inputs, const ModelPlan& plan,
                                  const WalkOptions& walk, TableWriter* rejects, const std::string& spill_directory,
                                  SideWords& words) {
  ModelSide side{.inputs = std::move(inputs), .starts = {0}, .table = {}};
  for (size_t i = 0; i < side.inputs.size(); ++i) {
    ModelInput& input = *side.inputs[i];
    ModelLocals locals = make_model_locals(input.side, false);
    input.payload.reserve(input.side.shape.rows);
    size_t rows = side.starts.back();
    TESSERA_TRY(walk_words(input, locals, false, walk, rejects, spill_directory, [&](WordPiece& piece) -> Status {
      rows += piece.rows.payload.size();
      input.payload.insert(input.payload.end(), piece.rows.payload.begin(), piece.rows.payload.end());
      WordStretch& stretch = words.stretches.emplace_back();
      stretch.rows = piece.rows.payload.size();
      for (const PlanColumn& column : plan.columns) {
        if (!column.base) continue;
        const int word = word_of(input.side, column);
        stretch.columns.push_back(word < 0 ? nullptr : piece.words[static_cast<size_t>(word)].words());
      }
      words.words.push_back(std::move(piece.words));
      return {};
    }));
    side.starts.push_back(rows);
    if (side.inputs.size() > 1) side.table.source.resize(rows, static_cast<uint16_t>(i));
  }
  side.table.rows = side.starts.back();
  TESSERA_TRY(check_rows(side.starts.back()));
  return side;
}

Status read_model_chunks(ModelSide& side, const ModelPlan& plan, ValueStore& values, size_t rows_max,
                         const WalkOptions& walk, TableWriter* rejects, const std::string& spill_directory,
                         const std::function<Status()>& each) {
  ModelInput& input = *side.inputs[0];
  ModelLocals locals = make_model_locals(input.side, true);
  WordTable words;
  std::vector<std::vector<TextLog>> texts;    // by piece, by field
  std::vector<std::vector<WordRuns>> pieces;  // by piece, by word
  // `all`: no row that was read is left, so what stands for rows and their texts can go.
  const auto hand_on = [&](bool all) -> Status {
    if (words.rows == 0) return {};
    values.begin_chunk();
    side.starts = {0, words.rows};
    TESSERA_ASSIGN(side.table, values.add(words));
    TESSERA_TRY(each());
    values.end_chunk();
    words = {};
    input.payload.clear();
    if (!all) return {};
    texts.clear();
    pieces.clear();
    TESSERA_ASSIGN(input.store, RowStore::make(input.side.out_forms, ""));
    return {};
  };
  const auto add = [&](const WordPiece& piece, size_t begin, size_t end) {
    add_piece(input.side, plan, values, pieces.back(), begin, end, words);
    const auto payload = piece.rows.payload.begin();
    input.payload.insert(input.payload.end(), payload + static_cast<ptrdiff_t>(begin),
                         payload + static_cast<ptrdiff_t>(end));
    words.texts.resize(values.base_columns().size());
    for (size_t b = 0; b < words.texts.size(); ++b) {
      const PlanColumn& column = plan.columns[values.base_columns()[b]];
      if (word_of(input.side, column) < 0) continue;
      const size_t field = input.side.standardiser.field_place(column.expression.text);
      words.texts[b].push_back(&texts.back()[field]);
    }
  };
  TESSERA_TRY(walk_words(input, locals, true, walk, rejects, spill_directory, [&](WordPiece& piece) -> Status {
    texts.push_back(std::move(piece.texts));
    pieces.push_back(std::move(piece.words));
    const size_t rows = piece.rows.payload.size();
    if (words.rows + rows <= rows_max) {
      add(piece, 0, rows);
      return words.rows == rows_max ? hand_on(true) : Status{};
    }
    // More than there is room for: what was there, and then the piece, stretch by stretch. Nothing of it stays.
    TESSERA_TRY(hand_on(false));
    for (size_t begin = 0; begin < rows; begin += rows_max) {
      const size_t end = std::min(rows, begin + rows_max);
      add(piece, begin, end);
      TESSERA_TRY(hand_on(end == rows));
    }
    return {};
  }));
  return hand_on(true);
}

}  // namespace tessera
