#include "base/private.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace tessera {

void keep_private() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  // Neither call can fail for lack of rights: both only give something up.
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0);
  umask(077);
}

}  // namespace tessera
