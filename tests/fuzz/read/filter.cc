// Any filter on any small table keeps the rows that a slow judge keeps.
#include <cmath>
#include <cstdlib>

#include "read/filter.h"
#include "reading.h"

using namespace tessera;

namespace {

// Bytes as choices; zeros after the end.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  size_t below(size_t bound) { return at_ < size_ ? data_[at_++] % bound : 0; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

const char* const words[] = {"", "1", "2", "10", "-3", "2.5", "x", "y", "1970-01-02", "1e1"};

Filter any_filter(Choices& choices, int depth) {
  Filter filter;
  const size_t kind = choices.below(depth == 0 ? 9 : 12);
  filter.op = static_cast<Filter::Op>(kind);
  if (kind >= 9) {
    const size_t count = filter.op == Filter::Op::negate ? 1 : 1 + choices.below(3);
    for (size_t i = 0; i < count; ++i) filter.children.push_back(any_filter(choices, depth - 1));
    return filter;
  }
  filter.column = std::string(1, static_cast<char>('a' + choices.below(2)));
  if (kind >= 7) return filter;
  const size_t count = filter.op == Filter::Op::in ? 1 + choices.below(3) : 1;
  for (size_t i = 0; i < count; ++i) {
    const bool numeric = choices.below(2) == 0;
    filter.values.push_back(numeric ? words[1 + choices.below(5)] : words[choices.below(std::size(words))]);
    filter.numeric.push_back(numeric);
  }
  return filter;
}

enum Logic { no, yes, unknown };

Logic compare(Filter::Op op, int order) {
  switch (op) {
    case Filter::Op::ne: return order != 0 ? yes : no;
    case Filter::Op::lt: return order < 0 ? yes : no;
    case Filter::Op::le: return order <= 0 ? yes : no;
    case Filter::Op::gt: return order > 0 ? yes : no;
    case Filter::Op::ge: return order >= 0 ? yes : no;
    default: return order == 0 ? yes : no;
  }
}

// The rules of filter.h for columns of text, one value at a time.
Logic judge(const Filter& filter, const std::string_view* row) {
  using Op = Filter::Op;
  if (filter.op == Op::negate) {
    const Logic inner = judge(filter.children[0], row);
    return inner == unknown ? unknown : inner == yes ? no : yes;
  }
  if (filter.op == Op::all_of || filter.op == Op::any_of) {
    bool some_no = false;
    bool some_yes = false;
    bool some_unknown = false;
    for (const Filter& child : filter.children) {
      const Logic one = judge(child, row);
      some_no |= one == no;
      some_yes |= one == yes;
      some_unknown |= one == unknown;
    }
    if (filter.op == Op::all_of) return some_no ? no : some_unknown ? unknown : yes;
    return some_yes ? yes : some_unknown ? unknown : no;
  }
  const std::string_view value = row[filter.column[0] - 'a'];
  const bool null = value.data() == nullptr;
  if (filter.op == Op::is_null) return null ? yes : no;
  if (filter.op == Op::is_not_null) return null ? no : yes;
  if (null) return unknown;
  Logic all = no;
  for (size_t i = 0; i < filter.values.size(); ++i) {
    Logic one = unknown;
    if (!filter.numeric[i]) {
      const int order = value.compare(filter.values[i]);
      one = compare(filter.op, order);
    } else {
      const std::string text(value);
      char* end = nullptr;
      const double number = std::strtod(text.c_str(), &end);
      const bool good = !text.empty() && end == text.c_str() + text.size();
      const double wanted = std::strtod(filter.values[i].c_str(), nullptr);
      if (good) one = compare(filter.op, number < wanted ? -1 : number > wanted ? 1 : 0);
    }
    if (one == yes) return yes;
    if (one == unknown) all = unknown;
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Choices choices(data, size);
  const Filter filter = any_filter(choices, 3);
  const size_t rows = 1 + choices.below(40);
  std::vector<std::string_view> cells[2];
  std::vector<std::string_view> distinct;
  for (const char* word : words) distinct.push_back(word);
  std::vector<int32_t> indices;
  for (size_t i = 0; i < rows; ++i) {
    const size_t a = choices.below(std::size(words) + 1);
    cells[0].push_back(a == std::size(words) ? std::string_view{} : words[a]);
    const size_t b = choices.below(std::size(words) + 1);
    cells[1].push_back(b == std::size(words) ? std::string_view{} : words[b]);
    indices.push_back(b == std::size(words) ? -1 : static_cast<int32_t>(b));
  }
  std::vector<RawColumn> columns(2);
  columns[0].texts = cells[0];
  columns[1].texts = distinct;
  columns[1].indices = indices;
  columns[1].dictionary_id = 1;
  const RowFilter fast(filter, {"a", "b"});
  RowFilter::Work work;
  std::vector<RowFilter::Truth> verdict(rows);
  fast.test(columns, rows, verdict.data(), work);
  for (size_t i = 0; i < rows; ++i) {
    const std::string_view row[2] = {cells[0][i], cells[1][i]};
    const Logic wanted = judge(filter, row);
    if (static_cast<int>(verdict[i]) != static_cast<int>(wanted)) fuzz::found("another verdict than the slow judge's");
  }
  return 0;
}

#ifndef TESSERA_LIBFUZZER
int main() {
  std::vector<std::string> seeds;
  std::mt19937_64 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string seed;
    for (int k = 0; k < 120; ++k) seed += static_cast<char>(random());
    seeds.push_back(seed);
  }
  return fuzz::drive(LLVMFuzzerTestOneInput, seeds, {}, 50000);
}
#endif
