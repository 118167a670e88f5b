// How a work folder is known to be alive: its process holds flock() on it. Taking part in that are
//
//   maker     mkdtemp ── open ── flock ── still there under its name? ── work ── rename
//   cleaner   open ── flock: refused, so alive
//                         └─ granted, so dead ── remove, still holding the lock
//
// A cleaner may slip in between the maker's mkdtemp and flock. Then the maker finds the lock taken or the
// folder gone, and makes another. So no live folder is ever removed, whatever the process ids say: they may
// come from another container on the same disk.
#include "base/publish.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/files.h"

namespace tessera {
namespace {

namespace stdfs = std::filesystem;

// What an output folder without a manifest holds, so that --force can tell it from somebody's data.
constexpr const char* marker_name = ".tessera";

struct Held {
  std::string path;
  OpenFile lock;
};

OpenFile open_folder(const std::string& path) {
  return OpenFile(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

void remove_tree(const std::string& path) {
  std::error_code ignored;  // what cannot be removed now is removed by a later run
  stdfs::remove_all(path, ignored);
}

bool is_same_folder(const OpenFile& folder, const std::string& path) {
  struct stat held{}, named{};
  return fstat(folder.descriptor(), &held) == 0 && lstat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

void remove_dead(const stdfs::path& parent, const std::string& prefix) {
  std::error_code problem;
  for (stdfs::directory_iterator entry(parent, problem), end; !problem && entry != end; entry.increment(problem)) {
    if (!entry->path().filename().string().starts_with(prefix)) continue;
    const OpenFile folder = open_folder(entry->path().string());
    if (folder.is_open() && flock(folder.descriptor(), LOCK_EX | LOCK_NB) == 0) remove_tree(entry->path().string());
  }
}

// A new folder PREFIX-PID-XXXXXX, mode 0700, locked for as long as `lock` is open.
Result<Held> make_held(const stdfs::path& parent, const std::string& prefix) {
  constexpr int attempts_max = 100;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    std::string path = (parent / fmt::format("{}{}-XXXXXX", prefix, getpid())).string();
    if (mkdtemp(path.data()) == nullptr) return fail_errno("write to", parent.string());
    OpenFile lock = open_folder(path);
    if (!lock.is_open()) continue;
    const bool locked = flock(lock.descriptor(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno == EWOULDBLOCK) continue;
    // Where the file system has no locks (some network ones) nobody can get one, so nothing is ever removed as dead.
    if (is_same_folder(lock, path)) return Held{std::move(path), std::move(lock)};
  }
  return fail(ErrorCode::resource,
              fmt::format("cannot write to {}: work folders vanish as they are made", parent.string()));
}

// A mode that is right already is left alone: it would be a change for the disk to keep, file after file.
Status set_mode(const stdfs::path& path, mode_t mode) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & 07777) == mode) return {};
  if (chmod(path.c_str(), mode) != 0) return fail_errno("set the mode of", path.string());
  return {};
}

// Mode 0600 and synced, all files; then 0700 and synced, the folders, inner ones first.
Status settle(const stdfs::path& folder) {
  std::error_code problem;
  for (stdfs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
    const stdfs::path& path = entry->path();
    if (entry->is_directory() && !entry->is_symlink()) {
      TESSERA_TRY(settle(path));
      continue;
    }
    TESSERA_TRY(set_mode(path, 0600));
    TESSERA_TRY(sync_path(path.string()));
  }
  if (problem) return fail(ErrorCode::resource, fmt::format("cannot read {}: {}", folder.string(), problem.message()));
  TESSERA_TRY(set_mode(folder, 0700));
  return sync_path(folder.string());
}

bool is_there(const stdfs::path& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

// May --force remove what is at `target`? Only what a run of ours has written, or an empty folder.
Status check_replaceable(const stdfs::path& target) {
  std::error_code problem;
  const bool folder = stdfs::is_directory(stdfs::symlink_status(target, problem));
  if (!folder)
    return fail(ErrorCode::usage,
                fmt::format("output {} is there and is not a directory; choose another", target.string()));
  if (is_there(target / "manifest.json") || is_there(target / marker_name) || stdfs::is_empty(target, problem))
    return {};
  return fail(ErrorCode::usage,
              fmt::format("output directory {} holds files that Tessera did not write, so --force does not replace it; "
                          "choose another or remove it yourself",
                          target.string()));
}

std::unexpected<Error> fail_exists(const stdfs::path& target) {
  return fail(ErrorCode::usage,
              fmt::format("output directory {} is there already; --force replaces it", target.string()));
}

// Where the file system cannot exchange: two renames. A kill in between leaves the old one as PATH.tessera-...-old.
Status exchange_in_two(const std::string& work, const std::string& target) {
  const std::string aside = work + "-old";
  if (rename(target.c_str(), aside.c_str()) != 0) return fail_errno("replace", target);
  if (rename(work.c_str(), target.c_str()) != 0) {
    const auto error = fail_errno("replace", target);
    (void)rename(aside.c_str(), target.c_str());
    return error;
  }
  remove_tree(aside);
  return {};
}

Status exchange(const std::string& work, const std::string& target) {
  if (renameat2(AT_FDCWD, work.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    remove_tree(work);  // now the old one
    return {};
  }
  if (errno == EINVAL || errno == ENOSYS) return exchange_in_two(work, target);
  return fail_errno("replace", target);
}

Status move_into_place(const std::string& work, const std::string& target) {
  if (renameat2(AT_FDCWD, work.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) return fail_exists(target);
  if (errno != EINVAL && errno != ENOSYS) return fail_errno("create", target);
  if (is_there(target)) return fail_exists(target);
  if (rename(work.c_str(), target.c_str()) != 0) return fail_errno("create", target);
  return {};
}

}  // namespace

struct OutputDirectory::State {
  stdfs::path target;
  bool force = false;
  Held work;
  bool published = false;

  ~State() {
    if (!published && !work.path.empty()) remove_tree(work.path);
  }
};

Result<OutputDirectory> OutputDirectory::begin(const std::string& path, bool force) {
  stdfs::path target = path.empty() ? stdfs::path() : stdfs::absolute(path).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  const stdfs::path parent = target.parent_path();
  if (!target.has_filename())
    return fail(ErrorCode::usage, fmt::format("output directory \"{}\" has no name of its own", path));
  if (!is_there(parent))
    return fail(ErrorCode::resource,
                fmt::format("output directory {}: the folder {} is not there; create it first", path, parent.string()));
  if (is_there(target)) {
    if (!force) return fail_exists(path);
    TESSERA_TRY(check_replaceable(target));
  }

  const std::string prefix = target.filename().string() + ".tessera-";
  remove_dead(parent, prefix);
  auto state = std::make_unique<State>();
  TESSERA_ASSIGN(state->work, make_held(parent, prefix));
  state->target = std::move(target);
  state->force = force;
  return OutputDirectory(std::move(state));
}

std::string OutputDirectory::file(const std::string& name) const { return state_->work.path + "/" + name; }

Status OutputDirectory::publish() {
  const std::string& work = state_->work.path;
  if (!is_there(file("manifest.json"))) {
    const OpenFile marker(open(file(marker_name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!marker.is_open()) return fail_errno("write", file(marker_name));
  }
  TESSERA_TRY(settle(work));

  // From here on the outputs are whole: what follows makes them visible in one step.
  const std::string target = state_->target.string();
  if (state_->force && is_there(state_->target)) {
    TESSERA_TRY(check_replaceable(state_->target));
    TESSERA_TRY(exchange(work, target));
  } else {
    TESSERA_TRY(move_into_place(work, target));
  }
  state_->published = true;
  return sync_path(state_->target.parent_path().string());
}

OutputDirectory::OutputDirectory(std::unique_ptr<State> state) : state_(std::move(state)) {}
OutputDirectory::OutputDirectory(OutputDirectory&&) noexcept = default;
OutputDirectory& OutputDirectory::operator=(OutputDirectory&&) noexcept = default;
OutputDirectory::~OutputDirectory() = default;

struct OutputFileInPlace::State {
  stdfs::path target;
  bool force = false;
  std::string mark;
  Held work;

  ~State() {
    if (!work.path.empty()) remove_tree(work.path);
  }
};

namespace {

Status check_file_replaceable(const stdfs::path& target, bool force, const std::string& mark) {
  if (!is_there(target)) return {};
  std::error_code problem;
  if (!stdfs::is_regular_file(target, problem))
    return fail(ErrorCode::usage, fmt::format("{} is there and is not a file; choose another", target.string()));
  if (!force) return fail(ErrorCode::usage, fmt::format("{} is there already; --force replaces it", target.string()));
  std::string head(4096, '\0');
  const OpenFile file(open(target.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t count = file.is_open() ? read(file.descriptor(), head.data(), head.size()) : -1;
  if (count < 0) return fail_errno("read", target.string());
  head.resize(static_cast<size_t>(count));
  if (head.empty() || head.find(mark) != std::string::npos) return {};
  return fail(ErrorCode::usage, fmt::format("{} is a file that Tessera did not write, so --force does not replace it; "
                                            "choose another or remove it yourself",
                                            target.string()));
}

}  // namespace

Result<OutputFileInPlace> OutputFileInPlace::begin(const std::string& path, bool force, std::string mark) {
  const stdfs::path target = stdfs::path(path).lexically_normal();
  if (!target.has_filename()) return fail(ErrorCode::usage, fmt::format("\"{}\" is a folder: name a file in it", path));
  const stdfs::path parent = target.has_parent_path() ? target.parent_path() : stdfs::path(".");
  if (!is_there(parent))
    return fail(ErrorCode::resource,
                fmt::format("{}: the folder {} is not there; create it first", path, parent.string()));
  TESSERA_TRY(check_file_replaceable(target, force, mark));
  const std::string prefix = target.filename().string() + ".tessera-";
  remove_dead(parent, prefix);
  auto state = std::make_unique<State>();
  TESSERA_ASSIGN(state->work, make_held(parent, prefix));
  state->target = target;
  state->force = force;
  state->mark = std::move(mark);
  return OutputFileInPlace(std::move(state));
}

Status OutputFileInPlace::publish(std::string_view content) {
  const std::string written = state_->work.path + "/" + state_->target.filename().string();
  const std::string target = state_->target.string();
  TESSERA_TRY(write_private_file(written, content));
  TESSERA_TRY(check_file_replaceable(state_->target, state_->force, state_->mark));
  if (rename(written.c_str(), target.c_str()) != 0) return fail_errno("create", target);
  return sync_path(folder_of(target));
}

OutputFileInPlace::OutputFileInPlace(std::unique_ptr<State> state) : state_(std::move(state)) {}
OutputFileInPlace::OutputFileInPlace(OutputFileInPlace&&) noexcept = default;
OutputFileInPlace& OutputFileInPlace::operator=(OutputFileInPlace&&) noexcept = default;
OutputFileInPlace::~OutputFileInPlace() = default;

struct SpillDirectory::State {
  Held folder;

  ~State() {
    if (!folder.path.empty()) remove_tree(folder.path);
  }
};

Result<SpillDirectory> SpillDirectory::begin(const std::string& parent) {
  const std::string prefix = "tessera-spill-";
  remove_dead(parent, prefix);
  auto state = std::make_unique<State>();
  TESSERA_ASSIGN(state->folder, make_held(parent, prefix));
  return SpillDirectory(std::move(state));
}

const std::string& SpillDirectory::path() const { return state_->folder.path; }

SpillDirectory::SpillDirectory(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpillDirectory::SpillDirectory(SpillDirectory&&) noexcept = default;
SpillDirectory& SpillDirectory::operator=(SpillDirectory&&) noexcept = default;
SpillDirectory::~SpillDirectory() = default;

}  // namespace tessera
