// Modules: objects whose fields are parameters, other modules, or arrays of either.
import { Tensor } from '../tensor.js'

/**
 * A part of a model: an object whose fields are parameters (tensors), other modules, or arrays of either. Subclass it to make
 * one.
 *
 * @example
 * ```ts
 * import { nn, ops, type Tensor } from 'lengthen'
 *
 * class Perceptron extends nn.Module {
 *   readonly hidden = new nn.Linear({ in: 4, out: 16 })
 *   readonly output = new nn.Linear({ in: 16, out: 1 })
 *
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(ops.relu(this.hidden.forward(x)))
 *   }
 * }
 * console.log([...new Perceptron().namedParameters().keys()])
 * ```
 */
export abstract class Module {
  /** Every parameter once, tied ones included, in the order of the fields. */
  parameters(): Tensor[] {
    return [...new Set(this.namedParameters().values())]
  }

  /**
   * Parameters by path: 'layers.0.mlp.up.weight'. A tied parameter stands under each of its names. One without a `name` gets
   * its path as name.
   */
  namedParameters(): Map<string, Tensor> {
    const found = new Map<string, Tensor>()
    collect(this, '', found)
    return found
  }

  /** Frees the parameters and their gradients. */
  dispose(): void {
    for (const parameter of this.parameters()) parameter.dispose()
  }

  /** As dispose(), at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.dispose()
  }
}

function collect(value: unknown, path: string, found: Map<string, Tensor>): void {
  if (value instanceof Tensor) {
    value.name ??= path
    found.set(path, value)
  } else if (value instanceof Module || Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) collect(child, path === '' ? key : `${path}.${key}`, found)
  }
}
