import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

export interface RopeTables {
  /** [P, D/2] */
  cos: Tensor
  /** [P, D/2] */
  sin: Tensor
}

/**
 * Rotary position embedding, Hugging Face layout: element i of a head is paired with i + D/2.
 * x [T, H, D], positions i32 [T] below P → as x. A position outside the tables fails the op.
 */
export function rope(x: Tensor, positions: Tensor, { cos, sin }: RopeTables): Tensor {
  return record(call('rope', x.native, positions.native, cos.native, sin.native, false), {
    name: 'rope',
    inputs: [x],
    saved: [positions, cos, sin],
    // A rotation's transpose is its inverse.
    backward: (dy, [positions, cos, sin]) => [call('rope', dy, positions, cos, sin, true)],
  })
}
