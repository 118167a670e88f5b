// model_report.h: what did a model do, as JSON? For the manifest and for summaries of machines.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tessera/report.h"

namespace tessera {

nlohmann::ordered_json model_report_json(const ModelReport& model);

}  // namespace tessera
