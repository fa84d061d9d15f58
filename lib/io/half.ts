// Conversions between float32 and the two 16-bit floats of checkpoints, on raw bits.

/** Every bfloat16 is a float32 with a short mantissa: exact. */
export function bf16ToF32(source: Uint16Array): Float32Array {
  const bits = new Uint32Array(source.length)
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] as number) << 16
  return new Float32Array(bits.buffer)
}

/** Rounds to nearest, ties to even; a NaN stays a NaN. */
export function f32ToBf16(source: Float32Array): Uint16Array {
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length)
  const result = new Uint16Array(source.length)
  for (let i = 0; i < source.length; i++) {
    const word = bits[i] as number
    const isNaNWord = (word & 0x7fffffff) > 0x7f800000
    // A NaN keeps its sign and gets the quiet bit: rounding could carry it into infinity.
    result[i] = isNaNWord ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return result
}

/** Exact: float32 holds every float16. */
export function f16ToF32(source: Uint16Array): Float32Array {
  const result = new Float32Array(source.length)
  for (let i = 0; i < source.length; i++) result[i] = f16Value(source[i] as number)
  return result
}

function f16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}
