#include "ops/index_check.h"

namespace lengthen {

void require_indices(const char* op, const char* argument, const Tensor& indices, int64_t limit) {
  const int64_t count = indices.numel();
  int64_t position = count;
  int32_t value = 0;
  launch(indices.device(), FindIndexOutside{indices.data<int32_t>(), count, limit, &position, &value});
  if (position == count) return;
  throw ArgumentError(text("[", op, "] expected values in [0, ", limit, ") for ", argument, ", got ", value,
                           " at ", position));
}

void require_offsets(const char* op, const char* argument, const Tensor& offsets, int64_t total) {
  const int64_t count = offsets.numel();
  int64_t position = count;
  int32_t value = 0;
  launch(offsets.device(), FindOffsetFault{offsets.data<int32_t>(), count, total, &position, &value});
  if (position == count) return;
  throw ArgumentError(text("[", op, "] expected offsets that rise from 0 to ", total, " for ", argument,
                           ", got ", value, " at ", position));
}

}  // namespace lengthen
