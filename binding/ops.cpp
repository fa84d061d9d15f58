#include "binding/ops.h"

#include "binding/bind.h"
#include "ops/adamw8_step.h"
#include "ops/adamw_step.h"
#include "ops/attention.h"
#include "ops/broadcast.h"
#include "ops/cast.h"
#include "ops/copy_rows.h"
#include "ops/dropout.h"
#include "ops/elementwise_binary.h"
#include "ops/elementwise_unary.h"
#include "ops/embedding.h"
#include "ops/gather_rows.h"
#include "ops/gradient_norm.h"
#include "ops/group_advantage.h"
#include "ops/grpo_loss.h"
#include "ops/in_place.h"
#include "ops/linear.h"
#include "ops/paged_attention.h"
#include "ops/reduce.h"
#include "ops/rms_norm.h"
#include "ops/rope.h"
#include "ops/sample_token.h"
#include "ops/swiglu.h"
#include "ops/token_logprob.h"

namespace lengthen::binding {
namespace {

struct Row {
  const char* name;
  JsFunction function;
};

constexpr Row kOps[] = {
    {"abs", bind<unary<UnaryFn::abs>>()},
    {"accumulate", bind<accumulate>()},
    {"adamw8_step", bind<adamw8_step>()},
    {"adamw_step", bind<adamw_step>()},
    {"add", bind<binary<BinaryFn::add>>()},
    {"add_scalar", bind<unary_with_scalar<UnaryFn::add_scalar>>()},
    {"attention", bind<attention>()},
    {"attention_backward", bind<attention_backward>()},
    {"cast", bind<cast>()},
    {"clamp", bind<clamp>()},
    {"column_sum", bind<column_sum>()},
    {"copy", bind<copy>()},
    {"copy_rows", bind<copy_rows>()},
    {"div", bind<binary<BinaryFn::div>>()},
    {"dropout", bind<dropout>()},
    {"embedding", bind<embedding>()},
    {"embedding_backward", bind<embedding_backward>()},
    {"equal", bind<binary<BinaryFn::equal>>()},
    {"exp", bind<unary<UnaryFn::exp>>()},
    {"expand", bind<expand>()},
    {"fill", bind<fill>()},
    {"gather_rows", bind<gather_rows>()},
    {"gradient_norm", bind<gradient_norm>()},
    {"greater", bind<binary<BinaryFn::greater>>()},
    {"greater_equal", bind<binary<BinaryFn::greater_equal>>()},
    {"group_advantage", bind<group_advantage>()},
    {"grpo_loss", bind<grpo_loss>()},
    {"less", bind<binary<BinaryFn::less>>()},
    {"less_equal", bind<binary<BinaryFn::less_equal>>()},
    {"linear", bind<linear>()},
    {"linear_input_gradient", bind<linear_input_gradient>()},
    {"linear_weight_gradient", bind<linear_weight_gradient>()},
    {"log", bind<unary<UnaryFn::log>>()},
    {"max", bind<reduce_all<Reduction::max>>()},
    {"max_last", bind<reduce_last<Reduction::max>>()},
    {"maximum", bind<binary<BinaryFn::maximum>>()},
    {"mean", bind<reduce_all<Reduction::mean>>()},
    {"mean_last", bind<reduce_last<Reduction::mean>>()},
    {"minimum", bind<binary<BinaryFn::minimum>>()},
    {"mul", bind<binary<BinaryFn::mul>>()},
    {"mul_scalar", bind<unary_with_scalar<UnaryFn::mul_scalar>>()},
    {"neg", bind<unary<UnaryFn::neg>>()},
    {"paged_attention", bind<paged_attention>()},
    {"paged_kv_write", bind<paged_kv_write>()},
    {"relu", bind<unary<UnaryFn::relu>>()},
    {"rms_norm", bind<rms_norm>()},
    {"rms_norm_backward", bind<rms_norm_backward>()},
    {"rope", bind<rope>()},
    {"sample_token", bind<sample_token>()},
    {"scatter_add_rows", bind<scatter_add_rows>()},
    {"sigmoid", bind<unary<UnaryFn::sigmoid>>()},
    {"sign", bind<unary<UnaryFn::sign>>()},
    {"sqrt", bind<unary<UnaryFn::sqrt>>()},
    {"square", bind<unary<UnaryFn::square>>()},
    {"sub", bind<binary<BinaryFn::sub>>()},
    {"sum", bind<reduce_all<Reduction::sum>>()},
    {"sum_last", bind<reduce_last<Reduction::sum>>()},
    {"sum_to", bind<sum_to>()},
    {"swiglu", bind<swiglu>()},
    {"swiglu_backward", bind<swiglu_backward>()},
    {"tanh", bind<unary<UnaryFn::tanh>>()},
    {"token_logprob", bind<token_logprob>()},
    {"token_logprob_backward", bind<token_logprob_backward>()},
    {"where", bind<where>()},
};

}  // namespace

Napi::Object define_ops(Napi::Env env) {
  Napi::Object ops = Napi::Object::New(env);
  for (const Row& row : kOps)
    ops.Set(row.name, Napi::Function::New(env, row.function, row.name, const_cast<char*>(row.name)));
  return ops;
}

}  // namespace lengthen::binding
