// side.h: one input of a step, ready to be read.
//
//   columns read   [ those of the standardiser | id | carried ... | groups ... ]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pseudonymise/pseudonymise.h"
#include "read/read.h"
#include "record/words.h"
#include "standardise/standardise.h"
#include "tessera/job.h"
#include "tessera/report.h"
#include "write/write.h"

namespace tessera {

// Which of the columns a walk over an input needs.
struct Side {
  const Input* input = nullptr;
  InputShape shape;
  std::vector<WordSpec> words;
  std::vector<Kind> kinds;  // of the words
  std::vector<std::string> carried;
  std::vector<RawColumn::Form> out_forms;  // id, then carried
  std::vector<std::string> groups;         // columns that "refuse" groups by
  std::shared_ptr<const TokenKey> id_key;  // of a bridge: ids become pseudonyms as they are read; null: they stay
  Standardiser standardiser;

  // Columns of a walk in that order. Without words: only id and carried.
  [[nodiscard]] std::vector<std::string> columns(bool with_words) const;
  [[nodiscard]] std::span<const RawColumn> outputs(const RawBatch& raw, bool with_words) const {
    return std::span(raw.columns).subspan(with_words ? standardiser.columns().size() : 0, out_forms.size());
  }
  [[nodiscard]] std::span<const RawColumn> group_columns(const RawBatch& raw) const {
    return std::span(raw.columns).subspan(standardiser.columns().size() + out_forms.size(), groups.size());
  }
  [[nodiscard]] bool has_required() const;
};

// Reads the batches of a side, of one morsel after another. Where its ids are hidden they are pseudonyms, as texts of
// hexadecimal digits, before anything else sees them.
class SideReader {
 public:
  SideReader(const Side& side, bool with_words) : side_(side), with_words_(with_words) {}
  // As Morsel::next.
  Result<bool> next(Morsel& morsel, RawBatch& raw, std::vector<Reject>& rejects);

 private:
  const Side& side_;
  bool with_words_;
  std::vector<char> digits_;
  std::vector<std::string_view> texts_;
};

Result<Side> make_side(const Job& job, const Input& input, InputShape shape, std::vector<WordSpec> words);

// The key of pseudonyms of the ids of an input in a domain: they are those that tessera pseudonymise makes of an input of
// that name. Fails: as SecretKey::read.
Result<std::shared_ptr<const TokenKey>> id_key_of(const Bridge::Domain& domain, const Input& input);

// id or carried columns as they are written: "from_id", "hes_ADMIDATE" ...
std::vector<OutColumn> out_columns(const Side& side, const std::string& id_name);

// Leaves out of `words` the rows whose id is null, and rejects them.
void drop_missing_ids(const RawBatch& raw, const RawColumn& id, WordBatch& words, std::vector<Reject>& rejects);

// The words of a batch in a second walk over the input, and which rows are kept. Without words: only which rows. Clears
// `rejects`, those of reading the batch too: they were written and counted in the first walk.
void words_again(const Side& side, const RawBatch& raw, bool with_words, WordBatch& words, std::vector<Reject>& rejects,
                 Standardiser::Scratch& scratch);

// Field profiles of what the threads saw; of an input without rows too. `locals`: pointers to
// something with a `standardise` scratch.
template <class Locals>
void add_profiles(const Side& side, const Locals& locals, InputReport& report) {
  side.standardiser.add_profile(*side.standardiser.scratch(), report.fields);
  for (const auto& local : locals) side.standardiser.add_profile(*local->standardise, report.fields);
}

const Input& input_called(const Job& job, const std::string& name);

}  // namespace tessera
