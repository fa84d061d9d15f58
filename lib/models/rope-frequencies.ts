// Rotary frequencies, in float32 arithmetic step by step as Python's transformers computes them.
import { magnitude, type RopeConfig, type RopeScaling } from './rope-scaling.js'

export interface RopeFrequencies {
  /** `[D/2]`: angle of one position. */
  inverse: Float32Array
  /** On cosines and sines. */
  attentionFactor: number
}

type Scaling<Type> = Extract<RopeScaling, { type: Type }>

const { fround } = Math

export function ropeFrequencies({
  headSize,
  ropeTheta,
  ropeScaling: scaling,
}: RopeConfig & { headSize: number }): RopeFrequencies {
  const powers = powersOf(headSize, ropeTheta)
  const inverse = powers.map((power) => 1 / power)
  if (scaling === undefined) return { inverse, attentionFactor: 1 }
  if (scaling.type === 'linear')
    return { inverse: inverse.map((frequency) => frequency / fround(scaling.factor)), attentionFactor: 1 }
  if (scaling.type === 'llama3') return { inverse: llama3(inverse, scaling), attentionFactor: 1 }
  return {
    inverse: yarn(powers, scaling, { headSize, ropeTheta }),
    attentionFactor: scaling.attentionFactor ?? magnitude(scaling.factor),
  }
}

/** theta^(2i/D) */
function powersOf(headSize: number, theta: number): Float32Array {
  return Float32Array.from({ length: headSize / 2 }, (_, i) => fround(theta) ** fround((2 * i) / headSize))
}

/** Long waves are slowed by the factor, short ones left alone; between the two, a blend. */
function llama3(inverse: Float32Array, scaling: Scaling<'llama3'>): Float32Array {
  const { lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions: original } = scaling
  const factor = fround(scaling.factor)
  const [longest, shortest] = [fround(original / low), fround(original / high)]
  return inverse.map((frequency) => {
    const wavelength = fround(fround(1 / frequency) * fround(2 * Math.PI))
    if (wavelength > longest) return frequency / factor
    if (wavelength < shortest) return frequency
    const turns = fround(fround(1 / wavelength) * fround(original))
    const smooth = fround(fround(turns - fround(low)) / fround(high - low))
    const slowed = fround(fround(fround(1 - smooth) * frequency) / factor)
    return slowed + fround(smooth * frequency)
  })
}

/** Frequencies that turn often in the first training's length are left alone, those that turn seldom slowed by the factor. */
function yarn(
  powers: Float32Array,
  { factor, betaFast, betaSlow, originalMaxPositions, isTruncated }: Scaling<'yarn'>,
  { headSize, ropeTheta }: { headSize: number; ropeTheta: number },
): Float32Array {
  /** Index of the frequency that turns so many times. */
  const indexOf = (turns: number) =>
    (headSize * Math.log(originalMaxPositions / (turns * 2 * Math.PI))) / (2 * Math.log(ropeTheta))
  const [low, high] = [indexOf(betaFast), indexOf(betaSlow)]
  const first = Math.max(isTruncated ? Math.floor(low) : low, 0)
  const last = Math.min(isTruncated ? Math.ceil(high) : high, headSize - 1)
  const width = fround((last === first ? last + 0.001 : last) - first)
  return powers.map((power, i) => {
    const ramp = Math.min(Math.max(fround(fround(i - fround(first)) / width), 0), 1)
    const kept = fround(1 - ramp)
    const slowed = fround(1 / fround(fround(factor) * power))
    return fround(slowed * fround(1 - kept)) + fround(fround(1 / power) * kept)
  })
}
