// joined_texts.h: how are the texts of a batch hashed in one call?
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pseudonymise/tokens.h"

namespace tessera {

// Texts one behind the other: append to `text`, then end(). Of one thread; used again for the next batch.
class JoinedTexts {
 public:
  std::string text;
  void clear() {
    text.clear();
    ends_.clear();
  }
  void end() { ends_.push_back(text.size()); }
  // The token of each, in their order; good until the next call.
  std::span<const Token> hash(const TokenKey& key) {
    values_.clear();
    size_t begin = 0;
    for (const size_t end : ends_) {
      values_.push_back(std::string_view(text).substr(begin, end - begin));
      begin = end;
    }
    tokens_.resize(values_.size());
    key.tokens(values_, tokens_.data());
    return tokens_;
  }

 private:
  std::vector<size_t> ends_;
  std::vector<std::string_view> values_;
  std::vector<Token> tokens_;
};

}  // namespace tessera
