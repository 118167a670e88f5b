// dictionary_codes.cc: see dictionary_codes.h.
#include "record/dictionary_codes.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cassert>
#include <limits>

#include "record/first_places.h"

namespace tessera {

namespace {

constexpr uint32_t nowhere = std::numeric_limits<uint32_t>::max();
constexpr size_t rows_a_word = 4;  // at least, of what is looked up

// A run of rows: where it lies, and where its codes go.
struct Rows {
  WordRun run;
  uint32_t first_place = 0;
  Code* codes = nullptr;
};

// The words of a dictionary, and the rows that have places in it.
struct Dictionary {
  std::span<const uint64_t> words;
  std::vector<const Rows*> rows;      // in order
  std::vector<uint32_t> first_place;  // by place in the dictionary; nowhere: no row has it
  std::vector<uint32_t> number;       // of the word; at last its code

  void find_first_places() {
    first_place.assign(words.size(), nowhere);
    for (const Rows* of : rows)
      for (size_t i = 0; i < of->run.places.size(); ++i) {
        uint32_t& first = first_place[of->run.places[i]];
        if (first == nowhere) [[unlikely]]
          first = of->first_place + static_cast<uint32_t>(i);
      }
  }
};

// Where each word is first, by a number of its own from 1.
class WordPlaces {
 public:
  explicit WordPlaces(size_t words) : bits_(std::max(4, static_cast<int>(std::bit_width(words * 2)))) {
    slots_.resize(size_t{1} << bits_);
    words_.reserve(words + 1);
    places_.reserve(words + 1);
    words_.push_back(0);
    places_.push_back(nowhere);
  }
  uint32_t add(uint64_t word, uint32_t place) {
    uint32_t& number = slots_[slot_of(word)];
    if (number == 0) {
      number = static_cast<uint32_t>(words_.size());
      words_.push_back(word);
      places_.push_back(place);
    }
    places_[number] = std::min(places_[number], place);
    return number;
  }
  [[nodiscard]] uint32_t number(uint64_t word) const { return slots_[slot_of(word)]; }
  [[nodiscard]] std::span<const uint64_t> words() const { return std::span(words_).subspan(1); }
  [[nodiscard]] std::span<const uint32_t> places() const { return places_; }  // by number; [0]: nowhere

 private:
  // Of the word: it has its number, or 0 where it is to come.
  [[nodiscard]] size_t slot_of(uint64_t word) const {
    size_t slot = ((word ^ word >> 32) * 0x9e37'79b9'7f4a'7c15) >> (64 - bits_);
    while (slots_[slot] != 0 && words_[slots_[slot]] != word) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  int bits_;
  std::vector<uint32_t> slots_;
  std::vector<uint64_t> words_;
  std::vector<uint32_t> places_;
};

}  // namespace

bool code_by_dictionaries(std::span<const uint64_t> known, std::span<const WordColumn> columns,
                          std::span<const std::span<Code>> codes, NewWords& out) {
  std::vector<Rows> rows;
  size_t place = known.size(), looked_up = known.size(), placed = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    Code* to = codes[c].data();
    for (const WordRun& run : columns[c]) {
      rows.push_back({run, static_cast<uint32_t>(place), to});
      place += run.size();
      to += run.size();
      assert(place < nowhere);
    }
  }
  std::vector<Dictionary> dictionaries;
  for (const Rows& of : rows) {
    if (of.run.places.empty()) {
      looked_up += of.run.size();
      continue;
    }
    auto found =
        std::ranges::find(dictionaries, of.run.words.data(), [](const Dictionary& d) { return d.words.data(); });
    if (found == dictionaries.end()) {
      found = dictionaries.insert(found, Dictionary{.words = of.run.words});
      looked_up += of.run.words.size();
    }
    found->rows.push_back(&of);
    if (of.run.words.size() > 1) placed += of.run.places.size();  // one word alone is that of rows without a value
  }
  if (placed == 0 || looked_up * rows_a_word > placed) return false;

  tbb::parallel_for(size_t{0}, dictionaries.size(), [&](size_t d) { dictionaries[d].find_first_places(); });
  WordPlaces all(looked_up);
  for (size_t i = 0; i < known.size(); ++i) all.add(known[i], static_cast<uint32_t>(i));
  for (Dictionary& dictionary : dictionaries) {
    dictionary.number.resize(dictionary.words.size(), 0);
    for (size_t i = 0; i < dictionary.words.size(); ++i)
      if (dictionary.first_place[i] != nowhere && dictionary.words[i] != 0)
        dictionary.number[i] = all.add(dictionary.words[i], dictionary.first_place[i]);
  }
  for (const Rows& of : rows)
    if (of.run.places.empty())
      for (size_t i = 0; i < of.run.words.size(); ++i)
        if (of.run.words[i] != 0) all.add(of.run.words[i], of.first_place + static_cast<uint32_t>(i));

  FirstPlaces firsts(place);
  for (const uint32_t first : all.places().subspan(1)) firsts.mark(first);
  firsts.count();
  std::vector<Code> code_of(all.places().size(), 0);  // by number
  out.words.resize(firsts.total() - known.size());
  out.places.resize(out.words.size());
  for (size_t number = 1; number < code_of.size(); ++number) {
    const uint32_t first = all.places()[number], before = firsts.before(first);
    code_of[number] = before + 1;
    if (before < known.size()) continue;
    out.words[before - known.size()] = all.words()[number - 1];
    out.places[before - known.size()] = first - static_cast<uint32_t>(known.size());
  }
  for (Dictionary& dictionary : dictionaries)
    for (uint32_t& number : dictionary.number) number = code_of[number];
  tbb::parallel_for(size_t{0}, dictionaries.size(), [&](size_t d) {
    tbb::parallel_for(size_t{0}, dictionaries[d].rows.size(), [&](size_t r) {
      const Rows& of = *dictionaries[d].rows[r];
      for (size_t i = 0; i < of.run.places.size(); ++i) of.codes[i] = dictionaries[d].number[of.run.places[i]];
    });
  });
  tbb::parallel_for(size_t{0}, rows.size(), [&](size_t r) {
    const auto& [run, first_place, to] = rows[r];
    for (size_t i = 0; run.places.empty() && i < run.words.size(); ++i)
      to[i] = run.words[i] == 0 ? 0 : code_of[all.number(run.words[i])];
  });
  return true;
}

}  // namespace tessera
