// native.ops: one table row per op.
#pragma once

#include <napi.h>

namespace lengthen::binding {

Napi::Object define_ops(Napi::Env env);

}  // namespace lengthen::binding
