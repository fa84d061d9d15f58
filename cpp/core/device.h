// A device by kind and index: "cpu", "cuda:0".
#pragma once

#include <cstdint>
#include <string>

namespace lengthen {

enum class DeviceKind : uint8_t { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  uint8_t index = 0;
  bool operator==(const Device&) const = default;
};

std::string name_of(Device device);
// Throws ArgumentError for a name that is none.
Device parse_device(const std::string& name);

}  // namespace lengthen
