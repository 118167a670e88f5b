// walk.cc: how is an input walked, in parallel and in order?
#include "services/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include <unistd.h>

namespace tessera {

bool progress_wanted(const RunOptions& options) {
  if (options.quiet || options.progress == RunOptions::Progress::never) return false;
  return options.progress == RunOptions::Progress::always || isatty(2);
}

std::vector<OutColumn> reject_columns() {
  return {{"input", OutType::text},
          {"file", OutType::text},
          {"row", OutType::int64},
          {"field", OutType::text},
          {"reason", OutType::text}};
}

void Tally::report(InputReport& report) const {
  report.rows = rows_;
  report.filtered = filtered_;
  report.rejected = rejected_;
}

Status Tally::add(const Morsel& morsel, std::vector<Reject>& rejects, uint64_t used) {
  if (morsel.file() != file_) {
    file_ = morsel.file();
    file_rows_ = 0;
  }
  rows_ += used;
  filtered_ += morsel.rows_filtered();
  rejected_ += rejects.size();
  if (!rejects.empty() && rejects_) {
    std::ranges::stable_sort(rejects, {}, &Reject::row);
    std::vector<std::string_view> inputs(rejects.size(), input_.name), files(rejects.size(), input_.paths[file_]);
    std::vector<std::string_view> fields, reasons;
    std::vector<int64_t> rows;
    for (const Reject& reject : rejects) {
      rows.push_back(static_cast<int64_t>(file_rows_ + reject.row + 1));
      fields.push_back(reject.field < 0 ? std::string_view{}
                                        : std::string_view(input_.fields[static_cast<size_t>(reject.field)].name));
      reasons.push_back(reason_text(reject.reason));
    }
    OutBatch batch{
        .rows = rejects.size(),
        .columns = {{.texts = inputs}, {.texts = files}, {.numbers = rows}, {.texts = fields}, {.texts = reasons}}};
    TESSERA_TRY(rejects_->append(rejects_->prepare(batch)));
  }
  file_rows_ += morsel.rows_seen();
  if (input_.reject_limit && rejected_ > *input_.reject_limit)
    return fail(
        ErrorCode::data,
        fmt::format("the input \"{}\" has more than {} rows that cannot be used (at least {} by {}); correct the "
                    "data, or raise \"reject_limit\" of the input",
                    input_.name, *input_.reject_limit, rejected_, input_.paths[file_]));
  return {};
}

}  // namespace tessera
