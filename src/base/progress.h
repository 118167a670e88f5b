// progress.h: how far are we? A line on stderr with rate and time left.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace tessera {

class Progress {
 public:
  // `total` rows, 0 if unknown. Silent unless `on`.
  Progress(std::string stage, uint64_t total, bool on);
  ~Progress();  // clears the line
  void add(uint64_t rows);  // from any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera
