// Reading what make_parity.py wrote, and the one measure of a difference: max|a−b| / max|b|.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SafetensorsFile } from '../../lib/io/safetensors.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/parity/${name}`, import.meta.url))

export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(pathOf(name), 'utf8')) as T
}

export async function readTensors(name: string): Promise<Map<string, Float32Array>> {
  const file = await SafetensorsFile.open(pathOf(name))
  try {
    const tensors = new Map<string, Float32Array>()
    for (const key of file.names) tensors.set(key, await file.readF32(key))
    return tensors
  } finally {
    await file.close()
  }
}

export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`expected ${expected.length} values, got ${actual.length}`)
  let difference = 0
  let scale = 0
  for (let i = 0; i < expected.length; i++) {
    difference = larger(difference, Math.abs((actual[i] as number) - (expected[i] as number)))
    scale = larger(scale, Math.abs(expected[i] as number))
  }
  return difference === 0 ? 0 : difference / scale
}

/** NaN stays. */
const larger = (a: number, b: number): number => (a >= b ? a : b)
