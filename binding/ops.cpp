#include "binding/ops.h"

#include "binding/bind.h"
#include "ops/embedding.h"
#include "ops/gather_rows.h"
#include "ops/linear.h"
#include "ops/rms_norm.h"
#include "ops/rope.h"
#include "ops/swiglu.h"

namespace lengthen::binding {
namespace {

struct Row {
  const char* name;
  JsFunction function;
};

constexpr Row kOps[] = {
    {"column_sum", bind<column_sum>()},
    {"embedding", bind<embedding>()},
    {"embedding_backward", bind<embedding_backward>()},
    {"gather_rows", bind<gather_rows>()},
    {"linear", bind<linear>()},
    {"linear_input_gradient", bind<linear_input_gradient>()},
    {"linear_weight_gradient", bind<linear_weight_gradient>()},
    {"rms_norm", bind<rms_norm>()},
    {"rms_norm_backward", bind<rms_norm_backward>()},
    {"rope", bind<rope>()},
    {"scatter_add_rows", bind<scatter_add_rows>()},
    {"swiglu", bind<swiglu>()},
    {"swiglu_backward", bind<swiglu_backward>()},
};

}  // namespace

Napi::Object define_ops(Napi::Env env) {
  Napi::Object ops = Napi::Object::New(env);
  for (const Row& row : kOps)
    ops.Set(row.name, Napi::Function::New(env, row.function, row.name, const_cast<char*>(row.name)));
  return ops;
}

}  // namespace lengthen::binding
