// list_file.cc: which values are on a list that a job names? (see list_file.h)
#include "standardise/list_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "kernels/swar.h"

namespace tessera {

namespace {

// Takes the next record off the front of `text`. Fails when a quote is not closed.
Result<std::vector<std::string>> take_record(const ListFile& list, std::string_view& text) {
  std::vector<std::string> values(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"')
        values.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        values.back() += text[++i];
      else
        quoted = false;
    } else if (c == '"' && swar::trim(values.back()).empty()) {
      values.back().clear();
      quoted = true;
    } else if (c == ',') {
      values.emplace_back();
    } else if (c == '\n') {
      text.remove_prefix(i + 1);
      return values;
    } else if (c != '\r') {
      values.back() += c;
    }
  }
  if (quoted) return fail(ErrorCode::data, "list " + list.name + ": " + list.path + ": a quote is not closed");
  text = {};
  return values;
}

Result<size_t> find_column(const ListFile& list, const std::vector<std::string>& header) {
  const auto found =
      std::ranges::find(header, list.column, [](const std::string& name) { return std::string(swar::trim(name)); });
  if (found != header.end()) return static_cast<size_t>(found - header.begin());
  std::string names;
  for (const std::string& name : header) names += (names.empty() ? "" : ", ") + std::string(swar::trim(name));
  return fail(ErrorCode::data,
              "list " + list.name + ": " + list.path + ": no column \"" + list.column + "\"; there are: " + names);
}

}  // namespace

Result<std::vector<std::string>> parse_list(const ListFile& list, std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  size_t column = 0;
  if (!list.column.empty()) {
    TESSERA_ASSIGN(const auto header, take_record(list, text));
    TESSERA_ASSIGN(column, find_column(list, header));
  }
  std::vector<std::string> values;
  while (!text.empty()) {
    TESSERA_ASSIGN(const auto record, take_record(list, text));
    if (column >= record.size()) continue;
    if (const std::string_view value = swar::trim(record[column]); !value.empty()) values.emplace_back(value);
  }
  return values;
}

Result<std::vector<std::string>> read_list(const ListFile& list) {
  std::error_code ignored;
  std::ifstream file(list.path, std::ios::binary);
  if (!file || std::filesystem::is_directory(list.path, ignored))
    return fail(ErrorCode::data, "list " + list.name + ": " + list.path + ": cannot be opened");
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad() || text.bad())
    return fail(ErrorCode::data, "list " + list.name + ": " + list.path + ": cannot be read");
  return parse_list(list, text.view());
}

}  // namespace tessera
