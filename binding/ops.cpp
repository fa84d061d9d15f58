#include "binding/ops.h"

#include "binding/bind.h"
#include "ops/rms_norm.h"

namespace lengthen::binding {
namespace {

struct Row {
  const char* name;
  JsFunction function;
};

constexpr Row kOps[] = {
    {"rms_norm", bind<rms_norm>()},
    {"rms_norm_backward", bind<rms_norm_backward>()},
};

}  // namespace

Napi::Object define_ops(Napi::Env env) {
  Napi::Object ops = Napi::Object::New(env);
  for (const Row& row : kOps)
    ops.Set(row.name, Napi::Function::New(env, row.function, row.name, const_cast<char*>(row.name)));
  return ops;
}

}  // namespace lengthen::binding
