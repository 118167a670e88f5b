#include "services/bind_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/text.h"
#include "pseudonymise/pseudonymise.h"
#include "read/read.h"
#include "services/bridge_note.h"

namespace tessera {
namespace {

// What a file says of its tokens; empty: nothing. In its metadata, or in the manifest beside it.
Result<std::string> description_text(const std::string& path, FileFormat format) {
  if (format == FileFormat::parquet) {
    TESSERA_ASSIGN(std::string note, parquet_note(path, description_key));
    if (!note.empty()) return note;
  }
  const std::filesystem::path file(path);
  std::ifstream manifest(file.parent_path() / "manifest.json", std::ios::binary);
  if (!manifest) return std::string();
  std::ostringstream text;
  text << manifest.rdbuf();
  return description_in_manifest(text.str(), file.filename().string());
}

Result<std::optional<std::pair<Description, std::string>>> describe_input(const Input& input) {
  std::optional<std::pair<Description, std::string>> out;
  TESSERA_ASSIGN(const FileFormat format, format_of(input));
  for (const std::string& path : input.paths) {
    TESSERA_ASSIGN(const std::string text, description_text(path, format));
    if (text.empty()) {
      if (!out && path == input.paths.front()) continue;
      if (!out) return out;
      return fail(ErrorCode::usage,
                  fmt::format("{}: is in the clear, and other files of \"{}\" hold tokens", path, input.name));
    }
    if (!out && path != input.paths.front())
      return fail(ErrorCode::usage,
                  fmt::format("{}: holds tokens, and other files of \"{}\" do not", path, input.name));
    TESSERA_ASSIGN(Description description, parse_description(path, text));
    if (!out) {
      out.emplace(std::move(description), text);
    } else if (text != out->second) {
      return fail(
          ErrorCode::usage,
          fmt::format("{}: was not pseudonymised as the other files of \"{}\" were: key, domain and tokens of all "
                      "must be the same",
                      path, input.name));
    }
  }
  return out;
}

struct Bound {
  Input input;
  Description description;
  std::vector<std::string> columns;

  [[nodiscard]] bool has_column(const std::string& name) const {
    return std::ranges::find(columns, name) != columns.end();
  }
  [[nodiscard]] bool has_token(const std::string& name) const {
    return description.token(name) != nullptr && has_column(name);
  }
};

// The fields of a data set of tokens: one for each column.
Input with_columns(const Input& input, const Description& description) {
  Input out = input;
  out.fields.clear();
  for (const auto& token : description.tokens) {
    FieldSpec field;
    field.name = token.name;
    field.kind = Kind::pseudonym;
    field.columns = {token.name};
    field.binary = description.binary;
    field.made_of = token.kind;
    field.made_of_part = token.part;
    out.fields.push_back(std::move(field));
  }
  for (const auto& [name, of] : description.flags) {
    FieldSpec field;
    field.name = name;
    field.kind = Kind::flag;
    field.columns = {name};
    out.fields.push_back(std::move(field));
  }
  if (description.filter) {
    FieldSpec field;
    field.name = description.filter->name;
    field.kind = Kind::clk;
    field.columns = {field.name};
    out.fields.push_back(std::move(field));
  }
  for (const auto& clear : description.clear) {
    FieldSpec field;
    field.name = clear.name;
    field.kind = clear.kind;
    field.columns = {clear.name};
    std::erase_if(out.fields, [&](const FieldSpec& other) { return other.name == clear.name; });
    out.fields.push_back(std::move(field));
  }
  return out;
}

Status check_same_key(const Bound& from, const Bound& to) {
  const Description &a = from.description, &b = to.description;
  const auto differ = [&](std::string_view what) {
    return fail(ErrorCode::usage,
                fmt::format("\"{}\" and \"{}\" were pseudonymised under different {}: their tokens cannot be compared\n"
                            "help: make both under one key file and domain, or link through a bridging file",
                            from.input.name, to.input.name, what));
  };
  if (a.key_id != b.key_id) return differ("keys");
  if (!equal_in_constant_time(a.check, b.check)) return differ("secrets, although their key ids are the same");
  if (a.domain != b.domain) return differ("domains");
  return {};
}

// Filters are alike only if they were made alike.
Status check_same_filter(const Bound& from, const Bound& to) {
  const auto differ = [&](std::string_view what) {
    return fail(ErrorCode::usage, fmt::format("\"{}\" and \"{}\" were encoded {}: their filters cannot be compared\n"
                                              "help: encode both by one schema, under one key file and domain",
                                              from.input.name, to.input.name, what));
  };
  for (const Bound* side : {&from, &to})
    if (!side->description.filter)
      return fail(ErrorCode::usage,
                  fmt::format("\"{}\" has tokens but no filters\nhelp: tessera encode makes them", side->input.name));
  const Description::Filter &a = *from.description.filter, &b = *to.description.filter;
  if (a.schema != b.schema || a.bits != b.bits) return differ("by different schemas");
  if (a.harden.folds != b.harden.folds || a.harden.balance != b.harden.balance)
    return differ("with different hardening");
  if (a.key_id != b.key_id || !equal_in_constant_time(a.check, b.check)) return differ("under different keys");
  if (a.domain != b.domain) return differ("under different domains");
  return {};
}

// The passes of one step, or its rules of "block", on the tokens of its two inputs.
class PassBinder {
 public:
  PassBinder(const Bound& from, const Bound& to, LinkStep& step)
      : from_(from), to_(to), step_(step), builtin_(!step.passes_name.empty()) {}

  Status bind() {
    std::vector<Pass> passes;
    for (const Pass& pass : step_.similar ? step_.similar->block : step_.passes) {
      TESSERA_ASSIGN(auto bound, bind(pass));
      if (bound) passes.push_back(std::move(*bound));
    }
    if (step_.similar) {
      step_.similar->block = std::move(passes);
      return {};
    }
    if (passes.empty())
      return fail(ErrorCode::usage, fmt::format("no pass of {} can be used with the tokens of \"{}\" and \"{}\"",
                                                step_.passes_name, from_.input.name, to_.input.name));
    step_.passes = std::move(passes);
    return {};
  }

 private:
  // nullopt: a pass of a built-in list for which a field is not there.
  Result<std::optional<Pass>> bind(const Pass& pass) {
    Pass out{.rank = pass.rank, .terms = {}, .unless = {}};
    TESSERA_ASSIGN(wanted_, plan_tokens(std::span(&pass, 1), {}));
    for (const Term& term : pass.terms) {
      TESSERA_ASSIGN(const Term on_tokens, term_on_tokens(term, pass));
      TESSERA_ASSIGN(auto kept, keep(on_tokens, pass.rank));
      if (!kept) {
        step_.notes.push_back(fmt::format("rank {} is left out: there are no tokens for {}", pass.rank, term.text));
        return std::optional<Pass>();
      }
      out.terms.push_back(std::move(*kept));
    }
    for (const Unless& unless : pass.unless) {
      TESSERA_ASSIGN(auto kept, keep(unless, pass.rank));
      if (kept) out.unless.push_back(std::move(*kept));
    }
    return std::optional<Pass>(std::move(out));
  }

  Result<std::optional<Term>> keep(const Term& term, int rank) {
    if (term.how == Term::How::any_of) {
      Term out = term;
      out.choices.clear();
      for (const auto& choice : term.choices) {
        std::vector<Term> inner;
        for (const Term& each : choice) {
          TESSERA_ASSIGN(auto kept, keep(each, rank));
          if (!kept) break;
          inner.push_back(std::move(*kept));
        }
        if (inner.size() == choice.size()) out.choices.push_back(std::move(inner));
      }
      return out.choices.empty() ? std::optional<Term>() : std::optional<Term>(std::move(out));
    }
    if (is_of_filters(term)) {
      TESSERA_TRY(check_same_filter(from_, to_));
      return std::optional<Term>(term);
    }
    for (const auto& [side, name] : {std::pair(&from_, &term.from.field), std::pair(&to_, &term.to.field)}) {
      if (side->has_token(*name)) continue;
      const std::string field = name->substr(0, name->find('.'));
      if (builtin_ && side->description.field(field) == nullptr) return std::optional<Term>();
      return fail(ErrorCode::usage,
                  fmt::format("the pass of rank {} wants the token {}, which \"{}\" does not have\nhelp: make it again "
                              "with \"passes\" that have that rank",
                              rank, *name, side->input.name));
    }
    const auto *from = from_.description.token(term.from.field), *to = to_.description.token(term.to.field);
    // Differences are hashed with the other terms of the pass, which are then to be those of this pass.
    const auto wanted = std::ranges::find(wanted_.tokens, term.from.field, &TokenSpec::name);
    const bool other_terms = wanted != wanted_.tokens.end() && wanted->moved && from->space != wanted->space;
    if (from->space != to->space || other_terms)
      return fail(
          ErrorCode::usage,
          fmt::format("the pass of rank {} compares {} of \"{}\" with {} of \"{}\", which were made in different "
                      "namespaces\nhelp: make both again with the same \"passes\"",
                      rank, term.from.field, from_.input.name, term.to.field, to_.input.name));
    return std::optional<Term>(term);
  }

  // A field that only one side has speaks for that side; a flag that one side lacks although it has the field does not.
  Result<std::optional<Unless>> keep(const Unless& unless, int rank) {
    const std::string name = flag_name(unless);
    const auto has_flag = [&](const Bound& side) { return side.description.flag(name) && side.has_column(name); };
    const auto lacks = [&](const Bound& side) { return side.description.field(unless.field) && !has_flag(side); };
    if (!has_flag(from_) && !has_flag(to_) && builtin_ && unless.what == Unless::What::on_list) {
      step_.notes.push_back(fmt::format("rank {} is used without the condition {}: there is no such flag", rank, name));
      return std::optional<Unless>();
    }
    for (const Bound* side : {&from_, &to_})
      if (lacks(*side) || (!has_flag(from_) && !has_flag(to_)))
        return fail(
            ErrorCode::usage,
            fmt::format("the pass of rank {} wants the flag {}, which \"{}\" does not have\nhelp: make it again with "
                        "\"passes\" that have that rank, and the same \"lists\"",
                        rank, name, side->input.name));
    Unless out = unless;
    out.what = Unless::What::flagged;
    out.field = name;
    out.list.clear();
    return std::optional<Unless>(std::move(out));
  }

  const Bound& from_;
  const Bound& to_;
  LinkStep& step_;
  bool builtin_;
  TokenPlan wanted_;  // by the pass that is being bound
};

Status check_refuse(const LinkStep& step, const Bound& from, const Bound& to) {
  for (const Refuse& refuse : step.refuse) {
    const std::string& group = refuse.group;
    if (!group.empty() && group != from.input.id && !(from.description.group(group) && from.has_column(group)))
      return fail(
          ErrorCode::usage,
          fmt::format("\"refuse\" groups by {}, of which \"{}\" has no tokens\nhelp: make it again with \"groups\": "
                      "{{\"{}\": [\"{}\"]}} in \"pseudonyms\"",
                      group, from.input.name, from.input.name, group));
    for (const auto& [side, name] : {std::pair(&from, &refuse.field), std::pair(&to, &refuse.after)})
      if (side->description.clear_field(*name) == nullptr || !side->has_column(*name))
        return fail(
            ErrorCode::usage,
            fmt::format("\"refuse\" compares dates, and \"{}\" does not have {} in the clear\nhelp: make it again "
                        "with \"clear\": [\"{}\"], or leave \"refuse\" out",
                        side->input.name, *name, *name));
  }
  return {};
}

Status check_carried(const Job& job, const std::map<std::string, Bound>& bound) {
  for (const OutputColumn& column : job.output.columns) {
    const auto found = bound.find(column.input);
    if (job.output.identifiable || found == bound.end()) continue;
    const auto* clear = found->second.description.clear_field(column.column);
    if (clear == nullptr) continue;
    if (clear->kind == Kind::nhs_number || clear->kind == Kind::postcode || clear->kind == Kind::name ||
        clear->name == "dob" || clear->name == "local_id")
      return fail(ErrorCode::usage,
                  fmt::format("output column {} of \"{}\" identifies a person, in the clear\nhelp: leave it "
                              "out; or say \"identifiable\": true and \"legal_basis\" in \"output\"",
                              column.column, column.input));
  }
  return {};
}

}  // namespace

Status check_in_the_clear(const Input& input) {
  TESSERA_ASSIGN(const auto described, describe_input(input));
  if (!described) return {};
  return fail(ErrorCode::usage,
              fmt::format("{}: holds tokens of domain {}, and the job takes it for a data set in the clear\nhelp: add "
                          "\"tokens\": true to input \"{}\", without \"fields\"",
                          input.paths.front(), described->first.domain, input.name));
}

Result<BoundJob> bind_tokens(const Job& job) {
  BoundJob out{job, {}};
  std::map<std::string, Bound> bound;
  for (Input& input : out.job.inputs) {
    if (!input.tokens) {
      TESSERA_TRY(check_in_the_clear(input));
      continue;
    }
    TESSERA_ASSIGN(auto described, describe_input(input));
    if (!described)
      return fail(
          ErrorCode::usage,
          fmt::format("{}: is not a data set that tessera pseudonymise wrote, or its manifest.json is not beside it\n"
                      "help: leave out \"tokens\": true if it is in the clear",
                      input.paths.front()));
    TESSERA_ASSIGN(InputShape shape, look_at(input));
    input = with_columns(input, described->first);
    out.tokens[input.name] = std::move(described->second);
    bound.emplace(input.name, Bound{input, std::move(described->first), std::move(shape.columns)});
  }
  TESSERA_TRY(check_carried(job, bound));
  for (LinkStep& step : out.job.link) {
    if (step.via) {
      const auto said = [&](const std::string& name) { return out.tokens.contains(name) ? out.tokens.at(name) : ""; };
      TESSERA_TRY(check_bridge_side(step.via->bridge, "from", step.from, said(step.from)));
      TESSERA_TRY(check_bridge_side(step.via->bridge, "to", step.to, said(step.to)));
      continue;
    }
    // Of "within" every input is looked at beside the first.
    for (const std::string& name : step.within)
      if (const auto first = bound.find(step.within.front()), each = bound.find(name); each != bound.end()) {
        if (!step.similar->block.empty()) TESSERA_TRY(check_same_key(first->second, each->second));
        TESSERA_TRY(check_same_filter(first->second, each->second));
        LinkStep bound_rules = step;
        TESSERA_TRY(PassBinder(first->second, each->second, bound_rules).bind());
        if (name == step.within.back()) step = std::move(bound_rules);
      }
    const auto from = bound.find(step.from), to = bound.find(step.to);
    if (from == bound.end() || to == bound.end()) continue;  // both or neither: the job was checked
    if (step.similar) TESSERA_TRY(check_same_filter(from->second, to->second));
    if (!step.similar || !step.similar->block.empty()) TESSERA_TRY(check_same_key(from->second, to->second));
    TESSERA_TRY(check_refuse(step, from->second, to->second));
    TESSERA_TRY(PassBinder(from->second, to->second, step).bind());
  }
  return out;
}

}  // namespace tessera
