// nicknames.cc: may two given names be one? (see nicknames.h)
#include "kernels/nicknames.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <memory>

#include "base/files.h"
#include "kernels/name.h"
#include "kernels/swar.h"

namespace tessera {

namespace {

constexpr std::string_view shipped_table =
#include "nicknames.inc"
    ;

std::string_view without_quotes(std::string_view cell) {
  cell = swar::trim(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
  return cell;
}

}  // namespace

const Nicknames& Nicknames::ours() {
  static const Result<Nicknames> table = parse(shipped_table, "configs/nicknames.csv");
  assert(table && "the table that is shipped can be read");
  return *table;
}

Result<Nicknames> Nicknames::read(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return fail_errno("read", path);
  std::string text;
  char piece[1 << 14];
  while (const size_t size = std::fread(piece, 1, sizeof piece, file.get())) text.append(piece, size);
  if (std::ferror(file.get()) != 0) return fail_errno("read", path);
  return parse(text, path);
}

void Nicknames::add(const std::string& form, uint32_t name) {
  std::vector<uint32_t>& names = names_of_[form];
  if (const auto at = std::ranges::lower_bound(names, name); at == names.end() || *at != name) names.insert(at, name);
}

Result<Nicknames> Nicknames::parse(std::string_view text, const std::string& path) {
  Nicknames table;
  std::unordered_map<std::string, uint32_t> numbers;
  std::string name, form;
  const auto wrong = [&path](size_t line, const char* what) {
    return fail(ErrorCode::data, path + ":" + std::to_string(line) + ": " + what +
                                     "; a table of nicknames has the columns NAME,FORM, as WILLIAM,BILL");
  };
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  size_t line_number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = swar::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number;
    if (line.empty() && line_number > 1) continue;
    const size_t comma = line.find(',');
    if (comma == line.npos || line.find(',', comma + 1) != line.npos) return wrong(line_number, "not two columns");
    fold_name(without_quotes(line.substr(0, comma)), false, name);
    fold_name(without_quotes(line.substr(comma + 1)), false, form);
    if (line_number == 1) {
      if (name != "NAME" || form != "FORM") return wrong(line_number, "no header");
      continue;
    }
    if (name.empty() || form.empty()) return wrong(line_number, "an empty name");
    const uint32_t number = numbers.try_emplace(name, static_cast<uint32_t>(numbers.size())).first->second;
    table.add(name, number);
    table.add(form, number);
    ++table.pairs_;
  }
  if (line_number == 0) return wrong(1, "empty");
  return table;
}

bool Nicknames::alike(std::string_view a, std::string_view b) const {
  if (a == b) return true;
  const auto left = names_of_.find(a), right = names_of_.find(b);
  if (left == names_of_.end() || right == names_of_.end()) return false;
  const std::vector<uint32_t>&x = left->second, &y = right->second;
  for (size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    if (x[i] == y[j]) return true;
    x[i] < y[j] ? ++i : ++j;
  }
  return false;
}

}  // namespace tessera
