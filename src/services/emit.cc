// emit.cc: how do links become rows of the output?
#include "services/emit.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <numeric>

namespace tessera {

Status EmittedChunks::append_to(StepTables& tables) {
  for (auto& chunk : links) TESSERA_TRY(tables.links->append(std::move(chunk)));
  for (auto& chunk : unmatched_from) TESSERA_TRY(tables.unmatched_from->append(std::move(chunk)));
  for (auto& chunk : refused) TESSERA_TRY(tables.refused->append(std::move(chunk)));
  return {};
}

uint64_t LinkedSet::count() const {
  uint64_t total = 0;
  for (const uint64_t word : words_) total += static_cast<uint64_t>(std::popcount(word));
  return total;
}

void LinkCounts::add(const LinkCounts& other) {
  links.resize(std::max(links.size(), other.links.size()));
  for (size_t i = 0; i < other.links.size(); ++i) links[i] += other.links[i];
  linked_from += other.linked_from;
}

void GatheredColumn::clear() {
  numbers.clear();
  texts.clear();
  present.clear();
}

// What is written over is not cleared first: that would be one more walk over the column.
void GatheredColumn::take(const RawColumn& column, std::span<const uint32_t> rows) {
  if (column.form == RawColumn::Form::text) {
    numbers.clear();
    present.clear();
    texts.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) texts[i] = column.text(rows[i]);
    return;
  }
  texts.clear();
  numbers.resize(rows.size());
  if (column.present.empty()) {
    present.clear();
    for (size_t i = 0; i < rows.size(); ++i) numbers[i] = column.numbers[rows[i]];
    return;
  }
  present.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    present[i] = column.present[rows[i]];
    numbers[i] = present[i] ? column.numbers[rows[i]] : 0;
  }
}

void GatheredColumn::add(const CarriedValue& value, RawColumn::Form form) {
  if (form == RawColumn::Form::text) {
    texts.push_back(value.present ? value.text : std::string_view{});
  } else {
    numbers.push_back(value.number);
    present.push_back(value.present);
  }
}

OutValues GatheredColumn::values(RawColumn::Form form) const {
  if (form == RawColumn::Form::text) return {.texts = texts};
  return {.numbers = numbers, .present = present};
}

OutBatch take_rows(std::span<const RawColumn> columns, std::span<const uint32_t> rows,
                   std::vector<GatheredColumn>& into) {
  OutBatch batch{.rows = rows.size()};
  for (size_t c = 0; c < columns.size(); ++c) {
    into[c].take(columns[c], rows);
    batch.columns.push_back(into[c].values(columns[c].form));
  }
  return batch;
}

std::vector<OutColumn> Emitter::link_columns() const {
  const auto from = out_columns(from_, "from_id");
  const auto to = out_columns(to_, "to_id");
  std::vector<OutColumn> columns{from[0], to[0], {"rank", OutType::int32, false}, {"ties", OutType::int32, false}};
  columns.insert(columns.end(), from.begin() + 1, from.end());
  columns.insert(columns.end(), to.begin() + 1, to.end());
  if (job_.output.pattern) columns.push_back({"pattern", OutType::text});
  return columns;
}

std::vector<OutColumn> Emitter::refused_columns() const {
  return {out_columns(from_, "from_id")[0],
          out_columns(to_, "to_id")[0],
          {"rank", OutType::int32, false},
          {"reason", OutType::text}};
}

// Rows of the output, from matches of raw rows.
void rows_of_matches(std::span<const Match> matches, Emitter::Scratch& scratch) {
  scratch.rows.resize(matches.size());
  scratch.match.resize(matches.size());
  std::iota(scratch.match.begin(), scratch.match.end(), uint32_t{0});
  for (size_t i = 0; i < matches.size(); ++i) scratch.rows[i] = static_cast<uint32_t>(matches[i].from);
}

// The same where no record has two links.
template <class RawRow>
void rows_of_single_links(std::span<const Match> links, const Repeats& repeats, RawRow raw_row,
                          Emitter::Scratch& scratch) {
  constexpr uint32_t none = UINT32_MAX;
  auto& link_of = scratch.begin;
  link_of.assign(repeats.records(), none);
  for (size_t i = 0; i < links.size(); ++i) link_of[links[i].from] = static_cast<uint32_t>(i);
  uint32_t *const rows = scratch.rows.data(), *const match = scratch.match.data();
  size_t at = 0;
  for (size_t i = 0; i < repeats.like.size(); ++i) {
    const uint32_t link = link_of[repeats.like[i]];
    rows[at] = raw_row(i);  // no branch: nearly always there is one
    match[at] = link;
    at += link != none;
  }
}

template <class RawRow>
void rows_of_several_links(std::span<const Match> links, const Repeats& repeats, RawRow raw_row,
                           Emitter::Scratch& scratch) {
  auto& begin = scratch.begin;
  begin.assign(repeats.records() + 1, 0);
  for (const Match& m : links) ++begin[m.from + 1];
  for (size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  size_t at = 0;
  for (size_t i = 0; i < repeats.like.size(); ++i) {
    const uint32_t like = repeats.like[i];
    for (uint32_t k = begin[like]; k < begin[like + 1]; ++k) {
      scratch.rows[at] = raw_row(i);
      scratch.match[at++] = k;
    }
  }
}

// The same from links of distinct records, each as often as it has rows.
void rows_of_repeats(std::span<const Match> links, const Repeats& repeats, std::span<const uint32_t> used,
                     Emitter::Scratch& scratch) {
  size_t total = 0;
  bool several = false;
  for (size_t i = 0; i < links.size(); ++i) {
    total += repeats.copies[links[i].from];
    several |= i > 0 && links[i].from == links[i - 1].from;
  }
  scratch.rows.resize(total + 1);
  scratch.match.resize(total + 1);
  const auto fill = [&](auto raw_row) {
    several ? rows_of_several_links(links, repeats, raw_row, scratch)
            : rows_of_single_links(links, repeats, raw_row, scratch);
  };
  used.empty() ? fill([](size_t i) { return static_cast<uint32_t>(i); }) : fill([used](size_t i) { return used[i]; });
  scratch.rows.resize(total);
  scratch.match.resize(total);
}

Status Emitter::gather(std::span<const RawColumn> outputs, std::span<const Match> matches, RowsOut out, bool carried,
                       Scratch& scratch) const {
  const size_t from_columns = carried ? from_.out_forms.size() : 1;
  const size_t to_columns = carried ? to_.out_forms.size() : 1;
  const size_t count = out.rows.size();
  scratch.from.resize(from_.out_forms.size());
  scratch.to.resize(to_.out_forms.size());
  scratch.patterns.clear();
  scratch.texts.clear();
  scratch.rank.resize(count);
  scratch.ties.resize(count);
  const auto passes = plan_.table.passes();
  scratch.to[0].numbers.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const Match& m = matches[out.match[i]];
    scratch.rank[i] = passes[static_cast<size_t>(std::countr_zero(m.passes))].rank;
    scratch.ties[i] = m.ties;
    scratch.to[0].numbers[i] = static_cast<int64_t>(m.payload);
  }
  for (size_t c = 0; c < from_columns; ++c) scratch.from[c].take(outputs[c], out.rows);
  if (store_.ids_only()) return {};
  for (auto& column : scratch.to) column.clear();
  for (const uint32_t at : out.match) {
    TESSERA_TRY(store_.read(matches[at].payload, scratch.row, scratch.buffer));
    for (size_t c = 0; c < to_columns; ++c) {
      CarriedValue value = scratch.row[c];
      if (store_.on_disk() && to_.out_forms[c] == RawColumn::Form::text && value.present)
        value.text = scratch.texts.emplace_back(value.text);  // the buffer is used again for the next row
      scratch.to[c].add(value, to_.out_forms[c]);
    }
  }
  return {};
}

void Emitter::add_pattern(const Match& match, Scratch& scratch) const {
  std::string& text = scratch.texts.emplace_back();
  for (size_t i = 0; i < plan_.conditions.size(); ++i) text += match.pattern >> i & 1 ? '1' : '0';
  scratch.patterns.push_back(text);
}

// Whether a record is linked already is asked first, for some links together, and without a branch: nearly half of all
// guesses would be wrong at the beginning.
void Emitter::mark(std::span<const Match> links) const {
  constexpr size_t block_links = 256, ahead = 48;
  uint32_t fresh[block_links];
  for (size_t begin = 0; begin < links.size(); begin += block_links) {
    const size_t end = std::min(links.size(), begin + block_links);
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) {
      linked_to_.prefetch(links[std::min(i + ahead, links.size() - 1)].to);
      fresh[count] = links[i].to;
      count += linked_to_.seen(links[i].to) ? 0 : 1;
    }
    for (size_t i = 0; i < count; ++i) linked_to_.set(fresh[i]);
  }
}

void Emitter::count(std::span<const Match> links, const Repeats* repeats, LinkCounts& counts) const {
  counts.links.resize(plan_.table.passes().size());
  uint64_t last = UINT64_MAX;
  for (const Match& m : links) {
    const uint64_t copies = repeats ? repeats->copies[m.from] : 1;
    counts.links[static_cast<size_t>(std::countr_zero(m.passes))] += copies;
    counts.linked_from += m.from != last ? copies : 0;
    last = m.from;
  }
}

// Some rows at a time: what is gathered of them is still in the cache when the writer takes it.
Status Emitter::emit_links(std::span<const RawColumn> outputs, std::span<const Match> links, const StepTables& tables,
                           Scratch& scratch, EmittedChunks& out) const {
  constexpr size_t block_rows = 4096;
  for (size_t first = 0; first < scratch.rows.size(); first += block_rows) {
    const size_t count = std::min(block_rows, scratch.rows.size() - first);
    const RowsOut part{std::span(scratch.rows).subspan(first, count), std::span(scratch.match).subspan(first, count)};
    TESSERA_TRY(gather(outputs, links, part, true, scratch));
    OutBatch batch{.rows = count};
    batch.columns = {scratch.from[0].values(from_.out_forms[0]),
                     scratch.to[0].values(to_.out_forms[0]),
                     {.numbers = scratch.rank},
                     {.numbers = scratch.ties}};
    for (size_t c = 1; c < scratch.from.size(); ++c)
      batch.columns.push_back(scratch.from[c].values(from_.out_forms[c]));
    for (size_t c = 1; c < scratch.to.size(); ++c) batch.columns.push_back(scratch.to[c].values(to_.out_forms[c]));
    if (job_.output.pattern) {
      for (const uint32_t at : part.match) add_pattern(links[at], scratch);
      batch.columns.push_back({.texts = scratch.patterns});
    }
    out.links.push_back(tables.links->prepare(batch));
  }
  return {};
}

Status Emitter::emit(std::span<const RawColumn> outputs, size_t rows, std::span<const uint32_t> used,
                     std::span<const Match> links, const Repeats* repeats, std::span<const Match> refused,
                     const StepTables& tables, Scratch& scratch, EmittedChunks& out) const {
  count(links, repeats, scratch.counts);
  mark(links);
  if (tables.unmatched_from) scratch.linked.assign(rows, 0);
  if (!links.empty()) {
    repeats ? rows_of_repeats(links, *repeats, used, scratch) : rows_of_matches(links, scratch);
    if (tables.unmatched_from)
      for (const uint32_t row : scratch.rows) scratch.linked[row] = 1;
    TESSERA_TRY(emit_links(outputs, links, tables, scratch, out));
  }
  if (tables.refused && !refused.empty()) {
    rows_of_matches(refused, scratch);
    TESSERA_TRY(gather(outputs, refused, {scratch.rows, scratch.match}, false, scratch));
    scratch.reasons.assign(refused.size(), plan_.limits.size() == 1 ? std::string_view(plan_.limits[0].text)
                                                                    : std::string_view("beyond a limit of \"refuse\""));
    OutBatch batch{.rows = refused.size()};
    batch.columns = {scratch.from[0].values(from_.out_forms[0]),
                     scratch.to[0].values(to_.out_forms[0]),
                     {.numbers = scratch.rank},
                     {.texts = scratch.reasons}};
    out.refused.push_back(tables.refused->prepare(batch));
  }
  if (tables.unmatched_from) {
    scratch.from.resize(from_.out_forms.size());
    scratch.rows.clear();
    const size_t candidates = used.empty() ? rows : used.size();
    for (size_t i = 0; i < candidates; ++i) {
      const size_t row = used.empty() ? i : used[i];
      if (!scratch.linked[row]) scratch.rows.push_back(static_cast<uint32_t>(row));
    }
    if (!scratch.rows.empty())
      out.unmatched_from.push_back(tables.unmatched_from->prepare(take_rows(outputs, scratch.rows, scratch.from)));
  }
  return {};
}

}  // namespace tessera
