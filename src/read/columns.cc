// columns.cc: from the columns that were read to the batch that is handed on.
#include "read/columns.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace tessera {

namespace {

int32_t field_of(const Input& input, const std::string& column) {
  for (size_t i = 0; i < input.fields.size(); ++i) {
    const FieldSpec& field = input.fields[i];
    if (std::ranges::find(field.columns, column) != field.columns.end() || field.day == column ||
        field.month == column || field.year == column) {
      return static_cast<int32_t>(i);
    }
  }
  return -1;
}

// Keeps the values of the rows that `keep` marks.
template <class T>
std::span<T> compact(std::span<const T> values, const uint8_t* keep, Buffer<T>& own) {
  if (values.empty()) return {};
  assert(values.data() == own.data() && "row values lie in the scratch");
  T* to = own.data();
  size_t kept = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    to[kept] = to[i];
    kept += keep[i];
  }
  return {to, kept};
}

}  // namespace

ColumnPlan::ColumnPlan(const Input& input, const std::vector<std::string>& asked) {
  const auto add = [&](const std::string& name) {
    const auto at = std::ranges::find(names, name);
    if (at != names.end()) return static_cast<size_t>(at - names.begin());
    names.push_back(name);
    field.push_back(field_of(input, name));
    bytes.push_back(field.back() >= 0 && input.fields[static_cast<size_t>(field.back())].binary);
    return names.size() - 1;
  };
  for (const std::string& name : asked) handed_on.push_back(add(name));
  if (input.where) {
    std::vector<std::string> filtered;
    columns_of(*input.where, filtered);
    for (const std::string& name : filtered) add(name);
    filter.emplace(*input.where, names);
  }
}

size_t finish_batch(const ColumnPlan& plan, ReadScratch& scratch, size_t rows, uint64_t first_row,
                    const uint32_t* places, RowFilter::Work& work, RawBatch& out) {
  static_assert(sizeof(RowFilter::Truth) == 1);
  size_t filtered = 0;
  size_t kept = rows;
  uint8_t* keep = nullptr;
  if (plan.filter || !scratch.unusable.empty()) {
    keep = scratch.verdict.take(rows);
    if (plan.filter) {
      plan.filter->test(scratch.raw, rows, reinterpret_cast<RowFilter::Truth*>(keep), work);
    } else {
      std::fill_n(keep, rows, uint8_t{1});
    }
    for (const uint32_t row : scratch.unusable) keep[row] = 2;
    kept = 0;
    for (size_t i = 0; i < rows; ++i) {
      keep[i] = keep[i] == 1;
      kept += keep[i];
    }
    filtered = rows - kept;
    // A row that is both rejected and left out counts as rejected.
    size_t rejected = 0;
    for (size_t k = 0; k < scratch.unusable.size(); ++k) {
      rejected += k == 0 || scratch.unusable[k] != scratch.unusable[k - 1];
    }
    filtered -= rejected;
  }

  out.rows = kept;
  out.first_row = first_row;
  out.row_of.clear();
  if (places != nullptr || kept != rows) {
    out.row_of.resize(rows);
    size_t count = 0;
    for (size_t i = 0; i < rows; ++i) {
      out.row_of[count] = places != nullptr ? places[i] : static_cast<uint32_t>(first_row + i);
      count += keep == nullptr ? 1 : keep[i];
      if (count == kept) break;
    }
    out.row_of.resize(kept);
  }
  if (kept != rows) {
    for (size_t c = 0; c < scratch.raw.size(); ++c) {
      RawColumn& column = scratch.raw[c];
      ColumnBuffers& own = scratch.column(c);
      if (column.form != RawColumn::Form::text) {
        column.numbers = compact(column.numbers, keep, own.numbers);
        column.present = compact(column.present, keep, own.present);
      } else if (!column.indices.empty()) {
        column.indices = compact(column.indices, keep, own.indices);
      } else {
        column.texts = compact(column.texts, keep, own.texts);
      }
    }
  }
  out.columns.resize(plan.handed_on.size());
  for (size_t k = 0; k < plan.handed_on.size(); ++k) out.columns[k] = scratch.raw[plan.handed_on[k]];
  return filtered;
}

void settle_rejects(std::vector<Reject>& rejects, size_t first, std::vector<uint32_t>& unusable) {
  const auto from = rejects.begin() + static_cast<ptrdiff_t>(first);
  if (rejects.end() - from > 1) {
    std::sort(from, rejects.end(), [](const Reject& a, const Reject& b) {
      return std::tie(a.row, a.reason, a.field) < std::tie(b.row, b.reason, b.field);
    });
    rejects.erase(std::unique(from, rejects.end(), [](const Reject& a, const Reject& b) { return a.row == b.row; }),
                  rejects.end());
  }
  if (unusable.size() > 1) {
    std::ranges::sort(unusable);
    unusable.erase(std::unique(unusable.begin(), unusable.end()), unusable.end());
  }
}

std::vector<std::string> named_columns(const Input& input) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  add(input.id);
  for (const FieldSpec& field : input.fields) {
    for (const std::string& name : field.columns) add(name);
    for (const std::string& name : {field.day, field.month, field.year}) add(name);
  }
  std::vector<std::string> filtered;
  if (input.where) columns_of(*input.where, filtered);
  for (const std::string& name : filtered) add(name);
  return names;
}

Status check_shared_columns(const Input& input, const std::vector<std::string>& first,
                            const std::vector<std::string>& there, const std::string& path) {
  for (const std::string& name : named_columns(input)) {
    const bool shared = std::ranges::find(there, name) != there.end();
    if (!shared && std::ranges::find(first, name) != first.end()) {
      return std::unexpected(no_such_column(name, path, there));
    }
  }
  return {};
}

Error no_such_column(const std::string& name, const std::string& path, const std::vector<std::string>& there) {
  std::string names;
  for (const std::string& one : there) names += (names.empty() ? "" : ", ") + one;
  return {ErrorCode::usage, path + ": there is no column \"" + name + "\"; its columns are " + names};
}

}  // namespace tessera
