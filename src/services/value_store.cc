// value_store.cc: how do words of records become columns of codes? (see value_store.h)
#define XXH_INLINE_ALL
#include "services/value_store.h"

#include <oneapi/tbb/parallel_for.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

#include "base/touch.h"
#include "record/long_texts.h"
#include "record/word_text.h"
#include "record/words.h"

namespace tessera {

namespace {

constexpr uint64_t empty_text_key = 0x00ff'ffff'ffff'ffff;  // no word of any kind
constexpr size_t piece = 4096;  // values that are evaluated before they are put in, in order

bool may_be_long(Kind kind) {
  return kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token ||
         kind == Kind::postcode || kind == Kind::clk;
}

// The words of all values but null, by code.
std::vector<uint64_t> words_of(const ValueDomain& values) {
  std::vector<uint64_t> words(values.size() - 1);
  for (size_t i = 0; i < words.size(); ++i) words[i] = values.word(static_cast<Code>(i + 1));
  return words;
}

uint64_t text_key(std::string_view text) { return text.empty() ? empty_text_key : text_word(text); }

// The words that were written down with their texts, stretch after stretch.
class LoggedTexts {
 public:
  void add(const TextLog& log) {
    for (size_t s = 0; s < log.stretches(); ++s) {
      stretches_.push_back({&log, s});
      words_.push_back({log.words(s)});
      count_ += log.words(s).size();
    }
  }
  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] const WordColumn& words() const { return words_; }
  // By code - `first`, of `wanted` codes: the text. `codes`: of the words.
  [[nodiscard]] std::vector<std::string_view> by_code(std::span<const Code> codes, Code first, size_t wanted) const {
    std::vector<uint64_t> places;  // a stretch, from 1, and a word of it
    grow_touched(places, wanted);
    std::vector<size_t> begins;
    size_t begin = 0;
    for (const auto& words : words_) begins.push_back(std::exchange(begin, begin + words.size()));
    tbb::parallel_for(size_t{0}, stretches_.size(), [&](size_t s) {
      for (size_t i = 0; i < words_[s].size(); ++i) {
        const size_t at = size_t{codes[begins[s] + i]} - first;  // known before: beyond all
        if (at < wanted) std::atomic_ref(places[at]).store(uint64_t{s + 1} << 32 | i, std::memory_order_relaxed);
      }
    });
    std::vector<std::string_view> texts;
    grow_touched(texts, wanted);
    tbb::parallel_for(tbb::blocked_range<size_t>(0, wanted, 1 << 14), [&](const auto& range) {
      for (size_t at = range.begin(); at < range.end(); ++at) {
        if (places[at] == 0) continue;
        const auto& [log, stretch] = stretches_[(places[at] >> 32) - 1];
        texts[at] = log->text(stretch, static_cast<uint32_t>(places[at]));
      }
    });
    return texts;
  }

 private:
  std::vector<std::pair<const TextLog*, size_t>> stretches_;
  WordColumn words_;
  size_t count_ = 0;
};

// Texts that an expression makes of the values [begin, end), all in parallel: they are coded as words are.
class TextsMade {
 public:
  TextsMade(size_t begin, size_t end, bool empty_texts, const auto& evaluate) : words_(end - begin) {
    pieces_.resize((words_.size() + piece - 1) / piece);
    tbb::parallel_for(size_t{0}, pieces_.size(), [&](size_t p) {
      Scalar result;
      Piece& to = pieces_[p];
      for (size_t i = p * piece; i < std::min(words_.size(), (p + 1) * piece); ++i) {
        evaluate(begin + i, result);
        const bool null = result.null || (result.text.empty() && !empty_texts);
        words_[i] = null ? 0 : text_key(result.text);
        if (!null) to.bytes += result.text;
        to.ends.push_back(static_cast<uint32_t>(to.bytes.size()));
      }
    });
  }
  [[nodiscard]] const std::vector<uint64_t>& words() const { return words_; }  // 0: null
  [[nodiscard]] std::string_view text(size_t i) const {
    const Piece& of = pieces_[i / piece];
    const size_t at = i % piece, from = at == 0 ? 0 : of.ends[at - 1];
    return std::string_view(of.bytes).substr(from, of.ends[at] - from);
  }

 private:
  struct Piece {
    std::string bytes;
    std::vector<uint32_t> ends;
  };
  std::vector<uint64_t> words_;
  std::vector<Piece> pieces_;
};

// Fields of one record, or of one value, as expressions see them.
FieldValue field_value(Kind kind, const ValueDomain& domain, Code code) {
  return {.kind = kind,
          .text = domain.text(code),
          .number = domain.number(code),
          .word = domain.word(code),
          .null = code == 0};
}

}  // namespace

Result<ValueStore> ValueStore::make(const ModelPlan& plan) {
  ValueStore store;
  store.plan_ = &plan;
  for (const ValueType type : plan.domains) store.domains_.emplace_back(type);
  store.keys_.resize(plan.domains.size());
  store.expressions_.resize(plan.columns.size());
  store.made_.resize(plan.columns.size());
  store.of_fields_.assign(plan.domains.size(), false);
  const auto kind_of = [&plan](const std::string& name) -> std::optional<Kind> {
    for (const PlanColumn& column : plan.columns)
      if (column.base && column.expression.text == name) return column.kind;
    return std::nullopt;
  };
  for (ColumnId c = 0; c < plan.columns.size(); ++c) {
    if (plan.columns[c].base) {
      store.base_.push_back(c);
      store.of_fields_[plan.columns[c].domain] = true;
    } else {
      TESSERA_ASSIGN(store.expressions_[c], Expression::compile(plan.columns[c].expression, kind_of));
    }
  }
  return store;
}

// Values of fields, and texts made of one, are coded without a map: where one is needed it learns of them first.
void ValueStore::learn(uint32_t domain) {
  Keys& keys = keys_[domain];
  const ValueDomain& values = domains_[domain];
  if (!of_fields_[domain]) return;
  for (CodeMap* const map = chunk_ ? &keys.chunk : &keys.kept; keys.learnt < values.size(); ++keys.learnt)
    map->find_or_add(values.word(static_cast<Code>(keys.learnt)), static_cast<Code>(keys.learnt));
}

// The code of a value that may be new; add() puts it into the domain.
Code ValueStore::code_of(uint32_t domain, uint64_t key, const auto& add) {
  learn(domain);
  Keys& keys = keys_[domain];
  if (chunk_)
    if (const Code kept = keys.kept.find(key); kept != 0) return kept;
  const auto next = static_cast<Code>(domains_[domain].size());
  const Code code = (chunk_ ? keys.chunk : keys.kept).find_or_add(key, next);
  if (code == next) add();
  return code;
}

void ValueStore::add_base(uint32_t domain, const WordTable& words, ValueTable& table) {
  ValueDomain& values = domains_[domain];
  std::vector<size_t> bases;  // of columns that have words
  std::vector<WordColumn> columns;
  std::vector<std::span<Code>> codes;
  for (size_t b = 0; b < base_.size(); ++b) {
    if (plan_->columns[base_[b]].domain != domain) continue;
    grow_touched(table.columns[base_[b]], table.rows);
    if (words.words[b].empty()) continue;
    bases.push_back(b);
    columns.push_back(words.words[b]);
    codes.emplace_back(table.columns[base_[b]]);
  }
  if (bases.empty()) return;
  LoggedTexts logged;
  for (const size_t b : bases)
    for (const TextLog* log : words.texts[b]) logged.add(*log);
  std::vector<Code> codes_of_logged(logged.size());
  columns.push_back(logged.words());
  codes.emplace_back(codes_of_logged);

  const auto first = static_cast<Code>(values.size());
  NewWords added = chunk_ ? code_chunk(domain, columns, codes) : code_words(words_of(values), columns, codes);
  // Words that were written down but no row has are the last.
  const size_t of_rows =
      static_cast<size_t>(std::ranges::lower_bound(added.places, bases.size() * table.rows) - added.places.begin());
  added.words.resize(of_rows);
  const std::vector<std::string_view> texts = logged.by_code(codes_of_logged, first, of_rows);

  const auto kind_of_column = [&](size_t b) { return plan_->columns[base_[bases[b]]].kind; };
  const bool one = bases.size() == 1;
  const Kind first_kind = kind_of_column(0);
  const auto kind_of = [&](size_t i) { return one ? first_kind : kind_of_column(added.places[i] / table.rows); };
  values.append(
      added.words,
      [&](size_t i, char* buffer) {
        if (!is_long_word(added.words[i]) || !may_be_long(kind_of(i)))
          return word_text(kind_of(i), added.words[i], buffer);
        assert(texts[i].data() != nullptr && "a long word whose text was not kept");
        return texts[i];
      },
      [&](size_t i) { return word_number(kind_of(i), added.words[i]); });
}

// Values that are kept are looked up; those of the chunk alone are coded among themselves.
NewWords ValueStore::code_chunk(uint32_t domain, std::span<const WordColumn> columns,
                                std::span<const std::span<Code>> codes) {
  const CodeMap& kept = keys_[domain].kept;
  const auto first = static_cast<Code>(domains_[domain].size() - 1);
  constexpr size_t ahead = 16, rows_a_task = 1 << 14;
  std::vector<std::vector<uint64_t>> rest;
  for (size_t c = 0; c < columns.size(); ++c) {
    rest.emplace_back(codes[c].size());
    size_t first_row = 0;
    for (const WordRun& run : columns[c]) {
      tbb::parallel_for(tbb::blocked_range<size_t>(0, run.size(), rows_a_task), [&](const auto& range) {
        for (size_t i = range.begin(), row = first_row + i; i < range.end(); ++i, ++row) {
          kept.prefetch(run.word(std::min(i + ahead, run.size() - 1)));
          const uint64_t word = run.word(i);
          codes[c][row] = word == 0 ? 0 : kept.find(word);
          rest[c][row] = codes[c][row] == 0 ? word : 0;
        }
      });
      first_row += run.size();
    }
  }
  std::vector<WordColumn> unknown;
  for (const auto& column : rest) unknown.push_back({{column}});
  std::vector<std::vector<Code>> own;
  for (const auto& column : rest) own.emplace_back(column.size());
  NewWords added = code_words({}, unknown, std::vector<std::span<Code>>(own.begin(), own.end()));
  for (size_t c = 0; c < own.size(); ++c)
    for (size_t row = 0; row < own[c].size(); ++row)
      if (own[c][row] != 0) codes[c][row] = first + own[c][row];
  return added;
}

Code ValueStore::intern(const PlanColumn& column, const Scalar& value) {
  if (value.null) return 0;
  const uint32_t domain = column.domain;
  switch (column.type) {
    case ValueType::text: {
      if (value.text.empty() && !column.empty_texts) return 0;
      const uint64_t word = text_key(value.text);
      return code_of(domain, word, [&] { domains_[domain].add_text(value.text, std::nan(""), word); });
    }
    case ValueType::truth: return value.truth ? 2 : 1;
    case ValueType::number: {
      if (std::isnan(value.number)) return 0;
      const double number = value.number == 0 ? 0.0 : value.number;  // one zero
      const uint64_t key = std::bit_cast<uint64_t>(number) + 1;
      return code_of(domain, key, [&] { domains_[domain].add_number(number); });
    }
    case ValueType::list: break;
  }
  std::vector<Code> items;
  for (const std::string& item : value.items) {
    if (item.empty() && !column.empty_texts) continue;
    const uint64_t word = text_key(item);
    items.push_back(
        code_of(column.item_domain, word, [&] { domains_[column.item_domain].add_text(item, std::nan(""), word); }));
  }
  std::ranges::sort(items);
  items.erase(std::ranges::unique(items).begin(), items.end());
  const uint64_t key = XXH3_64bits(items.data(), items.size() * sizeof(Code)) | 1;
  return code_of(domain, key, [&] { domains_[domain].add_list(items); });
}

Status ValueStore::derive(ColumnId id, ValueTable& table) {
  const PlanColumn& column = plan_->columns[id];
  const Expression& expression = *expressions_[id];
  std::vector<Code>& codes = table.columns[id];
  codes.clear();
  grow_touched(codes, table.rows);
  if (column.type == ValueType::truth && domains_[column.domain].size() == 1) {
    domains_[column.domain].add_number(0);
    domains_[column.domain].add_number(1);
  }
  std::vector<Scalar> results(piece);
  // Of one field: once for each distinct value.
  if (column.from.size() == 1) {
    const PlanColumn& base = plan_->columns[column.from[0]];
    const ValueDomain& values = domains_[base.domain];
    std::vector<Code>& made = made_[id];
    const size_t begin = made.size(), end = values.size();
    made.resize(end);
    const auto evaluate = [&](size_t value, Scalar& result) {
      const FieldValue field = field_value(base.kind, values, static_cast<Code>(value));
      expression.evaluate(std::span(&field, 1), result);
    };
    if (column.type == ValueType::text && !chunk_) {
      const TextsMade texts(begin, end, column.empty_texts, evaluate);
      const WordColumn words{{texts.words()}};
      const std::span<Code> made_now = std::span(made).subspan(begin);
      const NewWords added =
          code_words(words_of(domains_[column.domain]), std::span(&words, 1), std::span(&made_now, 1));
      domains_[column.domain].append(
          added.words, [&](size_t i, char*) { return texts.text(added.places[i]); },
          [](size_t) { return std::nan(""); });
      of_fields_[column.domain] = true;  // no map knows them
    } else {
      for (size_t at = begin; at < end; at += piece) {
        const size_t count = std::min(piece, end - at);
        tbb::parallel_for(tbb::blocked_range<size_t>(0, count, 256), [&](const auto& range) {
          for (size_t i = range.begin(); i < range.end(); ++i) evaluate(at + i, results[i]);
        });
        for (size_t i = 0; i < count; ++i) made[at + i] = intern(column, results[i]);
      }
    }
    const std::vector<Code>& from = table.columns[column.from[0]];
    tbb::parallel_for(tbb::blocked_range<size_t>(0, table.rows, 1 << 16), [&](const auto& range) {
      for (size_t row = range.begin(); row < range.end(); ++row) codes[row] = made[from[row]];
    });
    return {};
  }

  // Of none or several: record by record.
  for (size_t at = 0; at < table.rows; at += piece) {
    const size_t count = std::min(piece, table.rows - at);
    tbb::parallel_for(tbb::blocked_range<size_t>(0, count, 256), [&](const auto& range) {
      std::vector<FieldValue> fields(column.from.size());
      for (size_t i = range.begin(); i < range.end(); ++i) {
        for (size_t f = 0; f < fields.size(); ++f) {
          const PlanColumn& base = plan_->columns[column.from[f]];
          fields[f] = field_value(base.kind, domains_[base.domain], table.columns[column.from[f]][at + i]);
        }
        expression.evaluate(fields, results[i]);
      }
    });
    for (size_t i = 0; i < count; ++i) codes[at + i] = intern(column, results[i]);
  }
  return {};
}

Result<ValueTable> ValueStore::add(WordTable& words) {
  ValueTable table{.rows = words.rows, .columns = {}, .source = std::move(words.source)};
  table.columns.resize(plan_->columns.size());
  for (const auto& domain : domains_)
    if (domain.size() + words.rows > UINT32_MAX)
      return fail(ErrorCode::resource, "a field has more than 4,294,967,295 distinct values; split the job");

  // Two domains at a time: one has work while the other puts its parts together. More would take more memory.
  std::atomic<uint32_t> next = 0;
  tbb::parallel_for(0, 2, [&](int) {
    for (uint32_t d = next++; d < domains_.size(); d = next++)
      if (of_fields_[d]) add_base(d, words, table);
  });
  words.words.clear();
  words.held.clear();
  words.no_places.clear();
  for (ColumnId c = 0; c < plan_->columns.size(); ++c)
    if (!plan_->columns[c].base) TESSERA_TRY(derive(c, table));
  return table;
}

void ValueStore::begin_chunk() {
  for (uint32_t d = 0; d < domains_.size(); ++d) learn(d);
  sizes_.clear();
  for (const ValueDomain& domain : domains_) sizes_.push_back(domain.size());
  chunk_ = true;
}

void ValueStore::end_chunk() {
  for (size_t d = 0; d < domains_.size(); ++d) {
    domains_[d].truncate(sizes_[d]);
    keys_[d].chunk.clear();
    keys_[d].learnt = std::min(keys_[d].learnt, sizes_[d]);
  }
  for (ColumnId c = 0; c < made_.size(); ++c)
    if (plan_->columns[c].from.size() == 1)
      made_[c].resize(std::min(made_[c].size(), sizes_[plan_->columns[plan_->columns[c].from[0]].domain]));
  chunk_ = false;
}

size_t ValueStore::bytes() const {
  size_t total = 0;
  for (const ValueDomain& domain : domains_) total += domain.bytes();
  for (const Keys& keys : keys_) total += keys.kept.bytes() + keys.chunk.bytes();
  return total;
}

}  // namespace tessera
