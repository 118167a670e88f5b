#include "base/interrupt.h"

#include <atomic>
#include <csignal>

namespace tessera {
namespace {

std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // else not usable in a handler

extern "C" void on_signal(int signal) {
  if (!stop_asked.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // delivered when the handler returns: the process dies of the signal, as its parent expects
}

}  // namespace

void watch_interrupts() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // reads and writes go on; the flag is looked at between batches
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return stop_asked.load(std::memory_order_relaxed); }

Status check_interrupted() {
  if (interrupted()) return fail(ErrorCode::interrupted, "interrupted; nothing was written");
  return {};
}

}  // namespace tessera
