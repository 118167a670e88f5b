// reading.h: reads a source to its end and looks at every byte that it hands on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/driver.h"
#include "read/read.h"
#include "read/utf8.h"

namespace tessera::fuzz {

struct Outcome {
  bool failed = false;
  ErrorCode code = ErrorCode::internal;
  uint64_t rows = 0;
  uint64_t rejected = 0;
  std::vector<uint64_t> digests;  // of the values of each column, in order
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline void look(const RawColumn& column, size_t rows, uint64_t& digest) {
  const auto mix = [&](uint64_t value) { digest = (digest ^ value) * 0x9E3779B97F4A7C15u; };
  for (size_t i = 0; i < rows; ++i) {
    if (column.null(i)) {
      mix(1);
    } else if (column.form == RawColumn::Form::text) {
      const std::string_view text = column.text(i);
      if (!is_utf8(text)) found("handed on text that is not UTF-8");
      for (const char byte : text) mix(static_cast<unsigned char>(byte) + 2u);
    } else {
      mix(static_cast<uint64_t>(column.numbers[i]));
    }
  }
}

inline Outcome read_to_end(const Input& input, const std::vector<std::string>& columns, const ReadOptions& options) {
  Outcome out;
  const auto failed = [&](const Error& error) {
    if (error.message.empty()) found("an error without a message");
    if (error.code == ErrorCode::internal) found("bad input blamed on us");
    out.failed = true;
    out.code = error.code;
    return out;
  };
  auto source = open_source(input, columns, options);
  if (!source) return failed(source.error());
  const ReadScratchPtr scratch = make_read_scratch();
  for (;;) {
    auto morsel = (*source)->next();
    if (!morsel) return failed(morsel.error());
    if (!*morsel) return out;
    use_scratch(**morsel, *scratch);
    RawBatch batch;
    std::vector<Reject> rejects;
    uint64_t rows = 0;
    uint64_t last = 0;
    for (;;) {
      const auto more = (*morsel)->next(batch, rejects);
      if (!more) return failed(more.error());
      if (!*more) break;
      for (size_t i = 0; i < batch.rows; ++i) {
        if (batch.place(i) + 1 <= last) found("rows out of order");
        last = batch.place(i) + 1;
      }
      out.digests.resize(columns.size());
      for (size_t c = 0; c < columns.size(); ++c) look(batch.columns[c], batch.rows, out.digests[c]);
      rows += batch.rows;
    }
    if (rows + rejects.size() + (*morsel)->rows_filtered() != (*morsel)->rows_seen()) found("rows lost");
    out.rows += rows;
    out.rejected += rejects.size();
  }
}

}  // namespace tessera::fuzz
