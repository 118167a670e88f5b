// pseudonymise.h: the front door of the room: how do values leave as something that only the holder of a key can make?
#pragma once

#include "pseudonymise/canonical.h"       // the text of a value that goes into its token
#include "pseudonymise/date_tokens.h"     // the tokens of every date
#include "pseudonymise/description.h"     // what a pseudonymised data set says of itself
#include "pseudonymise/filter_encoder.h"  // a record -> its filter
#include "pseudonymise/keys.h"            // the secret, its file, the keys derived from it
#include "pseudonymise/moved_column.h"    // differences -> columns of tokens
#include "pseudonymise/secret.h"          // memory that holds secrets
#include "pseudonymise/token_column.h"    // columns of words -> columns of tokens
#include "pseudonymise/token_plan.h"      // which tokens a list of passes needs
#include "pseudonymise/tokens.h"          // values -> tokens
