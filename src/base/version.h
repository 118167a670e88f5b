// version.h: which Tessera is this?
#pragma once

namespace tessera {

// As the root meson.build says: "0.1.0".
const char* tessera_version();

}  // namespace tessera
