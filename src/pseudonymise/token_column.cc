#include "pseudonymise/token_column.h"

namespace tessera {
namespace {

// Of dates of birth there are some 40,000, of which few are new in a batch; of people more than any memo holds.
unsigned memo_bits(const TokenSpec& token, Kind kind) {
  return kind == Kind::date && token.part == Part::whole ? 16 : 13;
}

}  // namespace

TokenColumn::TokenColumn(const TokenSpec& token, Kind kind, const TokenKey& key)
    : token_(token),
      kind_(kind),
      key_(key),
      shift_(64 - memo_bits(token, kind)),
      memo_(size_t{1} << memo_bits(token, kind)) {}

void TokenColumn::make(std::span<const uint64_t> words, std::span<const uint64_t> whole, const LongTexts& texts) {
  const size_t rows = words.size();
  tokens_.resize(rows);
  present_.resize(rows);
  missed_.clear();
  missed_words_.clear();
  ends_.clear();
  text_.clear();
  // A date as it is kept may lack parts; a token of a whole date stands for all three.
  const bool from_whole = token_.swapped || (kind_ == Kind::date && token_.part == Part::whole);
  for (size_t i = 0; i < rows; ++i) {
    const uint64_t word = from_whole ? token_source(token_, kind_, whole[i]) : words[i];
    present_[i] = word != 0;
    if (word == 0) {
      tokens_[i] = Token{};
      continue;
    }
    const Entry& entry = memo_[(word * 0x9e3779b97f4a7c15) >> shift_];
    if (entry.word == word) {
      tokens_[i] = entry.token;
      continue;
    }
    append_canonical(token_, kind_, word, whole[i], texts, text_);
    missed_.push_back(static_cast<uint32_t>(i));
    missed_words_.push_back(word);
    ends_.push_back(text_.size());
  }
  hash_missed();
}

void TokenColumn::hash_missed() {
  values_.clear();
  size_t begin = 0;
  for (const size_t end : ends_) {
    values_.push_back(std::string_view(text_).substr(begin, end - begin));
    begin = end;
  }
  made_.resize(values_.size());
  key_.tokens(values_, made_.data());
  for (size_t i = 0; i < missed_.size(); ++i) {
    tokens_[missed_[i]] = made_[i];
    memo_[(missed_words_[i] * 0x9e3779b97f4a7c15) >> shift_] = {missed_words_[i], made_[i]};
  }
}

}  // namespace tessera
