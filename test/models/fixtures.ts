// The checkpoints that make_fixtures.py wrote, and what Python's transformers computed for them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SafetensorsFile } from '../../lib/io/safetensors.js'

export const fixtureNames = [
  'qwen2-tied-grouped',
  'qwen2-untied-equal-heads',
  'qwen2-untied-one-kv-sharded',
  'qwen2-tied-bf16',
  'qwen2-untied-f16',
  'llama-untied-llama3',
  'llama-tied',
  'qwen3-tied',
  'qwen3-untied-yarn',
] as const

export type FixtureName = (typeof fixtureNames)[number]

export const fixtureFolder = (name: FixtureName): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

export interface Expected {
  sequences: number[][]
  loss: number
  /** [T, V], sequences one after the other. */
  logits: Float32Array
  /** Of the loss, by name in the checkpoint. */
  gradients: Map<string, Float32Array>
}

export const readExpected = (name: FixtureName): Promise<Expected> => readExpectedIn(fixtureFolder(name))

export async function readExpectedIn(folder: string): Promise<Expected> {
  const { sequences, loss } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected
  const file = await SafetensorsFile.open(join(folder, 'expected.safetensors'))
  try {
    const gradients = new Map<string, Float32Array>()
    for (const key of file.names)
      if (key.startsWith('grad.')) gradients.set(key.slice('grad.'.length), await file.readF32(key))
    return { sequences, loss, logits: await file.readF32('logits'), gradients }
  } finally {
    await file.close()
  }
}
