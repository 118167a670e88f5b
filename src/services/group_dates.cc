// group_dates.cc: when was a person last active?
#include "services/group_dates.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace tessera {

namespace {

constexpr size_t shard_count = 256;

struct Key {
  uint64_t low = 0, high = 0;
  friend bool operator==(const Key&, const Key&) = default;
};

Key key_of(const RawColumn& group, size_t row) {
  if (group.null(row)) return {};
  XXH128_hash_t hash;
  if (group.form == RawColumn::Form::text) {
    const std::string_view text = group.text(row);
    hash = XXH3_128bits(text.data(), text.size());
  } else {
    hash = XXH3_128bits(&group.numbers[row], sizeof(int64_t));
  }
  return {hash.low64 | 1, hash.high64};  // low 0: no group
}

size_t raw_row(const WordBatch& rows, size_t i) { return rows.raw_row.empty() ? i : rows.raw_row[i]; }

}  // namespace

struct GroupDates::Shard {
  struct Entry {
    Key key;
    uint64_t date = 0;
  };
  std::mutex mutex;
  std::vector<Entry> table = std::vector<Entry>(64);
  size_t used = 0;

  [[nodiscard]] size_t place(const std::vector<Entry>& in, const Key& key) const {
    size_t at = key.high & (in.size() - 1);
    while (in[at].key.low && in[at].key != key) at = (at + 1) & (in.size() - 1);
    return at;
  }
  void put(const Key& key, uint64_t date) {
    if ((used + 1) * 4 > table.size() * 3) {
      std::vector<Entry> larger(table.size() * 2);
      for (const Entry& entry : table)
        if (entry.key.low) larger[place(larger, entry.key)] = entry;
      table = std::move(larger);
    }
    Entry& entry = table[place(table, key)];
    used += entry.key.low == 0;
    entry.key = key;
    entry.date = std::max(entry.date, date);
  }
};

GroupDates::GroupDates() : shards_(std::make_unique<Shard[]>(shard_count)) {}
GroupDates::~GroupDates() = default;
GroupDates::GroupDates(GroupDates&&) noexcept = default;
GroupDates& GroupDates::operator=(GroupDates&&) noexcept = default;

void GroupDates::add(const RawColumn& group, const WordBatch& rows, const std::vector<uint64_t>& dates) {
  struct Item {
    Key key;
    uint64_t date;
  };
  std::array<std::vector<Item>, shard_count> bins;
  for (size_t i = 0; i < rows.rows; ++i) {
    const Key key = key_of(group, raw_row(rows, i));
    if (key.low && full_date(dates[i])) bins[key.high >> 56].push_back({key, dates[i]});
  }
  for (size_t s = 0; s < shard_count; ++s) {
    if (bins[s].empty()) continue;
    const std::lock_guard lock(shards_[s].mutex);
    for (const Item& item : bins[s]) shards_[s].put(item.key, item.date);
  }
}

void GroupDates::apply(const RawColumn& group, const WordBatch& rows, std::vector<uint64_t>& dates) const {
  for (size_t i = 0; i < rows.rows; ++i) {
    const Key key = key_of(group, raw_row(rows, i));
    if (!key.low) continue;
    const Shard& shard = shards_[key.high >> 56];
    const Shard::Entry& entry = shard.table[shard.place(shard.table, key)];
    if (entry.key.low) dates[i] = entry.date;
  }
}

uint64_t GroupDates::groups() const {
  uint64_t total = 0;
  for (size_t s = 0; s < shard_count; ++s) total += shards_[s].used;
  return total;
}

Result<GroupDates> collect_group_dates(const Job& job, const Side& from, const DateLimit& limit,
                                       const WalkOptions& options) {
  const Input& input = *from.input;
  TESSERA_ASSIGN(Side side, make_side(job, input, from.shape, {from.words[limit.from.slot]}));
  side.groups = {limit.group};
  TESSERA_ASSIGN(const auto source, open_source(input, side.columns(true), options.read));
  struct Local {
    std::unique_ptr<Standardiser::Scratch, void (*)(Standardiser::Scratch*)> standardise;
    WordBatch words;
  };
  tbb::enumerable_thread_specific<Local> locals([&] { return Local{side.standardiser.scratch(), {}}; });
  Progress progress("last dates of " + input.name, side.shape.rows, options.show_progress);
  GroupDates dates;
  auto process = [&](Morsel& morsel, uint64_t, std::vector<Reject>& rejects, uint64_t& rows) -> Status {
    Local& local = locals.local();
    RawBatch raw;
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel.next(raw, rejects));
      if (!more) return {};
      side.standardiser.run(raw, local.words, rejects, *local.standardise);
      drop_missing_ids(raw, side.outputs(raw, true)[0], local.words, rejects);
      dates.add(side.group_columns(raw)[0], local.words, local.words.words[0]);
      rows += local.words.rows;
    }
  };
  auto finish = [&](const Morsel&, std::vector<Reject>&, uint64_t rows) -> Status {
    progress.add(rows);
    return {};
  };
  TESSERA_TRY(walk<uint64_t>(*source, options, process, finish));
  return dates;
}

}  // namespace tessera
