// A new thread, or a DeviceError that says why there is none: systems limit how many a user or a container
// has.
#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "core/error.h"

namespace lengthen {

template <class Body>
std::thread start_thread(Body&& body) {
  try {
    return std::thread(std::forward<Body>(body));
  } catch (const std::system_error& e) {
    throw DeviceError(text("[threads] starting a thread failed: ", e.code().message(),
                           "; ulimit -u and a container's pids.max say how many there may be"));
  }
}

}  // namespace lengthen
