// The public interface.
export { checkpoint, defineOp, noGrad, type OpContext, type OpDefinition } from './autograd.js'
export { full, ones, tensor, zeros } from './create.js'
export * as device from './device.js'
export * from './errors.js'
export type { DType } from './native.js'
export { scope } from './scope.js'
export { Tensor, type TensorOptions } from './tensor.js'
