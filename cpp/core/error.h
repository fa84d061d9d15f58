// The four kinds of error the engine raises. The binding turns each into a JavaScript error with the same
// `code`.
#pragma once

#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <string>

namespace lengthen {

class Error : public std::runtime_error {
 public:
  Error(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  // Stable name, for example "ArgumentError": a string literal.
  const char* code() const noexcept { return code_; }

 private:
  const char* code_;
};

// The caller's mistake.
class ArgumentError : public Error {
 public:
  explicit ArgumentError(const std::string& message) : Error("ArgumentError", message) {}
};

// What this build or this device does not do; the message lists what it does.
class UnsupportedError : public Error {
 public:
  explicit UnsupportedError(const std::string& message) : Error("UnsupportedError", message) {}
};

class OutOfMemoryError : public Error {
 public:
  OutOfMemoryError(const std::string& message, size_t asked_bytes, size_t free_bytes)
      : Error("OutOfMemoryError", message), asked_bytes_(asked_bytes), free_bytes_(free_bytes) {}
  size_t asked_bytes() const noexcept { return asked_bytes_; }
  size_t free_bytes() const noexcept { return free_bytes_; }

 private:
  size_t asked_bytes_;
  size_t free_bytes_;
};

// A failing call of the device or of its driver.
class DeviceError : public Error {
 public:
  explicit DeviceError(const std::string& message) : Error("DeviceError", message) {}
};

// Joins its arguments with operator<<: text("got ", 3).
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace lengthen
