// token_rows.h: what is written of a row when a data set is pseudonymised?
//
//   id | tokens ... | flags ... | clear fields ... | tokens of groups ...
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pseudonymise/pseudonymise.h"
#include "services/side.h"

namespace tessera {

class TokenRows {
 public:
  // Of the tokens of a plan, those for which the input has the field. Derives a key for each namespace.
  // `key`: null if there are no tokens and ids are kept.
  // Fails: usage (2) if the input has none and no filter is to be written, or a column would be called as another.
  static Result<TokenRows> make(const Job& job, const Input& input, const TokenPlan& plan, const SecretKey* key);
  // There will be a filter too: its column comes last.
  void add_filter(Description::Filter filter) { description_.filter = std::move(filter); }

  // Columns of the input whose tokens are written, in the order of the groups that make() wants.
  [[nodiscard]] const std::vector<std::string>& groups() const { return description_.groups; }
  // The words that make() wants of the standardiser, in its order.
  [[nodiscard]] const std::vector<WordSpec>& words() const { return words_; }
  void set_id_form(RawColumn::Form form) { id_form_ = form; }
  [[nodiscard]] std::vector<OutColumn> columns() const;
  [[nodiscard]] std::string description() const;

  // What one thread needs.
  struct Buffers {
    std::vector<TokenColumn> columns;
    std::vector<MovedColumn> moved;
    std::vector<std::vector<std::string_view>> texts;  // by output column
    std::vector<std::vector<int64_t>> numbers;
    std::vector<std::vector<uint8_t>> present;
    std::vector<std::string> characters;
    std::vector<Token> ids;  // or groups
  };
  [[nodiscard]] Buffers buffers() const;
  // Views into the buffers, good until the next call. Thread-safe with buffers and a scratch of one's own.
  [[nodiscard]] OutBatch make(const RawColumn& id, std::span<const RawColumn> groups, const WordBatch& words,
                              const Standardiser& standardiser, const Standardiser::Scratch& scratch,
                              Buffers& buffers) const;
  // Long texts that a scratch holds.
  [[nodiscard]] size_t texts_kept(const Standardiser& standardiser, const Standardiser::Scratch& scratch) const;

 private:
  struct TokenPlace {
    TokenSpec spec;
    Kind kind = Kind::text;
    size_t word = 0, whole = 0;  // in words_
    size_t key = 0;              // in keys_
    std::unique_ptr<const DateTokens> dates;
  };
  struct MovedPlace {
    TokenSpec spec;
    Kind kind = Kind::integer;
    size_t word = 0, key = 0;    // in words_, in keys_
    std::vector<size_t> beside;  // in tokens_
  };
  struct FlagPlace {
    FlagSpec spec;
    size_t word = 0;
  };
  struct ClearPlace {
    TokenSpec whole;  // of the field, for its text
    Kind kind = Kind::text;
    size_t word = 0;
  };
  size_t want(WordSpec spec);
  // The key of a namespace, derived when it is first wanted. `spaces`: those that keys_ are of.
  Result<size_t> key_of(const std::string& space, std::vector<std::string>& spaces, const Pseudonyms& how,
                        const SecretKey& key);
  void make_ids(const RawColumn& id, const WordBatch& words, Buffers& buffers, OutBatch& out) const;
  // Tokens, as hex, of a column as it stands; null where it is.
  void make_raw(const RawColumn& raw, const WordBatch& words, const TokenKey& key, size_t column, Buffers& buffers,
                OutBatch& out) const;
  void make_clear(const ClearPlace& clear, const WordBatch& words, const LongTexts& texts, size_t column,
                  Buffers& buffers, OutBatch& out) const;

  bool binary_ = false, keep_ids_ = false;
  RawColumn::Form id_form_ = RawColumn::Form::text;
  std::vector<WordSpec> words_;
  std::vector<TokenPlace> tokens_;
  std::vector<MovedPlace> moved_;  // written behind them
  std::vector<FlagPlace> flags_;
  std::vector<ClearPlace> clear_;
  std::vector<TokenKey> keys_;  // by namespace; the last are those of groups, and then that of ids
  Description description_;
};

// The table of tokens for `tessera explain`: token, namespace, ranks served, what it reveals.
[[nodiscard]] std::string describe_tokens(const Job& job, const TokenPlan& plan);

}  // namespace tessera
