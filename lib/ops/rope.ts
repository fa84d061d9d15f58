import { requireObjects } from '../arguments.js'
import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/** A row for each position: cosines and sines of position · frequency, whatever the frequencies were scaled by. */
export interface RopeTables {
  /** f32 [positions, D/2]. */
  cos: Tensor
  /** f32, as cos. */
  sin: Tensor
}

/**
 * Rotary position embedding (Su et al., "RoFormer", 2021) in Hugging Face's layout: element i of a head is paired with i + D/2,
 * and (x₁, x₂) becomes (x₁·cos − x₂·sin, x₂·cos + x₁·sin) by the tables' row of the token's position. x `[T, H, D]` with D
 * even, positions i32 [T] → as x. Backward is the inverse rotation of dy; it keeps positions and tables alone.
 *
 * @throws {@link ArgumentError} for an odd D or arguments of other shapes; a position beyond the tables fails the op when it runs
 */
export function rope(x: Tensor, positions: Tensor, tables: RopeTables): Tensor {
  requireObjects('rope', { tables })
  const { cos, sin } = tables
  requireTensors('rope', { x, positions, cos, sin })
  return record(call('rope', x.native, positions.native, cos.native, sin.native, false), {
    name: 'rope',
    inputs: [x],
    saved: [positions, cos, sin],
    // A rotation's transpose is its inverse.
    backward: (dy, [positions, cos, sin]) => [call('rope', dy, positions, cos, sin, true)],
  })
}
