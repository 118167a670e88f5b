// load.cc: may this job run? Its text, then its files.
#include "job/job.h"
#include "read/read.h"
#include "tessera/job.h"

namespace tessera {

Result<Job> load_job(const std::string& path, bool look_at_files) {
  TESSERA_ASSIGN(std::string text, read_job_text(path));

  // Every mistake of the text is gathered, and so is every mistake of the files.
  ParsedJob parsed = parse_job(path, std::move(text), look_at_files);

  // The files are opened for their headers and metadata only.
  if (look_at_files)
    TESSERA_TRY(check_files(parsed, [](const Input& input) -> Result<std::vector<std::string>> {
      TESSERA_ASSIGN(InputShape shape, look_at(input));
      return std::move(shape.columns);
    }));

  return finish(std::move(parsed));
}

}  // namespace tessera
