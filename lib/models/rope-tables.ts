// The rotary tables, in float32 arithmetic step by step as Python's transformers computes them.
import { tensor } from '../create.js'
import type { RopeTables } from '../ops/rope.js'
import { ropeFrequencies } from './rope-frequencies.js'
import type { RopeConfig } from './rope-scaling.js'

/** cos and sin of position · frequency, times the attention factor, each [maxPositions, D/2]. */
export function ropeTables(
  config: RopeConfig & { headSize: number; maxPositions: number },
  device = 'cpu',
): RopeTables {
  const { headSize, maxPositions } = config
  const half = headSize / 2
  const { inverse, attentionFactor } = ropeFrequencies(config)
  const factor = Math.fround(attentionFactor)
  const cos = new Float32Array(maxPositions * half)
  const sin = new Float32Array(maxPositions * half)
  for (let position = 0; position < maxPositions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * (inverse[i] as number))
      cos[position * half + i] = Math.fround(Math.cos(angle)) * factor
      sin[position * half + i] = Math.fround(Math.sin(angle)) * factor
    }
  }
  const shape = [maxPositions, half]
  return { cos: tensor(cos, { shape, device }), sin: tensor(sin, { shape, device }) }
}
