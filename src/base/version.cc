#include "base/version.h"

namespace tessera {

const char* tessera_version() { return TESSERA_VERSION; }

}  // namespace tessera
