// The rotary tables, in float32 arithmetic step by step as Python's transformers computes them.
import { tensor } from '../create.js'
import type { RopeTables } from '../ops/rope.js'

/** cos and sin of position · theta^(−2i/D), each [maxPositions, D/2]. */
export function ropeTables(
  { headSize, maxPositions, ropeTheta }: { headSize: number; maxPositions: number; ropeTheta: number },
  device = 'cpu',
): RopeTables {
  const half = headSize / 2
  const frequencies = inverseFrequencies(headSize, ropeTheta)
  const cos = new Float32Array(maxPositions * half)
  const sin = new Float32Array(maxPositions * half)
  for (let position = 0; position < maxPositions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * (frequencies[i] as number))
      cos[position * half + i] = Math.cos(angle)
      sin[position * half + i] = Math.sin(angle)
    }
  }
  const shape = [maxPositions, half]
  return { cos: tensor(cos, { shape, device }), sin: tensor(sin, { shape, device }) }
}

/** 1 / theta^(2i/D), each step rounded to float32. */
export function inverseFrequencies(headSize: number, theta: number): Float32Array {
  const power = (i: number) => Math.fround(theta ** Math.fround((2 * i) / headSize))
  return Float32Array.from({ length: headSize / 2 }, (_, i) => 1 / power(i))
}
