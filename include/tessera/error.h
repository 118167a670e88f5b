// error.h: how does a failed operation say so?
//
// A failed operation is a value. Its code is the exit code of the command, its
// message says where, what, and what to do, and never holds a person's value.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace tessera {

// The numbers are the exit codes of the command (docs/exit-codes.md).
enum class ErrorCode : uint8_t {
  internal = 1,     // our fault
  usage = 2,        // command line or job file
  data = 3,         // an input cannot be used
  resource = 4,     // disk or memory
  interrupted = 5,  // SIGINT, SIGTERM
};

struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // one or more lines, no newline at the end
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace tessera

#define TESSERA_JOIN_INNER(a, b) a##b
#define TESSERA_JOIN(a, b) TESSERA_JOIN_INNER(a, b)

// Leaves the calling function with the error of a Status or Result.
#define TESSERA_TRY(expression)                                                                                     \
  do {                                                                                                              \
    if (auto TESSERA_JOIN(try_status_, __LINE__) = (expression); !TESSERA_JOIN(try_status_, __LINE__)) [[unlikely]] \
      return std::unexpected(std::move(TESSERA_JOIN(try_status_, __LINE__)).error());                               \
  } while (false)

// TESSERA_ASSIGN(auto x, f()): x = *f(), or leaves with its error.
#define TESSERA_ASSIGN(declaration, expression)                                     \
  auto TESSERA_JOIN(try_result_, __LINE__) = (expression);                          \
  if (!TESSERA_JOIN(try_result_, __LINE__)) [[unlikely]]                            \
    return std::unexpected(std::move(TESSERA_JOIN(try_result_, __LINE__)).error()); \
  declaration = std::move(*TESSERA_JOIN(try_result_, __LINE__))
