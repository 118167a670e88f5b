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

void GatheredColumn::take(const RawColumn& column, std::span<const uint32_t> rows) {
  clear();
  if (column.form == RawColumn::Form::text) {
    texts.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) texts[i] = column.text(rows[i]);
    return;
  }
  numbers.resize(rows.size());
  if (column.present.empty()) {
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

Status Emitter::gather(std::span<const RawColumn> outputs, std::span<const Match> matches, bool carried,
                       Scratch& scratch) const {
  const size_t from_columns = carried ? from_.out_forms.size() : 1;
  const size_t to_columns = carried ? to_.out_forms.size() : 1;
  const size_t count = matches.size();
  scratch.from.resize(from_.out_forms.size());
  scratch.to.resize(to_.out_forms.size());
  scratch.patterns.clear();
  scratch.texts.clear();
  scratch.rows.resize(count);
  scratch.rank.resize(count);
  scratch.ties.resize(count);
  for (size_t i = 0; i < count; ++i) {
    scratch.rows[i] = static_cast<uint32_t>(matches[i].from);
    scratch.rank[i] = plan_.table.passes()[static_cast<size_t>(std::countr_zero(matches[i].passes))].rank;
    scratch.ties[i] = matches[i].ties;
  }
  for (size_t c = 0; c < from_columns; ++c) scratch.from[c].take(outputs[c], scratch.rows);
  for (auto& column : scratch.to) column.clear();
  if (store_.ids_only()) {
    scratch.to[0].numbers.resize(count);
    for (size_t i = 0; i < count; ++i) scratch.to[0].numbers[i] = static_cast<int64_t>(matches[i].payload);
    return {};
  }
  for (const Match& m : matches) {
    TESSERA_TRY(store_.read(m.payload, scratch.row, scratch.buffer));
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

Status Emitter::emit(std::span<const RawColumn> outputs, size_t rows, std::span<const uint32_t> used,
                     std::span<const Match> links, std::span<const Match> refused, const StepTables& tables,
                     Scratch& scratch, EmittedChunks& out) const {
  LinkCounts& counts = scratch.counts;
  counts.links.resize(plan_.table.passes().size());
  uint64_t last = UINT64_MAX;
  constexpr size_t ahead = 16;
  for (size_t i = 0; i < links.size(); ++i) {
    const Match& m = links[i];
    if (i + ahead < links.size()) linked_to_.prefetch(links[i + ahead].to);
    ++counts.links[static_cast<size_t>(std::countr_zero(m.passes))];
    linked_to_.set(m.to);
    counts.linked_from += m.from != last;
    last = m.from;
  }
  if (!links.empty()) {
    TESSERA_TRY(gather(outputs, links, true, scratch));
    OutBatch batch{.rows = links.size()};
    batch.columns = {scratch.from[0].values(from_.out_forms[0]),
                     scratch.to[0].values(to_.out_forms[0]),
                     {.numbers = scratch.rank},
                     {.numbers = scratch.ties}};
    for (size_t c = 1; c < scratch.from.size(); ++c)
      batch.columns.push_back(scratch.from[c].values(from_.out_forms[c]));
    for (size_t c = 1; c < scratch.to.size(); ++c) batch.columns.push_back(scratch.to[c].values(to_.out_forms[c]));
    if (job_.output.pattern) {
      for (const Match& m : links) add_pattern(m, scratch);
      batch.columns.push_back({.texts = scratch.patterns});
    }
    out.links.push_back(tables.links->prepare(batch));
  }
  if (tables.refused && !refused.empty()) {
    TESSERA_TRY(gather(outputs, refused, false, scratch));
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
    scratch.linked.assign(rows, 0);
    for (const Match& m : links) scratch.linked[m.from] = 1;
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
