// bridge_map.h: which pseudonyms of the other domain does a bridging file give for one?
//
//   from_pseudonym   to_pseudonym   rank          of("3f0c") -> { 99aa at 1, 11bb at 4 }
//   3f0c             99aa           1
//   3f0c             11bb           4
//
// Held in memory: both columns of pseudonyms as numbers, some 40 bytes a pair and 33 a pseudonym of the to side.
// Pseudonyms are found by a hash of 63 bits, as texts are everywhere (record/words.h).
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/raw.h"
#include "record/words.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// The pseudonyms of one side, as words and then as numbers in the order in which they come.
class PseudonymNumbers {
 public:
  static constexpr uint32_t none = UINT32_MAX;
  // Whether a first pseudonym is a token: then all are.
  void like(std::string_view first) { tokens_ = token_word(first, false) != 0; }
  // The word of a text. 0: it is empty or cannot be a pseudonym of this side.
  [[nodiscard]] uint64_t word(std::string_view text) const {
    return tokens_ ? token_word(text, false) : text_word(text);
  }
  // Those of some rows of a column; 0: null or empty. false: one cannot be a pseudonym of this side.
  [[nodiscard]] bool words(const RawColumn& column, std::span<const uint32_t> rows, std::vector<uint64_t>& out) const;

  // Requires: word != 0.
  uint32_t number(uint64_t word);
  // By word its number, or none.
  void find(std::span<const uint64_t> words, std::vector<uint32_t>& numbers) const;
  [[nodiscard]] uint32_t size() const { return used_; }

 private:
  struct Slot {
    uint64_t word = 0;  // 0: free
    uint32_t number = none;
  };
  [[nodiscard]] size_t home(uint64_t word) const {
    return word * 0x9e3779b97f4a7c15 >> (64 - std::countr_zero(slots_.size()));
  }
  [[nodiscard]] size_t place(uint64_t word) const;
  bool tokens_ = false;
  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  uint32_t used_ = 0;
};

class BridgeMap {
 public:
  // Fails: data (3) if the file is no bridging file, a pseudonym in it is empty, or some of a side are tokens (32 hex digits
  // in lower case) and others are not; as reading does.
  static Result<BridgeMap> read(const std::string& path);

  struct Partner {
    uint32_t to = 0;   // number of the pseudonym
    uint32_t row = 0;  // of the file: for its marks
  };
  [[nodiscard]] const PseudonymNumbers& from() const { return from_; }
  [[nodiscard]] const PseudonymNumbers& to() const { return to_; }
  // Of a pseudonym of the from side, by its number; none for PseudonymNumbers::none. In the order of the file.
  [[nodiscard]] std::span<const Partner> partners(uint32_t number) const {
    if (number == PseudonymNumbers::none) return {};
    return std::span(partners_).subspan(starts_[number], starts_[number + 1] - starts_[number]);
  }
  // Brings the place of a number's partners, or these, near; in this order, some rows apart.
  void prefetch_place(uint32_t number) const {
    if (number != PseudonymNumbers::none) __builtin_prefetch(&starts_[number]);
  }
  void prefetch_partners(uint32_t number) const {
    if (number != PseudonymNumbers::none) __builtin_prefetch(partners_.data() + starts_[number]);
  }
  [[nodiscard]] std::string_view to_text(uint32_t number) const {
    return std::string_view(to_bytes_).substr(to_starts_[number], to_starts_[number + 1] - to_starts_[number]);
  }
  [[nodiscard]] uint64_t pairs() const { return partners_.size(); }

  // What the file says of each pair: its rank (0: none), or its weight and probability.
  [[nodiscard]] bool has_ranks() const { return !ranks_.empty() || weights_.empty(); }
  [[nodiscard]] bool has_weights() const { return !weights_.empty(); }
  [[nodiscard]] int64_t rank(uint32_t row) const { return ranks_[row]; }
  [[nodiscard]] double weight(uint32_t row) const { return weights_[row]; }
  [[nodiscard]] double probability(uint32_t row) const { return probabilities_[row]; }

 private:
  PseudonymNumbers from_, to_;
  std::vector<uint64_t> starts_;  // by number of from: its partners
  std::vector<Partner> partners_;
  std::string to_bytes_;
  std::vector<uint64_t> to_starts_{0};
  std::vector<int64_t> ranks_;
  std::vector<double> weights_, probabilities_;
};

// The error of a pseudonym that cannot be one of the bridging file: data (3). `where`: "bridge.csv: row 7".
[[nodiscard]] std::unexpected<Error> not_a_pseudonym(const std::string& where);
// Of an input; `column`: that of its pseudonyms, or empty for the id.
[[nodiscard]] std::unexpected<Error> not_a_pseudonym(const Input& input, const std::string& column);

}  // namespace tessera
