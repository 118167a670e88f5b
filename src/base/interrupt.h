// interrupt.h: has someone asked us to stop?
#pragma once

#include "tessera/error.h"

namespace tessera {

// SIGINT and SIGTERM set a flag; a second one kills at once.
void watch_interrupts();
[[nodiscard]] bool interrupted();
// Fails: interrupted (5).
[[nodiscard]] Status check_interrupted();

}  // namespace tessera
