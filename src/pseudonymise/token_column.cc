#include "pseudonymise/token_column.h"

#include <cstdlib>

namespace tessera {
namespace {

// NHS numbers and postcodes come again, but far apart: a memo that lies beyond the cache still costs less than a hash.
unsigned memo_bits(const TokenSpec& token, Kind kind, const DateTokens* dates) {
  if (dates != nullptr) return 1;
  const bool many = kind == Kind::nhs_number || kind == Kind::name ||
                    (token.part == Part::whole && (kind == Kind::postcode || kind == Kind::date));
  return many ? 19 : 13;
}

}  // namespace

TokenColumn::TokenColumn(const TokenSpec& token, Kind kind, const TokenKey& key, const DateTokens* dates)
    : token_(token),
      kind_(kind),
      key_(key),
      dates_(dates),
      shift_(64 - memo_bits(token, kind, dates)),
      memo_(size_t{1} << memo_bits(token, kind, dates)) {}

void TokenColumn::make(std::span<const uint64_t> words, std::span<const uint64_t> whole, const LongTexts& texts) {
  const size_t rows = words.size();
  present_.resize(rows);
  sources_.assign(words.begin(), words.end());
  // A date as it is kept may lack parts; a token of a whole date stands for all three.
  if (token_.swapped || (kind_ == Kind::date && token_.part == Part::whole))
    for (size_t i = 0; i < rows; ++i) sources_[i] = token_source(token_, kind_, whole[i]);
  for (size_t i = 0; i < rows; ++i) present_[i] = sources_[i] != 0;
  if (dates_ != nullptr) return find_places();

  tokens_.resize(rows);
  missed_.clear();
  texts_.clear();
  constexpr size_t ahead = 16;
  for (size_t i = 0; i < rows; ++i) {
    if (i + ahead < rows) __builtin_prefetch(&entry(sources_[i + ahead]));
    const uint64_t word = sources_[i];
    const Entry& known = entry(word);
    if (known.word == word || word == 0) {
      tokens_[i] = word == 0 ? Token{} : known.token;
      continue;
    }
    append_canonical(token_, kind_, word, whole[i], texts, texts_.text);
    missed_.push_back(static_cast<uint32_t>(i));
    texts_.end();
  }
  hash_missed();
}

void TokenColumn::find_places() {
  places_.resize(sources_.size());
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i] != 0 && !dates_->has(sources_[i])) std::abort();  // see make()
    places_[i] = sources_[i] == 0 ? 0 : dates_->place(sources_[i]);
  }
}

void TokenColumn::hash_missed() {
  const std::span<const Token> made = texts_.hash(key_);
  for (size_t i = 0; i < missed_.size(); ++i) {
    tokens_[missed_[i]] = made[i];
    entry(sources_[missed_[i]]) = {sources_[missed_[i]], made[i]};
  }
}

}  // namespace tessera
