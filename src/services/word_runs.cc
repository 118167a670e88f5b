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
