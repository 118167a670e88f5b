// progress.h: how far are we? A line on stderr with rate and time left.
//
//   reading hes  12.3 M of 100.0 M rows  12 %  3.4 M rows/s  25.8 s left
//
// No thread of its own: whoever adds rows draws, at most five times a second. On a terminal the line is
// drawn over itself; elsewhere (--progress always, to a file) a new line is written every two seconds.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tessera {

class Progress {
 public:
  // `total` rows, 0 if unknown. Silent unless `on`.
  Progress(std::string stage, uint64_t total, bool on);
  ~Progress();              // clears the line
  void add(uint64_t rows);  // from any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The text of the line. `total` 0: unknown.
[[nodiscard]] std::string progress_text(std::string_view stage, uint64_t done, uint64_t total, double seconds);

// Takes a drawn line off the terminal so that something else may be written; the next add() draws it again.
void clear_progress_line();

// Is stderr a terminal that can redraw a line?
[[nodiscard]] bool stderr_is_terminal();

}  // namespace tessera
