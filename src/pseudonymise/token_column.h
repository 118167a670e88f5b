// token_column.h: how does a column of words become a column of tokens?
//
// A date is a place in a table (date_tokens.h). Of another kind, a value that was seen lately is looked up in a memo of fixed
// size, by its word; the rest of a batch is hashed at once. So most values are hashed once, and memory does not grow with
// the rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pseudonymise/canonical.h"
#include "pseudonymise/date_tokens.h"
#include "pseudonymise/joined_texts.h"
#include "pseudonymise/tokens.h"

namespace tessera {

// Of one thread.
class TokenColumn {
 public:
  // `dates`: of a column of dates, or null. All are borrowed, and outlive it.
  TokenColumn(const TokenSpec& token, Kind kind, const TokenKey& key, const DateTokens* dates);

  // Tokens of `rows` values, and whether there is one. `words`: of the part asked for; `whole`: of the field.
  // Aborts if there is a table, and a date that it lacks: the standardiser lets none through.
  void make(std::span<const uint64_t> words, std::span<const uint64_t> whole, const LongTexts& texts);
  [[nodiscard]] std::span<const uint8_t> present() const { return present_; }
  [[nodiscard]] const Token& token(size_t i) const {
    return dates_ != nullptr ? dates_->tokens()[places_[i]] : tokens_[i];
  }
  // One of the two: tokens, or places in the table of dates.
  [[nodiscard]] std::span<const Token> tokens() const { return tokens_; }
  [[nodiscard]] std::span<const uint32_t> places() const { return places_; }

 private:
  struct Entry {
    uint64_t word = 0;  // 0: free
    Token token;
  };
  [[nodiscard]] Entry& entry(uint64_t word) { return memo_[(word * 0x9e3779b97f4a7c15) >> shift_]; }
  void find_places();
  void hash_missed();

  const TokenSpec& token_;
  Kind kind_;
  const TokenKey& key_;
  const DateTokens* dates_;
  unsigned shift_;
  std::vector<Entry> memo_;
  std::vector<uint64_t> sources_;  // the word that each token stands for; 0: none
  std::vector<Token> tokens_;
  std::vector<uint32_t> places_;
  std::vector<uint8_t> present_;
  std::vector<uint32_t> missed_;  // rows
  JoinedTexts texts_;             // of the missed
};

}  // namespace tessera
