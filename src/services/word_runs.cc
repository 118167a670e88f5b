// word_runs.cc: see word_runs.h.
#include "services/word_runs.h"

#include <algorithm>
#include <cassert>

namespace tessera {

void WordRuns::add(const WordBatch& batch, size_t at, size_t rows) {
  if (batch.rows == 0) return;  // a run without places would be one of words
  const PlacedWords* const placed = batch.placed.empty() || !batch.placed[at].words ? nullptr : &batch.placed[at];
  if (runs_.empty() || runs_.back().placed.words != (placed ? placed->words : nullptr)) {
    Run& run = runs_.emplace_back();
    if (placed) run.placed.words = placed->words;
    placed ? run.placed.places.reserve(rows) : run.words.reserve(rows);
  }
  Run& run = runs_.back();
  const auto append = [&](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.begin() + static_cast<ptrdiff_t>(batch.rows));
  };
  placed ? append(run.placed.places, placed->places) : append(run.words, batch.words[at]);
}

void WordRuns::settle() {
  constexpr size_t rows_a_word = 2;  // below that, words are no larger than places and the dictionary
  for (Run& run : runs_) {
    if (!run.placed.words || run.placed.places.size() >= rows_a_word * run.placed.words->size()) continue;
    const auto word_at = [&](uint32_t place) { return (*run.placed.words)[place]; };
    run.words.resize(run.placed.places.size());
    std::ranges::transform(run.placed.places, run.words.begin(), word_at);
    run.placed = {};
  }
}

void WordRuns::view(size_t begin, size_t end, WordColumn& to) const {
  size_t row = 0;
  for (const Run& run : runs_) {
    const WordRun all = run.view();
    const size_t from = std::max(row, begin), until = std::min(row + all.size(), end);
    if (from < until) to.push_back(all.part(from - row, until - from));
    row += all.size();
  }
}

const uint64_t* WordRuns::words() const {
  assert(runs_.size() <= 1 && (runs_.empty() || !runs_[0].placed.words));
  return runs_.empty() ? nullptr : runs_[0].words.data();
}

}  // namespace tessera
