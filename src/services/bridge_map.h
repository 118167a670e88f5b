// bridge_map.h: which pseudonyms of the other domain does a bridging file give for one?
//
//   from_pseudonym   to_pseudonym   rank          of("3f0c") -> { 99aa at 1, 11bb at 4 }
//   3f0c             99aa           1
//   3f0c             11bb           4
//
// Held in memory: both columns of pseudonyms as numbers, some 40 bytes a pair and 33 a pseudonym of the to side.
// Pseudonyms are found by a hash of 63 bits, as texts are everywhere (record/words.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/words.h"
#include "tessera/error.h"
#include "tessera/job.h"

namespace tessera {

// Numbers texts in the order in which they come.
class PseudonymNumbers {
 public:
  static constexpr uint32_t none = UINT32_MAX;
  uint32_t number(std::string_view text);
  [[nodiscard]] uint32_t find(std::string_view text) const;
  [[nodiscard]] uint32_t size() const { return used_; }

 private:
  struct Slot {
    uint64_t word = 0;  // 0: free
    uint32_t number = 0;
  };
  [[nodiscard]] size_t place(uint64_t word) const;
  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  uint32_t used_ = 0;
};

class BridgeMap {
 public:
  // Fails: data (3) if the file is no bridging file, a pseudonym in it is empty, or some of a side are tokens (32 hex digits
  // in lower case) and others are not; as reading does.
  static Result<BridgeMap> read(const std::string& path);
  // Whether a text may be a pseudonym of that side: where the bridging file has tokens, only tokens are.
  [[nodiscard]] bool fits_from(std::string_view text) const { return !from_tokens_ || token_word(text, false) != 0; }
  [[nodiscard]] bool fits_to(std::string_view text) const { return !to_tokens_ || token_word(text, false) != 0; }

  struct Partner {
    uint32_t to = 0;   // number of the pseudonym
    uint32_t row = 0;  // of the file: for its marks
  };
  // In the order of the file. Safe from many threads.
  [[nodiscard]] std::span<const Partner> of(std::string_view pseudonym) const;
  [[nodiscard]] const PseudonymNumbers& to_numbers() const { return to_; }
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
  bool from_tokens_ = false, to_tokens_ = false;
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
