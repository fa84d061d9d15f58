import { expect, test } from 'vitest'
import { bf16ToF32, f16ToF32, f32ToBf16 } from '../../lib/io/half.js'

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number
}

test('bfloat16 widens by appending zeros, and narrowing it back is the identity for every value but NaN', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
  const wide = bf16ToF32(all)
  expect(bitsOf(wide[0x3f80] as number)).toBe(0x3f800000)
  const back = f32ToBf16(wide)
  for (let i = 0; i < all.length; i++) {
    if (Number.isNaN(wide[i])) expect(back[i]).toBe(i | 0x40)
    else expect(back[i]).toBe(i)
  }
})

test('narrowing rounds to nearest, ties to even', () => {
  const words = Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001, 0x3f807fff, 0x7f7fffff, 0xbf808001)
  const narrow = f32ToBf16(new Float32Array(words.buffer))
  expect([...narrow]).toEqual([0x3f80, 0x3f82, 0x3f81, 0x3f80, 0x7f80, 0xbf81])
})

test('float16 values are exact: normal, subnormal, zero, infinite', () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0xfc00, 0x3555)
  expect([...f16ToF32(halves)]).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    1023 * 2 ** -24,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0.333251953125,
  ])
  expect(f16ToF32(Uint16Array.of(0x7e00))[0]).toBeNaN()
})
