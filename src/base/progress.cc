#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace tessera {
namespace {

using Clock = std::chrono::steady_clock;
std::atomic<bool> line_is_drawn = false;

}  // namespace

struct Progress::State {
  // fixed after construction
  std::string stage;
  uint64_t total = 0;
  bool terminal = false;
  Clock::time_point start;
  Clock::duration pause;
  // from any thread
  std::atomic<uint64_t> done = 0;
  std::atomic<Clock::rep> draw_next = 0;  // time since `start`

  void draw() const {
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    const std::string text = progress_text(stage, done.load(std::memory_order_relaxed), total, elapsed.count());
    if (terminal) line_is_drawn = true;
    fmt::print(stderr, "{}", terminal ? "\r" + text + "\033[K" : text + "\n");
    std::fflush(stderr);
  }
};

Progress::Progress(std::string stage, uint64_t total, bool on) {
  if (!on) return;
  state_ = std::make_unique<State>();
  state_->stage = std::move(stage);
  state_->total = total;
  state_->terminal = stderr_is_terminal();
  state_->start = Clock::now();
  state_->pause = state_->terminal ? std::chrono::milliseconds(200) : std::chrono::seconds(2);
}

Progress::~Progress() {
  if (!state_) return;
  if (state_->terminal)
    clear_progress_line();
  else
    state_->draw();  // a file keeps the final figures
}

void Progress::add(uint64_t rows) {
  if (!state_) return;
  state_->done.fetch_add(rows, std::memory_order_relaxed);
  const Clock::rep now = (Clock::now() - state_->start).count();
  Clock::rep due = state_->draw_next.load(std::memory_order_relaxed);
  // Of the threads that find the line due, the one that moves the time on draws it.
  if (now < due || !state_->draw_next.compare_exchange_strong(due, now + state_->pause.count())) return;
  state_->draw();
}

std::string progress_text(std::string_view stage, uint64_t done, uint64_t total, double seconds) {
  std::string text = fmt::format("{}  {}", stage, human_count(done));
  if (total != 0) text += fmt::format(" of {}", human_count(total));
  text += " rows";
  if (total != 0) text += fmt::format("  {} %", done >= total ? 100 : 100 * done / total);
  if (done == 0 || seconds < 0.2) return text;  // too early to tell
  const double rate = static_cast<double>(done) / seconds;
  text += fmt::format("  {} rows/s", human_count(static_cast<uint64_t>(rate)));
  if (total > done) text += fmt::format("  {} left", human_seconds(static_cast<double>(total - done) / rate));
  return text;
}

void clear_progress_line() {
  if (!line_is_drawn.exchange(false)) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
}

bool stderr_is_terminal() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace tessera
