// token_column.h: how does a column of words become a column of tokens?
//
// A value that was seen lately is looked up in a memo of fixed size, by its word; the rest of a batch is hashed at once.
// So parts of dates, sexes and most dates of birth are hashed once, and memory does not grow with the rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pseudonymise/canonical.h"
#include "pseudonymise/tokens.h"

namespace tessera {

// Of one thread.
class TokenColumn {
 public:
  TokenColumn(const TokenSpec& token, Kind kind, const TokenKey& key);  // borrowed: outlive it

  // Tokens of `rows` values, and whether there is one. `words`: of the part asked for; `whole`: of the field.
  void make(std::span<const uint64_t> words, std::span<const uint64_t> whole, const LongTexts& texts);
  [[nodiscard]] std::span<const Token> tokens() const { return tokens_; }
  [[nodiscard]] std::span<const uint8_t> present() const { return present_; }

 private:
  struct Entry {
    uint64_t word = 0;  // 0: free
    Token token;
  };
  void hash_missed();

  const TokenSpec& token_;
  Kind kind_;
  const TokenKey& key_;
  unsigned shift_;
  std::vector<Entry> memo_;
  std::vector<Token> tokens_, made_;
  std::vector<uint8_t> present_;
  std::vector<uint32_t> missed_;  // rows
  std::vector<uint64_t> missed_words_;
  std::vector<size_t> ends_;  // of the texts of the missed
  std::string text_;
  std::vector<std::string_view> values_;
};

}  // namespace tessera
