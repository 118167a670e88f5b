// date_tokens.h: the tokens of every date that can be, made beforehand.
//
//   word of 1950-03-01 ──> place in the table ──> token
//
// There are some 54,000 dates in a window of 147 years, and a data set has most of them in each million rows. So a column
// of dates needs no memo: its values are places in one table, which all threads read, and a writer that keeps a dictionary
// need not hash them again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pseudonymise/token_plan.h"
#include "pseudonymise/tokens.h"
#include "tessera/job.h"

namespace tessera {

// Fixed once made; read by any number of threads.
class DateTokens {
 public:
  // Null where the window of the field holds too many years: then dates are hashed as they come.
  static std::unique_ptr<const DateTokens> make(const TokenSpec& token, const FieldSpec& field, const TokenKey& key);

  [[nodiscard]] std::span<const Token> tokens() const { return tokens_; }
  // The place of the word of a part that the token stands for. Requires: has(word).
  [[nodiscard]] uint32_t place(uint64_t word) const { return static_cast<uint32_t>(word - base_); }
  // Whether it is of a date in the window.
  [[nodiscard]] bool has(uint64_t word) const { return word - base_ < there_.size() && there_[word - base_]; }

 private:
  DateTokens() = default;
  uint64_t base_ = 0;  // the word at place 0
  std::vector<Token> tokens_;
  std::vector<bool> there_;
};

}  // namespace tessera
