// ndjson_rows.cc: values by simdjson's on-demand parser, a line at a time.
#include "read/ndjson_rows.h"

#include <simdjson.h>

#include <cassert>
#include <cstring>

namespace tessera {

namespace {

using simdjson::ondemand::json_type;

static_assert(block_padding >= simdjson::SIMDJSON_PADDING);

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

std::string_view without_spaces_after(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The parser takes the text of a number as it stands until someone asks for its value.
bool is_number(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > from;
  };
  if (i < text.size() && text[i] == '-') ++i;
  if (i < text.size() && text[i] == '0') {
    ++i;
  } else if (!digits()) {
    return false;
  }
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

}  // namespace

bool is_blank(std::string_view line) { return without_spaces_after(line).empty(); }

struct JsonLine::State {
  simdjson::ondemand::parser parser;
  // Lines of one writer have their keys in the same order: what the key in each
  // place was last time, and which column it is.
  struct Seen {
    std::string key;
    int column = -1;
    bool plain = false;  // as it stands in the text: without escapes
  };
  std::vector<Seen> seen;

  int column_of(size_t place, std::string_view key, const std::vector<std::string>& wanted) {
    if (place < seen.size() && seen[place].key == key) return seen[place].column;
    int column = -1;
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] == key) column = static_cast<int>(i);
    }
    if (place >= seen.size()) seen.resize(place + 1);
    seen[place].key = key;
    seen[place].column = column;
    seen[place].plain = key.find_first_of("\"\\") == std::string_view::npos;
    return column;
  }

  // The key that begins at `raw`, or nothing if it has no end or a bad escape.
  std::optional<std::string_view> key_at(size_t place, simdjson::ondemand::field& field, const char* end) {
    const char* raw = field.key().raw();
    const auto rest = static_cast<size_t>(end - raw);
    if (place < seen.size() && seen[place].plain) {
      const std::string& last = seen[place].key;
      if (last.size() < rest && std::memcmp(raw, last.data(), last.size()) == 0 && raw[last.size()] == '"') return last;
    }
    const char* quote = static_cast<const char*>(std::memchr(raw, '"', rest));
    if (quote == nullptr) return std::nullopt;
    std::string_view key(raw, static_cast<size_t>(quote - raw));
    if (key.find('\\') != std::string_view::npos && field.unescaped_key().get(key)) return std::nullopt;
    return key;
  }

  // Calls `take(place, key, value)` for each field, until it returns a fault.
  template <class Take>
  std::optional<Fault> fields(std::string_view line, Take&& take) {
    constexpr Fault no_object{};
    simdjson::ondemand::document document;
    const simdjson::padded_string_view text(line.data(), line.size(), line.size() + block_padding);
    if (const auto error = parser.iterate(text).get(document)) {
      if (error == simdjson::MEMALLOC) throw std::bad_alloc();
      return Fault{error == simdjson::UTF8_ERROR ? RejectReason::undecodable : RejectReason::not_an_object, -1};
    }
    simdjson::ondemand::object object;
    if (document.get_object().get(object)) return no_object;
    size_t place = 0;
    for (auto each : object) {
      simdjson::ondemand::field field;
      if (std::move(each).get(field)) return no_object;
      const auto key = key_at(place, field, line.data() + line.size());
      if (!key) return no_object;
      simdjson::ondemand::value value = field.value();
      if (const auto fault = take(place++, *key, value)) return fault;
    }
    // Something after the object is a mistake, not a second row.
    const char* after = nullptr;
    if (!document.current_location().get(after) && after < line.data() + line.size()) return no_object;
    return std::nullopt;
  }
};

JsonLine::JsonLine() : state_(std::make_unique<State>()) {}
JsonLine::~JsonLine() = default;

namespace {

// One value as text; a fault if it is none.
std::optional<RejectReason> text_of(simdjson::ondemand::value& value, std::string_view& out, SideBytes& side) {
  json_type type{};
  if (value.type().get(type)) return RejectReason::not_an_object;
  if (type == json_type::object || type == json_type::array) return RejectReason::not_an_object;
  const std::string_view token = without_spaces_after(value.raw_json_token());
  if (type == json_type::string) {
    if (token.size() < 2) return RejectReason::not_an_object;
    if (token.find('\\') == std::string_view::npos) {
      out = token.substr(1, token.size() - 2);
      if (token.back() != '"') return RejectReason::not_an_object;
    } else {
      std::string_view text;
      if (value.get_string().get(text)) return RejectReason::not_an_object;
      char* place = side.take(text.size());
      std::memcpy(place, text.data(), text.size());
      out = {place, text.size()};
      // Only an escape can make one: the parser refuses a NUL byte as it stands.
      if (out.find('\0') != std::string_view::npos) return RejectReason::undecodable;
    }
    return std::nullopt;
  }
  if (type == json_type::null) {
    out = {};
    if (token != "null") return RejectReason::not_an_object;
    return std::nullopt;
  }
  const bool good = type == json_type::number ? is_number(token) : token == "true" || token == "false";
  if (!good) return RejectReason::not_an_object;
  out = token;
  return std::nullopt;
}

}  // namespace

std::optional<JsonLine::Fault> JsonLine::read(std::string_view line, const std::vector<std::string>& wanted,
                                              std::string_view* values, const std::vector<SideBytes*>& sides) {
  std::fill_n(values, wanted.size(), std::string_view{});
  return state_->fields(
      line, [&](size_t place, std::string_view key, simdjson::ondemand::value& value) -> std::optional<Fault> {
        const int column = state_->column_of(place, key, wanted);
        if (column < 0) return std::nullopt;
        const auto at = static_cast<size_t>(column);
        if (const auto reason = text_of(value, values[at], *sides[at])) return Fault{*reason, column};
        return std::nullopt;
      });
}

bool JsonLine::keys(std::string_view line, std::vector<std::string>& keys) {
  return !state_->fields(line, [&](size_t, std::string_view key, simdjson::ondemand::value&) -> std::optional<Fault> {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.emplace_back(key);
    return std::nullopt;
  });
}

// ---- A block of lines -------------------------------------------------------

namespace {
constexpr size_t batch_text_bytes = 256 << 10;  // of text for a batch: with its values, it fits the cache
}

struct NdjsonScratch {
  JsonLine line;
  std::vector<std::string_view> values;
  std::vector<SideBytes*> sides;
  Buffer<uint32_t> places;
};

NdjsonMorsel::NdjsonMorsel(TextBlock block, std::shared_ptr<const ColumnPlan> plan, uint32_t file, size_t batch_rows)
    : block_(std::move(block)), plan_(std::move(plan)), file_(file), batch_rows_(batch_rows), at_(block_.begin) {}

NdjsonMorsel::~NdjsonMorsel() = default;

void NdjsonMorsel::use(ReadScratch& scratch) {
  scratch_ = &scratch;
  // Made anew for each morsel, because what it remembers of keys is of one plan.
  scratch.ndjson = std::make_shared<NdjsonScratch>();
  NdjsonScratch& own = *scratch.ndjson;
  own.values.resize(plan_->names.size());
  for (size_t i = 0; i < plan_->names.size(); ++i) own.sides.push_back(&scratch.column(i).side);
}

// Reads lines up to the size of a batch; how many can be used.
size_t NdjsonMorsel::read_rows(std::vector<Reject>& rejects) {
  NdjsonScratch& own = *scratch_->ndjson;
  const size_t columns = plan_->names.size();
  std::vector<std::string_view*> texts(columns);
  for (size_t i = 0; i < columns; ++i) {
    texts[i] = scratch_->column(i).texts.take(batch_rows_);
    scratch_->column(i).side.clear();
  }
  uint32_t* places = own.places.take(batch_rows_);
  const char* data = block_.memory.data();
  const size_t piece_end = std::min(block_.end, at_ + batch_text_bytes);
  size_t count = 0;
  while (at_ < piece_end && count < batch_rows_) {
    const char* begin = data + at_;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', block_.end - at_));
    assert(end != nullptr && "a block is of whole lines");
    const std::string_view line(begin, static_cast<size_t>(end - begin));
    at_ += line.size() + 1;
    if (is_blank(line)) continue;
    const uint64_t row = row_++;
    if (const auto fault = own.line.read(line, plan_->names, own.values.data(), own.sides)) {
      const int32_t field = fault->column < 0 ? -1 : plan_->field[static_cast<size_t>(fault->column)];
      rejects.push_back({row, field, fault->reason});
      complete_ = false;
      continue;
    }
    for (size_t i = 0; i < columns; ++i) texts[i][count] = own.values[i];
    places[count++] = static_cast<uint32_t>(row);
  }
  return count;
}

Result<bool> NdjsonMorsel::next(RawBatch& out, std::vector<Reject>& rejects) {
  assert(scratch_ != nullptr && "use_scratch() comes before next()");
  while (at_ < block_.end) {
    const uint64_t first_row = row_;
    complete_ = true;
    const size_t rows = read_rows(rejects);
    if (rows == 0) continue;
    ReadScratch& scratch = *scratch_;
    scratch.unusable.clear();
    scratch.raw.resize(plan_->names.size());
    for (size_t i = 0; i < plan_->names.size(); ++i) {
      scratch.raw[i] = {};
      scratch.raw[i].texts = {scratch.column(i).texts.data(), rows};
    }
    const uint32_t* places = complete_ ? nullptr : scratch.ndjson->places.data();
    filtered_ += finish_batch(*plan_, scratch, rows, first_row, places, work_, out);
    if (out.rows > 0) return true;
  }
  return false;
}

}  // namespace tessera
