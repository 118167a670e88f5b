// standardise.h: what does a raw value mean?
//
// One value in, one word out (record/words.h), or null with a reason. Every rule
// is in docs/standardise.md with its source. Distinct values of a dictionary are
// standardised once for each dictionary; repeated plain values through a small memo.
//
// Not here: reading (read/), keys (pseudonymise/).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "record/long_texts.h"
#include "record/raw.h"
#include "record/text_log.h"
#include "record/words.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

class Standardiser {
 public:
  // Buffers, memos and counts of one thread.
  class Scratch;

  // For the given fields of the input, and the words wanted of them. Reads the
  // list files that the words name and standardises them like the field.
  // Fails: usage (2) for a part that does not fit its kind; data (3) for a list file.
  static Result<Standardiser> make(const Input& input, const std::vector<ListFile>& lists,
                                   const std::vector<WordSpec>& words);

  // Columns to read, in the order run() expects at the start of RawBatch::columns.
  [[nodiscard]] const std::vector<std::string>& columns() const;

  [[nodiscard]] std::unique_ptr<Scratch, void (*)(Scratch*)> scratch() const;

  // Ensures: out.rows <= raw.rows; rows with a bad required field are left out and
  // appended to rejects. Thread-safe with one Scratch a thread.
  void run(const RawBatch& raw, WordBatch& out, std::vector<Reject>& rejects, Scratch& scratch) const;

  // Fails: data (3) naming the field, if a value of a pseudonymised data set was no token or no flag: the file is
  // damaged, or not what its description says.
  [[nodiscard]] Status check_tokens(const Scratch& scratch) const;

  // From here on words that come with a dictionary are places in its words (WordBatch::placed).
  static void take_places(Scratch& scratch);

  // From here on the scratch writes down the text behind every long word that it makes.
  static void log_texts(Scratch& scratch);
  // Of a field that a word is wanted of.
  [[nodiscard]] const TextLog& log(const Scratch& scratch, const std::string& field) const;
  // All of them, by field; the scratch begins again, and writes down what it has seen before once more.
  static std::vector<TextLog> take_logs(Scratch& scratch);
  // The place of a field in what take_logs() gives.
  [[nodiscard]] size_t field_place(const std::string& field) const;

  // The same, to be found by the word.
  static void keep_texts(Scratch& scratch);
  // Those of a field that a word is wanted of.
  [[nodiscard]] const LongTexts& texts(const Scratch& scratch, const std::string& field) const;

  // The scratch forgets them, and keeps texts that it has seen before once more.
  static void drop_texts(Scratch& scratch);

  // Adds the counts of a scratch to the profile, in the order of Input::fields
  // (fields of which no word is wanted and that are not required are not counted).
  void add_profile(const Scratch& scratch, std::vector<FieldProfile>& profile) const;

  // The word of one value given as text, as run() would make it. For lists, tests, explain.
  [[nodiscard]] uint64_t word_of(const WordSpec& word, std::string_view text) const;

  Standardiser(Standardiser&&) noexcept;
  Standardiser& operator=(Standardiser&&) noexcept;
  ~Standardiser();

 private:
  struct State;
  explicit Standardiser(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace tessera
