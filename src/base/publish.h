// publish.h: how does a directory of outputs appear whole or not at all?
//
//   out.tessera-PID-XXXX/   everything is written here, mode 0700, files 0600
//   out/                    one rename, once all is written and synced
//
// The work directory holds a lock for as long as its process lives, so a later run
// can tell a dead one's from a live one's, and removes the dead.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tessera/error.h"

namespace tessera {

class OutputDirectory {
 public:
  // Fails: usage (2) if `path` exists and not `force`; resource (4) if it cannot be written.
  static Result<OutputDirectory> begin(const std::string& path, bool force);
  // Where to write the file called `name`.
  [[nodiscard]] std::string file(const std::string& name) const;
  // Syncs and renames; with force an existing directory is exchanged and then removed.
  Status publish();
  OutputDirectory(OutputDirectory&&) noexcept;
  OutputDirectory& operator=(OutputDirectory&&) noexcept;
  ~OutputDirectory();  // unpublished: removes the work directory

 private:
  struct State;
  explicit OutputDirectory(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

// The same for an output that is one file: it is written in a work folder beside its place, then renamed.
class OutputFileInPlace {
 public:
  // `mark`: a text that files of this kind have in their first 4 KiB; with force no other file is replaced.
  // Fails: usage (2) if `path` is there and may not be replaced; resource (4) if it cannot be written.
  static Result<OutputFileInPlace> begin(const std::string& path, bool force, std::string mark);
  // The whole file, 0600, synced, under its name.
  Status publish(std::string_view content);
  OutputFileInPlace(OutputFileInPlace&&) noexcept;
  OutputFileInPlace& operator=(OutputFileInPlace&&) noexcept;
  ~OutputFileInPlace();  // removes the work folder

 private:
  struct State;
  explicit OutputFileInPlace(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

// A private scratch folder (0700) below `parent`, removed at the end or, after a
// crash, by the next run that uses the same parent.
class SpillDirectory {
 public:
  static Result<SpillDirectory> begin(const std::string& parent);
  [[nodiscard]] const std::string& path() const;
  SpillDirectory(SpillDirectory&&) noexcept;
  SpillDirectory& operator=(SpillDirectory&&) noexcept;
  ~SpillDirectory();

 private:
  struct State;
  explicit SpillDirectory(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace tessera
