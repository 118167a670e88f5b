// slow_csv.h: what does a CSV text say? One character at a time.
//
// The twin of src/read/csv_*.cc: the rules of csv_index.h, as a reader would
// write them down.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::reference {

struct SlowCsv {
  std::vector<std::vector<std::string>> rows;  // blank lines left out
  bool open_quote = false;                     // at the end
};

inline SlowCsv slow_csv(std::string_view text, char delimiter) {
  SlowCsv out;
  std::vector<std::string> row;
  std::string cell;
  bool started = false;     // the line has a character
  bool field_start = true;  // the next character is the first of its field
  bool inside = false;      // of quotes
  const auto end_cell = [&] {
    row.push_back(cell);
    cell.clear();
    field_start = true;
  };
  const auto end_row = [&] {
    if (started) {
      end_cell();
      out.rows.push_back(row);
    }
    row.clear();
    started = false;
    field_start = true;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else {
        inside = false;
      }
    } else if (c == '\n' || c == '\r') {
      end_row();
    } else {
      started = true;
      if (c == delimiter) {
        end_cell();
      } else if (c == '"' && field_start) {
        inside = true;
        field_start = false;
      } else {
        cell += c;
        field_start = false;
      }
    }
  }
  out.open_quote = inside;
  end_row();
  return out;
}

}  // namespace tessera::reference
