// Any bytes as a key file: it is refused, without a piece of the secret in the message, or it is the key that was written.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fuzz/driver.h"
#include "pseudonymise/keys.h"

using namespace tessera;

namespace {

constexpr size_t piece = 12;  // characters of the secret that no message may have

// A key, its file as it was written, and a place for damaged ones.
class Known {
 public:
  Known() {
    std::string folder = (std::filesystem::temp_directory_path() / "tessera-fuzz-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) fuzz::found("no folder");
    folder_ = folder;
    path_ = folder + "/k.key";
    const auto key = SecretKey::draw({});
    if (!key || !key->write(path_)) fuzz::found("no key");
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    text_ = all.str();
    secret_ = text_.substr(text_.find("\"secret\": \"") + 11, 64);
    if (!key->derive("domain", "name", derived_)) fuzz::found("no derived key");
  }
  ~Known() { std::filesystem::remove_all(folder_); }
  Known(const Known&) = delete;
  Known& operator=(const Known&) = delete;

  [[nodiscard]] const std::string& text() const { return text_; }

  void check(const uint8_t* data, size_t size) const {
    {
      std::ofstream file(path_, std::ios::binary | std::ios::trunc);
      file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    }
    const auto read = SecretKey::read(path_);
    if (!read) {
      for (size_t at = 0; at + piece <= secret_.size(); ++at)
        if (read.error().message.find(secret_.substr(at, piece)) != std::string::npos)
          fuzz::found("a piece of the secret in a message");
      return;
    }
    DerivedKey derived;
    if (!read->derive("domain", "name", derived) || derived != derived_) fuzz::found("a damaged key file is taken");
  }

 private:
  std::string folder_, path_, text_, secret_;
  DerivedKey derived_{};
};

const Known& known() {
  static const Known key;
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  known().check(data, size);
  return 0;
}

#ifndef TESSERA_LIBFUZZER
int main() {
  return fuzz::drive(LLVMFuzzerTestOneInput, {known().text()},
                     {"\"", "\\u0031", "{", "}", ",", "null", "\"secret\": \"\"", "0", "a", " ", "\"version\": 1,"},
                     8000);
}
#endif
