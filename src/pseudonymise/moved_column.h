// moved_column.h: how does a difference become a column of tokens?
//
//   dob 1950-03-01, moved by +9 years, beside given_name and sex
//
//   token = HMAC(key of the namespace, token of given_name, token of sex, "1959")
//
// Nearly every row has another, so there is no memo. What the moves are for: token_plan.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pseudonymise/joined_texts.h"
#include "pseudonymise/token_column.h"

namespace tessera {

// Of one thread.
class MovedColumn {
 public:
  // Borrowed, and outlive it. Requires: token.moved.
  MovedColumn(const TokenSpec& token, Kind kind, const TokenKey& key) : token_(token), kind_(kind), key_(key) {}

  // `whole`: the words of the field; `beside`: the columns that the token names, made of the same rows.
  void make(std::span<const uint64_t> whole, std::span<const TokenColumn* const> beside);
  [[nodiscard]] std::span<const uint8_t> present() const { return present_; }
  [[nodiscard]] const Token& token(size_t i) const { return tokens_[i]; }
  [[nodiscard]] std::span<const Token> tokens() const { return tokens_; }

 private:
  const TokenSpec& token_;
  Kind kind_;
  const TokenKey& key_;
  std::vector<Token> tokens_;
  std::vector<uint8_t> present_;
  JoinedTexts texts_;  // of rows that have a token
};

}  // namespace tessera
