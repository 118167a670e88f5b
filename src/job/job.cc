// job.cc: is this text a job, and do its files have what it needs? (see job.h)
#include "job/job.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "job/names.h"
#include "job/parts.h"
#include "job/shape.h"

namespace tessera {
namespace {

using Type = Node::Type;

// In a job with pseudonyms no identifier is carried by mistake.
void check_identifier(const Input& input, const Node& column, Reading& reading) {
  const Job& job = reading.parsed.job;
  const bool tokens = std::any_of(job.inputs.begin(), job.inputs.end(), [](const Input& each) { return each.tokens; });
  if (job.output.identifiable || (!job.pseudonyms && !job.encode && !tokens)) return;
  for (const FieldSpec& field : input.fields)
    if (is_identifying(field) &&
        std::find(field.columns.begin(), field.columns.end(), column.text) != field.columns.end())
      reading.mistakes.add(column.place,
                           fmt::format("\"{}\" is the {} of a person, in the clear", column.text, field.name),
                           "leave it out; or say \"identifiable\": true and \"legal_basis\" in \"output\"");
}

void read_identifiable(const Node& node, Reading& reading) {
  Output& output = reading.parsed.job.output;
  const Node* said = node.find("identifiable", Type::boolean);
  const Node* basis = node.find("legal_basis", Type::string);
  output.identifiable = said != nullptr && said->boolean;
  if (basis != nullptr) output.legal_basis = basis->text;
  const bool blank = output.legal_basis.find_first_not_of(" \t\r\n") == std::string::npos;
  if (output.identifiable && blank)
    reading.mistakes.add(said->place, "\"identifiable\" needs a \"legal_basis\"",
                         "say why identifiers may be written, for the manifest: \"legal_basis\": \"...\"");
  if (basis != nullptr && !output.identifiable)
    reading.mistakes.add(basis->place, "a legal basis, but nothing identifiable",
                         "remove it, or add \"identifiable\": true");
}

// Carried columns are called INPUT_COLUMN in the outputs.
void read_output_columns(const Node& columns, Reading& reading) {
  Job& job = reading.parsed.job;
  std::set<std::string> taken;
  for (size_t i = 0; i < columns.items.size(); ++i) {
    const Node& name = columns.keys[i];
    const Input* input = named_input(name, job, reading.mistakes);
    if (input == nullptr) continue;
    for (const Node& item : columns.items[i].items) {
      if (item.type != Type::string) continue;
      if (item.text == input->id)
        reading.mistakes.add(item.place,
                             fmt::format("\"{}\" is the id of {}, which is always written", item.text, name.text),
                             "remove it");
      else if (!taken.insert(name.text + "_" + item.text).second)
        reading.mistakes.add(item.place,
                             fmt::format("two columns of the output would be called {}_{}", name.text, item.text),
                             "remove one");
      check_identifier(*input, item, reading);
      reading.use_column(static_cast<size_t>(input - job.inputs.data()), item);
      job.output.columns.push_back({name.text, item.text});
    }
  }
}

void read_unmatched(const Node& node, Reading& reading) {
  Job& job = reading.parsed.job;
  if (node.type == Type::boolean) {
    if (node.boolean)
      for (const Input& input : job.inputs) job.output.unmatched.push_back(input.name);
    return;
  }
  for (const Node& item : node.items) {
    if (item.type != Type::string) continue;
    const auto side = [&](auto member) {
      return std::any_of(job.link.begin(), job.link.end(),
                         [&](const LinkStep& step) { return step.*member == item.text; });
    };
    const bool within = std::any_of(job.link.begin(), job.link.end(), [&](const LinkStep& step) {
      return std::find(step.within.begin(), step.within.end(), item.text) != step.within.end();
    });
    const bool from = side(&LinkStep::from) || within, to = side(&LinkStep::to);
    if (!from && !to) {
      std::vector<std::string> known;
      for (const LinkStep& step : job.link) {
        if (step.within.empty()) known.insert(known.end(), {step.from, step.to});
        known.insert(known.end(), step.within.begin(), step.within.end());
      }
      reading.mistakes.add(item.place, fmt::format("no link has an input \"{}\"", item.text),
                           suggestion(item.text, known, "there are"));
    }
    job.output.unmatched.push_back(item.text);
  }
}

// --force replaces the output directory whole: it must not hold the job or an input.
void check_directory(const Node& node, Reading& reading) {
  namespace fs = std::filesystem;
  const Job& job = reading.parsed.job;
  if (node.text.empty()) return reading.mistakes.add(node.place, "\"directory\" is empty");
  const auto whole = [](const std::string& path) {
    std::error_code ignored;
    fs::path full = fs::absolute(path, ignored).lexically_normal();
    return full.has_filename() ? full : full.parent_path();
  };
  const fs::path directory = whole(job.output.directory);
  const auto inside = [&](const std::string& path) {
    const fs::path file = whole(path);
    return std::mismatch(directory.begin(), directory.end(), file.begin(), file.end()).first == directory.end();
  };
  bool holds = inside(job.path);
  for (const Input& input : job.inputs) holds |= std::any_of(input.paths.begin(), input.paths.end(), inside);
  for (const ListFile& list : job.lists) holds |= inside(list.path);
  if (job.pseudonyms && !job.pseudonyms->key_file.empty()) holds |= inside(job.pseudonyms->key_file);
  if (job.encode)
    for (const std::string& path : {job.encode->schema, job.encode->key_file, job.encode->secret_file})
      holds |= !path.empty() && inside(path);
  if (job.rekey) holds |= inside(job.rekey->bridge);
  for (const LinkStep& step : job.link) {
    if (step.via) holds |= inside(step.via->bridge);
    if (step.model)
      for (const std::string& path : {step.model->path, step.model->estimate.labels, step.model->nicknames})
        holds |= !path.empty() && inside(path);
  }
  if (holds)
    reading.mistakes.add(node.place, "the output directory holds the job file or one of its inputs",
                         "outputs replace their directory whole: name a new folder, such as \"out\"");
}

void read_output(const Node& node, Reading& reading) {
  Output& output = reading.parsed.job.output;
  if (const Node* directory = node.find("directory", Type::string)) {
    output.directory = reading.path(directory->text);
    check_directory(*directory, reading);
  }
  if (const Node* format = node.find("format", Type::string)) look_up(format_names, format->text, output.format);
  if (const Node* columns = node.find("columns", Type::object)) read_output_columns(*columns, reading);
  if (const Node* unmatched = node.find("unmatched")) read_unmatched(*unmatched, reading);
  if (const Node* refused = node.find("refused", Type::boolean)) output.refused = refused->boolean;
  if (const Node* pattern = node.find("pattern", Type::boolean)) output.pattern = pattern->boolean;
  if (const Node* metrics = node.find("cluster_metrics", Type::boolean)) {
    output.cluster_metrics = metrics->boolean;
    const auto& link = reading.parsed.job.link;
    if (metrics->boolean && !link.empty() && std::none_of(link.begin(), link.end(), [](const LinkStep& step) {
          return !step.within.empty() && step.clusters.method != Clusters::Method::none;
        }))
      reading.mistakes.add(metrics->place, "\"cluster_metrics\" are of steps with \"within\", and none makes clusters",
                           "links between two inputs make no clusters, nor does \"clusters\": \"none\": remove it");
  }
  if (const Node* levels = node.find("levels", Type::boolean)) {
    output.levels = levels->boolean;
    const auto& link = reading.parsed.job.link;
    if (levels->boolean && !link.empty() &&
        std::none_of(link.begin(), link.end(), [](const LinkStep& step) { return step.model.has_value(); }))
      reading.mistakes.add(levels->place, "\"levels\" are those of a model, and no step has one",
                           "\"pattern\" writes which conditions of the passes held");
  }
}

// Whether a step goes through a bridging file: then inputs need no fields.
bool has_via(const Node& root) {
  const Node* link = root.find("link", Type::array);
  return link != nullptr && std::any_of(link->items.begin(), link->items.end(),
                                        [](const Node& step) { return step.find("via") != nullptr; });
}

void read_job(const Node& root, Reading& reading) {
  Job& job = reading.parsed.job;
  if (const Node* name = root.find("job", Type::string)) {
    job.name = name->text;
    if (name->text.empty())
      reading.mistakes.add(name->place, "\"job\" is empty", "give it a name, such as \"hes-deaths\"");
  }
  reading.fields_are_free = root.find("encode") != nullptr || root.find("rekey") != nullptr || has_via(root) ||
                            (root.find("bridge") != nullptr && root.find("link") == nullptr);
  if (const Node* inputs = root.find("inputs", Type::object)) read_inputs(*inputs, reading);
  if (const Node* lists = root.find("lists", Type::object)) read_lists(*lists, reading);
  if (const Node* link = root.find("link", Type::array)) read_link(*link, reading);
  const Node* output = root.find("output", Type::object);
  if (output != nullptr) read_identifiable(*output, reading);  // first: what may be written depends on it
  if (const Node* pseudonyms = root.find("pseudonyms", Type::object)) read_pseudonyms(*pseudonyms, root, reading);
  if (const Node* encode = root.find("encode", Type::object)) read_encode(*encode, reading);
  const Node* rekey = root.find("rekey", Type::object);
  if (rekey != nullptr) {
    const Node* bridge_file = rekey->find("bridge", Type::string);
    if (bridge_file != nullptr) job.rekey = Rekey{bridging_file(*bridge_file, reading)};
    for (const char* key : {"link", "pseudonyms", "encode", "bridge"})
      if (const Node* other = root.find(key))
        reading.mistakes.add(other->place, fmt::format("\"{}\" cannot stand beside \"rekey\"", key), "make two jobs");
  }
  if (root.find("link") == nullptr && root.find("pseudonyms") == nullptr && root.find("encode") == nullptr &&
      root.find("bridge") == nullptr && rekey == nullptr)
    reading.mistakes.add(root.place, "\"link\" is missing here", "what to link, in order");
  if (output != nullptr) read_output(*output, reading);
  if (const Node* bridge = root.find("bridge", Type::object)) read_bridge(*bridge, root, reading);
}

}  // namespace

std::string bridging_file(const Node& node, Reading& reading) {
  std::string path = reading.path(node.text);
  if (reading.look_at_files)
    if (const std::string trouble = trouble_with(path); !trouble.empty())
      reading.mistakes.add(node.place, fmt::format("{} {}", path, trouble), "tessera bridge makes a bridging file");
  return path;
}

std::string trouble_with(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error && error != std::errc::no_such_file_or_directory)
    return fmt::format("cannot be looked at: {}", error.message());
  if (!std::filesystem::exists(status)) return "is not there";
  if (std::filesystem::is_directory(status)) return "is a folder, not a file";
  if (::access(path.c_str(), R_OK) != 0) return fmt::format("cannot be read: {}", std::strerror(errno));
  return {};
}

namespace {

void check_columns_of(const ParsedJob& parsed, size_t index, const std::vector<std::string>& columns,
                      Mistakes& mistakes) {
  const Input& input = parsed.job.inputs[index];
  for (const ColumnUse& use : parsed.columns) {
    if (use.input != index) continue;
    const auto count = std::count(columns.begin(), columns.end(), use.column);
    if (count == 1) continue;
    if (count > 1)
      mistakes.add(use.place, fmt::format("{} has {} columns called \"{}\"", input.paths.front(), count, use.column),
                   "columns are taken by name: rename one in the file");
    else
      mistakes.add(use.place, fmt::format("{} has no column \"{}\"", input.paths.front(), use.column),
                   suggestion(use.column, columns, "its columns are"));
  }
}

}  // namespace

ParsedJob parse_job(const std::string& path, std::string text, bool look_at_files) {
  // A byte order mark is blanked, so that places stay places.
  if (text.starts_with("\xEF\xBB\xBF")) text.replace(0, 3, "   ");
  ParsedJob parsed{{}, Mistakes(path, text), {}, {}};
  parsed.job.path = path;
  parsed.job.text = std::move(text);
  const std::optional<Node> root = read_tree(parsed.job.text, parsed.mistakes);
  if (!root) return parsed;
  if (root->type != Type::object) {
    parsed.mistakes.add(root->place, "a job is an object", "it begins with { and ends with }");
    return parsed;
  }
  check_object(*root, job_shape(), parsed.mistakes);
  Reading reading{parsed, parsed.mistakes, look_at_files};
  read_job(*root, reading);
  return parsed;
}

Status check_files(ParsedJob& parsed, const ColumnsOf& columns_of) {
  std::set<size_t> broken;
  for (const PathUse& use : parsed.paths)
    for (const std::string& path : use.paths)
      if (const std::string trouble = trouble_with(path); !trouble.empty()) {
        parsed.mistakes.add(use.place, fmt::format("{} {}", path, trouble),
                            "paths are relative to the folder of the job file");
        if (!use.list) broken.insert(use.input);
      }
  Status status;
  for (size_t i = 0; i < parsed.job.inputs.size(); ++i) {
    const Input& input = parsed.job.inputs[i];
    if (broken.contains(i) || input.paths.empty()) continue;
    const auto columns = columns_of(input);
    if (columns)
      check_columns_of(parsed, i, *columns, parsed.mistakes);
    else if (status)
      status = std::unexpected(columns.error());
  }
  // Mistakes in the job come first: with a wrong format or delimiter, no file can be understood.
  return parsed.mistakes.count() > 0 ? Status{} : status;
}

Result<Job> finish(ParsedJob parsed) {
  if (parsed.mistakes.count() > 0) return std::unexpected(parsed.mistakes.error());
  return std::move(parsed.job);
}

Result<std::string> read_job_text(const std::string& path) {
  if (const std::string trouble = trouble_with(path); !trouble.empty())
    return fail(ErrorCode::usage, fmt::format("{} {}", path, trouble));
  std::ifstream file(path, std::ios::binary);
  std::string text;
  // Piece by piece: nearly all jobs are small, and room for the largest would stay in memory for the whole run.
  constexpr size_t piece_bytes = size_t{64} << 10;
  while (file && text.size() <= job_bytes_max) {
    const size_t before = text.size();
    text.resize(before + piece_bytes);
    file.read(text.data() + before, piece_bytes);
    text.resize(before + static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad())
    return fail(ErrorCode::usage, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  if (text.size() > job_bytes_max)
    return fail(
        ErrorCode::usage,
        fmt::format("{} is larger than a job may be ({} MiB)\nhelp: a job names its data files and does not hold them",
                    path, job_bytes_max >> 20));
  return text;
}

}  // namespace tessera
