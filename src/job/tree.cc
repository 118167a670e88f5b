// tree.cc: what does the text of a job say, and where does it say it? (see tree.h)
//
// simdjson reads it; it is strict, but says little about where a text breaks.
// So for a broken text the strict parser of nlohmann_json is asked where, and the
// bytes there tell which of the usual slips it is.
#include "job/tree.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>
#include <simdjson.h>
#include <nlohmann/json.hpp>

namespace tessera {
namespace {

constexpr int depth_max = 64;

// Takes no notice of values; remembers where the text breaks.
struct Where : nlohmann::json_sax<nlohmann::json> {
  size_t position = 0;
  std::string what;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t at, const std::string&, const nlohmann::detail::exception& e) override {
    position = at;
    what = e.what();
    return false;
  }
};

std::string_view trimmed(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// The slip at `at`, the last byte of `text` that a strict parser took.
void explain_syntax(std::string_view text, size_t at, const std::string& parser_words, Mistakes& mistakes) {
  const char c = at < text.size() ? text[at] : '\0';
  const std::string_view before = trimmed(text.substr(0, std::min(at, text.size())));
  const char previous = before.empty() ? '\0' : before.back();
  const Place here{at, at + 1};
  const char second = at + 1 < text.size() ? text[at + 1] : '\0';
  // The parser stops at the second byte of a comment when it knows comments, at the first when it does not.
  const bool second_of_comment = (c == '/' || c == '*') && at > 0 && text[at - 1] == '/';
  if (at >= text.size())
    return mistakes.add({text.size(), text.size()}, "the file ends too early",
                        "a } or ] or \" that was opened is never closed");
  if (second_of_comment || c == '#' || (c == '/' && (second == '/' || second == '*')))
    return mistakes.add(second_of_comment ? Place{at - 1, at + 1} : here, "JSON has no comments",
                        "remove it, or write it as the value of a \"description\" key");
  if ((c == '}' || c == ']') && previous == ',')
    return mistakes.add({before.size() - 1, before.size()}, fmt::format("a comma before {}", c), "remove the comma");
  if (c == '\'') return mistakes.add(here, "JSON writes strings in double quotes", "use \" instead of '");
  // A string where none may stand: the parser stops at its end.
  if (const size_t start = c == '"' && at > 0 ? text.rfind('"', at - 1) : std::string_view::npos;
      start != std::string_view::npos)
    if (const std::string_view left = trimmed(text.substr(0, start));
        !left.empty() &&
        (std::isalnum(static_cast<unsigned char>(left.back())) != 0 || std::string_view("\"}]").contains(left.back())))
      return mistakes.add({start, at + 1}, "a comma or a colon is missing before this", {});
  if (c == '\n' || c == '\r')
    return mistakes.add(here, "a string does not end on its line",
                        "close it with \" ; a newline in a string is written \\n");
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing ...": the last part
  // quotes the text; only its reason is kept.
  const size_t reason = parser_words.find("invalid ");
  std::string detail = reason == std::string::npos ? "" : parser_words.substr(reason);
  detail = detail.substr(0, detail.find_first_of(";:"));
  mistakes.add(here, detail.empty() ? "this is not JSON here" : "this is not JSON: " + detail,
               "an object is {\"key\": value, ...}, an array [value, ...]; keys and strings stand in double quotes");
}

void explain_syntax(std::string_view text, const char* simdjson_words, Mistakes& mistakes) {
  Where where;
  if (nlohmann::json::sax_parse(text, &where))
    return mistakes.add({0, 1}, fmt::format("this is not JSON: {}", simdjson_words));
  explain_syntax(text, where.position == 0 ? 0 : where.position - 1, where.what, mistakes);
}

class Builder {
 public:
  Builder(std::string_view text, const char* base, Mistakes& mistakes)
      : text_(text), base_(base), mistakes_(mistakes) {}

  // Fails with what simdjson says, or quietly (SUCCESS, false) after a mistake of ours.
  simdjson::error_code value(simdjson::ondemand::value value, Node& out, int depth) {
    const std::string_view token = value.raw_json_token();
    out.place.begin = static_cast<size_t>(token.data() - base_);
    if (depth > depth_max) {
      mistakes_.add({out.place.begin, out.place.begin + 1}, "nested too deeply for a job");
      return simdjson::DEPTH_ERROR;
    }
    simdjson::ondemand::json_type type{};
    if (const auto e = value.type().get(type)) return e;
    using enum simdjson::ondemand::json_type;
    switch (type) {
      case object: return members(value, out, depth);
      case array: return elements(value, out, depth);
      case string: return characters(value, out);
      case number: return digits(value, out, token);
      case boolean:
        out.type = Node::Type::boolean;
        close(out, token);
        return value.get_bool().get(out.boolean);
      case null: {
        out.type = Node::Type::null;
        close(out, token);
        return trimmed(token) == "null" ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
      }
    }
    return simdjson::UNEXPECTED_ERROR;
  }

 private:
  void close(Node& out, std::string_view token) const { out.place.end = out.place.begin + trimmed(token).size(); }

  simdjson::error_code members(simdjson::ondemand::value& value, Node& out, int depth) {
    out.type = Node::Type::object;
    simdjson::ondemand::object object;
    if (const auto e = value.get_object().get(object)) return e;
    for (auto each : object) {
      simdjson::ondemand::field field;
      if (const auto e = std::move(each).get(field)) return e;
      Node key;
      key.type = Node::Type::string;
      key.place.begin = static_cast<size_t>(field.key().raw() - base_) - 1;
      std::string_view name;
      if (const auto e = field.unescaped_key().get(name)) return e;
      key.text = name;
      place_characters(key);
      Node child;
      if (const auto e = this->value(field.value(), child, depth + 1)) return e;
      out.keys.push_back(std::move(key));
      out.items.push_back(std::move(child));
    }
    out.place.end = out.place.begin + 1;
    return simdjson::SUCCESS;
  }

  simdjson::error_code elements(simdjson::ondemand::value& value, Node& out, int depth) {
    out.type = Node::Type::array;
    simdjson::ondemand::array array;
    if (const auto e = value.get_array().get(array)) return e;
    for (auto each : array) {
      simdjson::ondemand::value element;
      if (const auto e = std::move(each).get(element)) return e;
      Node child;
      if (const auto e = this->value(element, child, depth + 1)) return e;
      out.items.push_back(std::move(child));
    }
    out.place.end = out.place.begin + 1;
    return simdjson::SUCCESS;
  }

  simdjson::error_code characters(simdjson::ondemand::value& value, Node& out) {
    out.type = Node::Type::string;
    std::string_view text;
    if (const auto e = value.get_string().get(text)) return e;
    out.text = text;
    place_characters(out);
    return simdjson::SUCCESS;
  }

  simdjson::error_code digits(simdjson::ondemand::value& value, Node& out, std::string_view token) {
    close(out, token);
    simdjson::ondemand::number number;
    if (const auto e = value.get_number().get(number)) return e;
    out.type = number.is_int64() ? Node::Type::integer : Node::Type::real;
    if (number.is_int64()) out.integer = number.get_int64();
    out.number = number.as_double();
    return simdjson::SUCCESS;
  }

  // Finds the end of the string that begins at out.place.begin, and the place of each byte if it has escapes.
  void place_characters(Node& out) const {
    size_t at = out.place.begin + 1;
    bool escaped = false;
    std::vector<uint32_t> offsets;
    while (at < text_.size() && text_[at] != '"') {
      size_t raw = 1, bytes = 1;
      if (text_[at] == '\\') {
        escaped = true;
        raw = 2;
        if (text_[at + 1] == 'u') {
          const unsigned code = static_cast<unsigned>(std::stoul(std::string(text_.substr(at + 2, 4)), nullptr, 16));
          const bool pair = code >= 0xD800 && code < 0xDC00;
          raw = pair ? 12 : 6;
          bytes = pair ? 4 : code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
        }
      }
      offsets.insert(offsets.end(), bytes, static_cast<uint32_t>(at));
      at += raw;
    }
    offsets.push_back(static_cast<uint32_t>(at));
    out.place.end = std::min(at + 1, text_.size());
    if (escaped) out.offsets = std::move(offsets);
    assert(out.offsets.empty() || out.offsets.size() == out.text.size() + 1);
  }

  std::string_view text_;
  const char* base_;  // of the padded copy that simdjson reads
  Mistakes& mistakes_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i].text == key) return &items[i];
  return nullptr;
}

const Node* Node::find(std::string_view key, Type wanted) const {
  const Node* node = find(key);
  return node != nullptr && node->type == wanted ? node : nullptr;
}

Place Node::within(size_t begin, size_t end) const {
  assert(type == Type::string && begin <= end && end <= text.size());
  if (offsets.empty()) return {place.begin + 1 + begin, place.begin + 1 + end};
  return {offsets[begin], offsets[end]};
}

const char* name_of(Node::Type type) {
  switch (type) {
    case Node::Type::null: return "null";
    case Node::Type::boolean: return "true or false";
    case Node::Type::integer: return "a whole number";
    case Node::Type::real: return "a number";
    case Node::Type::string: return "a string";
    case Node::Type::array: return "an array";
    case Node::Type::object: return "an object";
  }
  return "";
}

std::optional<Node> read_tree(std::string_view text, Mistakes& mistakes) {
  if (trimmed(text).empty()) {
    mistakes.add({0, 0}, "the file is empty", "docs/job.md shows a job of ten lines");
    return std::nullopt;
  }
  const size_t known = mistakes.count();
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  Node root;
  auto error = parser.iterate(padded).get(document);
  if (!error) {
    simdjson::ondemand::value value;
    error = document.get_value().get(value);
    if (!error) error = Builder(text, padded.data(), mistakes).value(value, root, 0);
    // A text that is one scalar is not a value to simdjson, and not a job to us.
    if (error == simdjson::SCALAR_DOCUMENT_AS_VALUE) {
      Where where;
      if (nlohmann::json::sax_parse(text, &where)) {
        mistakes.add({0, 1}, "a job is an object", "it begins with { and ends with }");
        return std::nullopt;
      }
    }
    // Nothing may follow: then there is no current location.
    const char* rest = nullptr;
    if (!error && document.current_location().get(rest) == simdjson::SUCCESS) error = simdjson::TAPE_ERROR;
  }
  if (error) {
    if (mistakes.count() == known) explain_syntax(text, simdjson::error_message(error), mistakes);
    return std::nullopt;
  }
  return root;
}

}  // namespace tessera
