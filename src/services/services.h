// services.h: what do services offer beside include/tessera/engine.h?
#pragma once

#include "services/doctor.h"
#include "services/evaluate.h"
