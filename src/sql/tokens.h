// tokens.h: which words, names, texts and signs stand in an SQL text? Private to the room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/sql.h"

namespace tessera {

struct SqlToken {
  enum class Type : uint8_t { end, name, text, number, sign } type = Type::end;
  std::string text;   // name: as written; text: without quotes; sign: itself
  std::string lower;  // bare names in small letters: keywords are compared with it; "" of quoted names
  double number = 0;
  size_t begin = 0, end = 0;
};

// All tokens, the last of type end.
[[nodiscard]] SqlResult<std::vector<SqlToken>> sql_tokens(std::string_view text, SqlDialect dialect);

inline std::unexpected<SqlMistake> sql_mistake(size_t begin, size_t end, std::string what, std::string help = {}) {
  return std::unexpected(SqlMistake{begin, end, std::move(what), std::move(help)});
}

}  // namespace tessera
