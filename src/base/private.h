// private.h: what must never leave this process by accident?
#pragma once

namespace tessera {

// No core files, no attaching or reading of memory by other processes of the same user, and new files
// readable by their owner only (umask 077). Call first thing in main.
void keep_private();

}  // namespace tessera
