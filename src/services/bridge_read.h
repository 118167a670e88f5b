// bridge_read.h: how is a bridging file walked through?
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "job/job.h"
#include "read/read.h"

namespace tessera {

// Gives every batch of `columns` to `take`, in order. A row that cannot be read is an error: half a bridge is none.
template <class Take>
Status each_bridge_batch(const Input& input, const std::vector<std::string>& columns, Take&& take) {
  TESSERA_ASSIGN(const auto source, open_source(input, columns));
  const ReadScratchPtr scratch = make_read_scratch();
  for (;;) {
    TESSERA_ASSIGN(const auto morsel, source->next());
    if (!morsel) return {};
    use_scratch(*morsel, *scratch);
    RawBatch raw;
    std::vector<Reject> rejects;
    for (;;) {
      TESSERA_ASSIGN(const bool more, morsel->next(raw, rejects));
      if (!rejects.empty())
        return fail(ErrorCode::data,
                    fmt::format("{}: has rows that cannot be read\nhelp: use the file as tessera bridge wrote it",
                                input.paths.front()));
      if (!more) break;
      TESSERA_TRY(take(std::as_const(raw)));
    }
  }
}

// A pseudonym or a mark, written out; empty if it is missing. `buffer`: for those that are numbers.
[[nodiscard]] inline std::string_view text_of_value(const RawColumn& column, size_t row, std::string& buffer) {
  if (column.null(row)) return {};
  if (column.form == RawColumn::Form::text) return column.text(row);
  return buffer = std::to_string(column.numbers[row]);
}

}  // namespace tessera
