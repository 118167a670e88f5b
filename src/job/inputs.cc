// inputs.cc: which data sets does a job read, and how are their fields made?
#include <algorithm>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <glob.h>

#include "base/text.h"
#include "job/names.h"
#include "job/parts.h"

namespace tessera {
namespace {

using Type = Node::Type;

bool has_glob(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

// Files that a pattern matches, sorted by bytes.
std::vector<std::string> expand(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> out;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; ++i) out.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  std::sort(out.begin(), out.end());
  return out;
}

// One written path: the files it stands for are appended to `input`, each once.
void read_path(const Node& written, size_t index, Input& input, Reading& reading) {
  if (written.type != Type::string) return;
  if (written.text.empty()) return reading.mistakes.add(written.place, "an empty path");
  const std::string path = reading.path(written.text);
  std::error_code ignored;
  std::vector<std::string> files{path};
  if (has_glob(path) && !std::filesystem::exists(path, ignored)) {
    files = expand(path);
    if (files.empty() && reading.look_at_files)
      return reading.mistakes.add(written.place, fmt::format("no file matches \"{}\"", written.text),
                                  fmt::format("looked for {}; * does not cross folders", path));
    if (files.empty()) files.push_back(path);
  }
  for (const std::string& file : files)
    if (std::find(input.paths.begin(), input.paths.end(), file) == input.paths.end()) input.paths.push_back(file);
  reading.parsed.paths.push_back({index, false, std::move(files), written.place});
}

// As reading does it.
FileFormat format_by_name(std::string_view path) {
  const auto ends_with = [&](std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
  };
  for (const std::string_view packed : {".gz", ".zst"})
    if (path.ends_with(packed)) path.remove_suffix(packed.size());
  if (ends_with({".csv", ".tsv", ".txt"})) return FileFormat::csv;
  if (ends_with({".ndjson", ".jsonl", ".json"})) return FileFormat::ndjson;
  if (ends_with({".parquet", ".pq"})) return FileFormat::parquet;
  return FileFormat::by_name;
}

bool real_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const size_t i : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u})
    if (text[i] < '0' || text[i] > '9') return false;
  const auto number = [&](size_t at, size_t length) { return std::stoi(std::string(text.substr(at, length))); };
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2))))
      .ok();
}

bool read_date(const Node& node, std::string_view what, Mistakes& mistakes) {
  if (node.type != Type::string) return false;
  if (real_date(node.text)) return true;
  mistakes.add(node.place, fmt::format("{} is not a date", what), "dates in a job are written YYYY-MM-DD");
  return false;
}

// The letters of a format; a mistake for what is no format.
void check_format(const Node& node, bool pivot, bool& two_digits, Mistakes& mistakes) {
  if (node.type != Type::string) return;
  static const std::string known = "YymdjbBhHMSfz%";
  bool year = false, short_year = false;
  for (size_t i = 0; i < node.text.size(); ++i) {
    if (node.text[i] != '%') continue;
    const char letter = i + 1 < node.text.size() ? node.text[i + 1] : '\0';
    const Place place = node.within(i, std::min(i + 2, node.text.size()));
    if (known.find(letter) == std::string::npos || letter == '\0')
      return mistakes.add(place, "a format has no such letter",
                          "%Y year, %y two-digit year, %m month, %b month name, %d day, %H %M %S time");
    year |= letter == 'Y';
    short_year |= letter == 'y';
    ++i;
  }
  two_digits |= short_year;
  if (!year && !short_year)
    mistakes.add(node.place, "a date format without a year", "a format has a %Y, as in %d/%m/%Y");
  if (short_year && !pivot)
    mistakes.add(node.place, "two-digit years need a pivot",
                 "add \"pivot\": 29, say: 00-29 is 2000-2029, 30-99 is 1930-1999");
}

// Settings of the field that its kind has no use for.
void check_fit(const Node& node, Kind kind, Mistakes& mistakes) {
  struct Use {
    const char* key;
    bool fits;
    const char* kinds;
  };
  const bool is_date = kind == Kind::date;
  const bool joins = kind == Kind::name || kind == Kind::text || kind == Kind::code || kind == Kind::token;
  for (const Use& use :
       {Use{"format", is_date, "dates"}, Use{"pivot", is_date, "dates"}, Use{"day", is_date, "dates"},
        Use{"month", is_date, "dates"}, Use{"year", is_date, "dates"}, Use{"min", is_date, "dates"},
        Use{"max", is_date, "dates"}, Use{"placeholders", is_date, "dates"},
        Use{"country", kind == Kind::postcode, "postcodes"},
        Use{"allow_test_range", kind == Kind::nhs_number, "NHS numbers"},
        Use{"keep_titles", kind == Kind::name, "names"}, Use{"columns", joins, "names, texts, codes and tokens"}})
    for (size_t i = 0; i < node.keys.size(); ++i)
      if (node.keys[i].text == use.key && !use.fits)
        mistakes.add(node.keys[i].place, fmt::format("\"{}\" does not fit a field of kind {}", use.key, name_of(kind)),
                     fmt::format("it is for {}", use.kinds));
}

void read_date_settings(const Node& node, FieldSpec& field, Mistakes& mistakes) {
  const Node* pivot = node.find("pivot", Type::integer);
  if (pivot != nullptr) field.two_digit_pivot = static_cast<int>(pivot->integer);
  bool two_digits = false;
  if (const Node* format = node.find("format")) {
    if (format->type == Type::string) check_format(*format, pivot != nullptr, two_digits, mistakes);
    for (const Node& item : format->items) check_format(item, pivot != nullptr, two_digits, mistakes);
    if (format->type == Type::array && format->items.empty())
      mistakes.add(format->place, "an empty list of formats", "leave \"format\" out for %Y-%m-%d, %Y%m%d and %d/%m/%Y");
    field.formats = strings_of(*format);
  }
  if (pivot != nullptr && !two_digits && node.find("year") == nullptr)
    mistakes.add(pivot->place, "a pivot, but no format with a two-digit year", "remove it, or write %y in \"format\"");
  if (const Node* min = node.find("min"); min != nullptr && read_date(*min, "\"min\"", mistakes))
    field.date_min = min->text;
  if (const Node* max = node.find("max"); max != nullptr && read_date(*max, "\"max\"", mistakes)) {
    field.date_max = max->text;
    if (field.date_max < field.date_min) mistakes.add(max->place, "\"max\" lies before \"min\"");
  }
  if (const Node* list = node.find("placeholders", Type::array)) {
    field.placeholders.clear();
    for (const Node& item : list->items)
      if (read_date(item, "a placeholder", mistakes)) field.placeholders.push_back(item.text);
  }
}

// Where the value comes from: one of column, columns, or day + month + year.
void read_columns(const Node& node, size_t input, FieldSpec& field, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  const Node* column = node.find("column", Type::string);
  const Node* columns = node.find("columns", Type::array);
  const Node* parts[] = {node.find("day", Type::string), node.find("month", Type::string),
                         node.find("year", Type::string)};
  const bool from_parts = parts[0] != nullptr || parts[1] != nullptr || parts[2] != nullptr;
  const int ways = (node.find("column") != nullptr) + (node.find("columns") != nullptr) + from_parts;
  if (ways == 0 && node.find("day") == nullptr && node.find("month") == nullptr && node.find("year") == nullptr)
    return mistakes.add(node.place, fmt::format("field \"{}\" has no column", field.name),
                        "add \"column\": \"NAME\", or \"columns\", or for a date \"day\", \"month\" and \"year\"");
  if (ways > 1)
    return mistakes.add(node.place, fmt::format("field \"{}\" says twice where its value comes from", field.name),
                        "keep one of \"column\", \"columns\", or \"day\" + \"month\" + \"year\"");
  if (column != nullptr) {
    field.columns = {column->text};
    reading.use_column(input, *column);
  }
  if (columns != nullptr) {
    if (columns->items.empty()) mistakes.add(columns->place, "an empty list of columns");
    for (const Node& item : columns->items)
      if (item.type == Type::string) {
        field.columns.push_back(item.text);
        reading.use_column(input, item);
      }
  }
  if (!from_parts) return;
  std::string* targets[] = {&field.day, &field.month, &field.year};
  const char* names[] = {"day", "month", "year"};
  for (size_t i = 0; i < 3; ++i) {
    if (parts[i] != nullptr) {
      *targets[i] = parts[i]->text;
      reading.use_column(input, *parts[i]);
    } else if (node.find(names[i]) == nullptr) {
      mistakes.add(node.place, fmt::format("a date from three columns lacks \"{}\"", names[i]),
                   "name \"day\", \"month\" and \"year\"; values that are missing leave the others usable");
    }
  }
  if (const Node* format = node.find("format"))
    mistakes.add(format->place, "a format, but the date comes from three columns", "remove it");
}

void read_field(const Node& name, const Node& node, size_t index, Input& input, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  if (!good_name(name, "a field", mistakes) || find_field(input, name.text) != nullptr) return;
  FieldSpec field;
  field.name = name.text;
  bool kind_known = look_up(field_kinds, name.text, field.kind);
  if (node.type == Type::object) {
    const Node* kind = node.find("kind", Type::string);
    if (kind != nullptr) kind_known = look_up(kind_names, kind->text, field.kind);
    if (node.find("kind") != nullptr && !kind_known) return;  // told by the shape
  }
  if (!kind_known) {
    std::vector<std::string> known = names_in(field_kinds);
    const auto near = nearest(name.text, known);
    mistakes.add(name.place, fmt::format("the kind of field \"{}\" is not known from its name", name.text),
                 fmt::format("{}say it: \"{}\": {{\"column\": \"...\", \"kind\": \"name\"}}; kinds are {}",
                             near ? fmt::format("did you mean \"{}\"? else ", *near) : "", name.text,
                             listing(names_in(kind_names))));
    field.kind = Kind::text;
  }
  if (input.tokens && (node.type == Type::string || node.keys.size() != 1 || node.find("kind") == nullptr)) {
    mistakes.add(node.place,
                 fmt::format("field \"{}\" is of a data set of tokens, which has its own columns", name.text),
                 "say only its kind: {\"kind\": \"code\"}; fields with a known name need no entry");
  } else if (node.type == Type::string) {
    field.columns = {node.text};
    reading.use_column(index, node);
  } else if (node.type == Type::object) {
    if (!input.tokens) read_columns(node, index, field, reading);
    if (kind_known) check_fit(node, field.kind, mistakes);
    if (field.kind == Kind::date) read_date_settings(node, field, mistakes);
    if (const Node* missing = node.find("missing", Type::array)) field.missing = strings_of(*missing);
    if (const Node* required = node.find("required", Type::boolean)) field.required = required->boolean;
    if (const Node* country = node.find("country", Type::string)) field.country = country->text;
    if (const Node* test = node.find("allow_test_range", Type::boolean)) field.allow_test_range = test->boolean;
    if (const Node* keep = node.find("keep_titles", Type::boolean)) field.drop_titles = !keep->boolean;
  }
  input.fields.push_back(std::move(field));
}

// Settings of text files on files that are not text.
void check_format_settings(const Node& node, const Input& input, Mistakes& mistakes) {
  const auto complain = [&](std::initializer_list<const char*> keys, const char* what) {
    for (size_t i = 0; i < node.keys.size(); ++i)
      for (const char* key : keys)
        if (node.keys[i].text == key)
          mistakes.add(node.keys[i].place, fmt::format("\"{}\" has no meaning for {}", key, what), "remove it");
  };
  std::vector<FileFormat> formats;
  for (const std::string& path : input.paths) {
    const FileFormat format = input.format == FileFormat::by_name ? format_by_name(path) : input.format;
    if (std::find(formats.begin(), formats.end(), format) == formats.end()) formats.push_back(format);
  }
  if (formats.empty()) return;
  const Place written = node.find("path")->place;
  if (std::find(formats.begin(), formats.end(), FileFormat::by_name) != formats.end())
    return mistakes.add(written, "the ending of a name here does not tell its format",
                        "add \"format\": \"csv\", \"ndjson\" or \"parquet\"");
  if (formats.size() > 1)
    return mistakes.add(written, "these files are of several formats", "make an input of each format");
  if (formats[0] == FileFormat::parquet)
    complain({"delimiter", "header", "encoding", "skip_rows", "footer_rows"}, "Parquet");
  if (formats[0] == FileFormat::ndjson) complain({"delimiter", "header", "skip_rows", "footer_rows"}, "JSON lines");
}

void read_text_settings(const Node& node, Input& input, Mistakes& mistakes) {
  if (const Node* delimiter = node.find("delimiter", Type::string)) {
    if (delimiter->text.size() != 1 || std::string_view("\"\r\n").find(delimiter->text[0]) != std::string_view::npos ||
        delimiter->text[0] == '\0')
      mistakes.add(delimiter->place, "\"delimiter\" must be one character, and no quote or newline",
                   "for a tab write \"\\t\"");
    else
      input.delimiter = delimiter->text[0];
  }
  if (const Node* header = node.find("header", Type::boolean)) input.header = header->boolean;
  if (const Node* encoding = node.find("encoding", Type::string))
    look_up(encoding_names, encoding->text, input.encoding);
  if (const Node* rows = node.find("skip_rows", Type::integer)) input.skip_rows = static_cast<uint32_t>(rows->integer);
  if (const Node* rows = node.find("footer_rows", Type::integer))
    input.footer_rows = static_cast<uint32_t>(rows->integer);
}

void read_input(const Node& name, const Node& node, Reading& reading) {
  Mistakes& mistakes = reading.mistakes;
  if (node.type != Type::object || !good_name(name, "an input", mistakes)) return;
  if (find_input(reading.parsed.job, name.text) != nullptr) return;  // told as a duplicate key
  const size_t index = reading.parsed.job.inputs.size();
  Input input;
  input.name = name.text;
  if (const Node* format = node.find("format", Type::string)) look_up(format_names, format->text, input.format);
  if (const Node* path = node.find("path")) {
    read_path(*path, index, input, reading);
    for (const Node& item : path->items) read_path(item, index, input, reading);
    if (path->type == Type::array && path->items.empty()) mistakes.add(path->place, "an empty list of paths");
    check_format_settings(node, input, mistakes);
  }
  read_text_settings(node, input, mistakes);
  if (const Node* missing = node.find("missing", Type::array)) input.missing = strings_of(*missing);
  if (const Node* id = node.find("id", Type::string)) {
    input.id = id->text;
    if (id->text.empty())
      mistakes.add(id->place, "\"id\" names no column");
    else
      reading.use_column(index, *id);
  }
  if (const Node* ids = node.find("duplicate_ids", Type::string))
    look_up(duplicate_names, ids->text, input.duplicate_ids);
  if (const Node* limit = node.find("reject_limit", Type::integer))
    input.reject_limit = static_cast<uint64_t>(limit->integer);
  if (const Node* digest = node.find("digest", Type::string)) look_up(digest_names, digest->text, input.digest);
  if (const Node* tokens = node.find("tokens", Type::boolean)) input.tokens = tokens->boolean;
  if (node.find("fields") == nullptr && !input.tokens && !reading.fields_are_free)
    mistakes.add(node.place, "\"fields\" is missing here", "the fields, by name: a column, or an object");
  if (const Node* fields = node.find("fields", Type::object)) {
    for (size_t i = 0; i < fields->items.size(); ++i)
      read_field(fields->keys[i], fields->items[i], index, input, reading);
    if (fields->items.empty()) mistakes.add(fields->place, fmt::format("input \"{}\" has no fields", name.text));
  }
  if (input.tokens) add_token_fields(input);
  if (const Node* where = node.find("where", Type::string)) input.where = read_where(*where, index, reading);
  reading.parsed.job.inputs.push_back(std::move(input));
}

}  // namespace

std::string Reading::path(std::string_view written) const {
  const std::filesystem::path folder = std::filesystem::path(parsed.job.path).parent_path();
  return (folder / written).lexically_normal().string();
}

bool good_name(const Node& name, const char* what, Mistakes& mistakes) {
  const std::string& text = name.text;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), good) &&
      !(text[0] >= '0' && text[0] <= '9'))
    return true;
  mistakes.add(name.place, fmt::format("\"{}\" cannot be the name of {}", text, what),
               "names have letters, digits and _, begin with a letter, and are at most 64 long");
  return false;
}

std::vector<std::string> strings_of(const Node& node) {
  if (node.type == Type::string) return {node.text};
  std::vector<std::string> out;
  for (const Node& item : node.items)
    if (item.type == Type::string) out.push_back(item.text);
  return out;
}

void read_inputs(const Node& inputs, Reading& reading) {
  for (size_t i = 0; i < inputs.items.size(); ++i) read_input(inputs.keys[i], inputs.items[i], reading);
  if (inputs.items.empty()) reading.mistakes.add(inputs.place, "a job needs inputs");
}

void read_lists(const Node& lists, Reading& reading) {
  auto& known = reading.parsed.job.lists;
  for (size_t i = 0; i < lists.items.size(); ++i) {
    const Node& name = lists.keys[i];
    const Node& node = lists.items[i];
    if (node.type != Type::object || !good_name(name, "a list", reading.mistakes)) continue;
    if (std::any_of(known.begin(), known.end(), [&](const ListFile& list) { return list.name == name.text; })) continue;
    if (name.text == "zz99") {
      reading.mistakes.add(name.place, "a list cannot be called zz99",
                           "FIELD:zz99 means a ZZ99 postcode: choose another name");
      continue;
    }
    ListFile list{name.text, {}, {}};
    if (const Node* column = node.find("column", Type::string)) list.column = column->text;
    if (const Node* path = node.find("path", Type::string)) {
      list.path = reading.path(path->text);
      reading.parsed.paths.push_back({known.size(), true, {list.path}, path->place});
    }
    known.push_back(std::move(list));
  }
}

}  // namespace tessera
