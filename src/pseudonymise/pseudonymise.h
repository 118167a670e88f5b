// pseudonymise.h: the front door of the room: how do values leave as something that only the holder of a key can make?
#pragma once

#include "pseudonymise/keys.h"    // the secret, its file, the keys derived from it
#include "pseudonymise/secret.h"  // memory that holds secrets
#include "pseudonymise/tokens.h"  // values -> tokens
