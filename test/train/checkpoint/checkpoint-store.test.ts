import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../../lib/create.js'
import { fill } from '../../../lib/ops/index.js'
import type { Tensor } from '../../../lib/tensor.js'
import { CheckpointError, CheckpointStore } from '../../../lib/train/checkpoint/checkpoint-store.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const values = (x: Tensor) => new Map([['x', x]])
const open = (options = {}) => CheckpointStore.open(join(temporaryFolder(), 'checkpoints'), options)
const flip = (file: string) => {
  const bytes = readFileSync(file)
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
  writeFileSync(file, bytes)
}

async function saveSteps(store: CheckpointStore, steps: readonly (readonly [number, number?])[]): Promise<void> {
  using x = tensor([1, 2, 3])
  for (const [step, score] of steps) {
    fill(x, step)
    await store.save({ step, score, state: { step }, tensors: { model: values(x) } })
  }
  await store.settled()
}

describe('a checkpoint', () => {
  test('holds the values of the moment of the call, in every dtype, to the bit', async () => {
    const store = await open()
    const tensors = {
      f32: tensor([1.5, Number.NaN, -0]),
      bf16: tensor([1.5, 3], { dtype: 'bf16' }),
      i32: tensor(Int32Array.of(-1, 7)),
      u8: tensor(Uint8Array.of(0, 255)),
    }
    await store.save({ step: 3, state: { a: [1] }, tensors: { all: new Map(Object.entries(tensors)) } })
    fill(tensors.f32, 9)
    const { checkpoint, damaged } = await store.latest()
    expect([checkpoint?.step, checkpoint?.state, damaged]).toEqual([3, { a: [1] }, []])
    const stored = await checkpoint?.tensors('all')
    expect(stored?.get('f32')).toMatchObject({ shape: [3], dtype: 'f32' })
    expect(new Float32Array(stored?.get('f32')?.bytes.buffer as ArrayBuffer)).toEqual(
      Float32Array.of(1.5, Number.NaN, -0),
    )
    expect(stored?.get('bf16')).toMatchObject({ dtype: 'bf16', bytes: Uint8Array.of(0xc0, 0x3f, 0x40, 0x40) })
    expect(stored?.get('i32')?.bytes).toEqual(new Uint8Array(Int32Array.of(-1, 7).buffer))
    expect(stored?.get('u8')?.bytes).toEqual(Uint8Array.of(0, 255))
    expect(await checkpoint?.tensors('none')).toBeUndefined()
  })

  test('holds the state of that moment too, whatever becomes of its parts', async () => {
    const store = await open()
    const phases = ['base']
    await store.save({ step: 1, state: { phases }, tensors: {} })
    phases.push('stage 1')
    expect((await store.latest()).checkpoint?.state).toEqual({ phases: ['base'] })
  })

  test('that cannot be written says why, and leaves those before as they were', async () => {
    const store = await open()
    await saveSteps(store, [[1]])
    using x = tensor([1])
    const files = async () => {
      throw new Error('no space left on device')
    }
    await store.save({ step: 2, state: {}, tensors: { model: values(x) }, files })
    const failure = store.settled()
    await expect(failure).rejects.toThrow(CheckpointError)
    await expect(failure).rejects.toThrow(
      /step 2 could not be written to .*no space left on device; .*step-000001, is whole/,
    )
    expect(readdirSync(store.folder)).toEqual(['step-000001'])
  })
})

describe('the last whole one', () => {
  test.each([
    [
      'a changed byte',
      (folder: string) => flip(join(folder, 'model.safetensors')),
      /model\.safetensors is not as it was written/,
    ],
    ['a missing file', (folder: string) => rmSync(join(folder, 'state.json')), /state\.json cannot be read/],
    ['a missing manifest', (folder: string) => rmSync(join(folder, 'manifest.json')), /manifest\.json/],
    [
      'a manifest of other hashes',
      (folder: string) => {
        const file = join(folder, 'manifest.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"step": 2', '"step": 3'))
      },
      /manifest\.json is not as it was written/,
    ],
    [
      'a cut file',
      (folder: string) => writeFileSync(join(folder, 'model.safetensors'), ''),
      /has 0 bytes, \d+ were written/,
    ],
  ])('is the one before where the last has %s, and the damage is named', async (_, damage, why) => {
    const store = await open()
    await saveSteps(store, [[1], [2]])
    damage(store.pathOf(2))
    const again = await CheckpointStore.open(store.folder)
    const { checkpoint, damaged } = await again.latest()
    expect(checkpoint?.step).toBe(1)
    expect(damaged).toEqual([{ folder: store.pathOf(2), why: expect.stringMatching(why) }])
  })

  test('may be asked for at or before a step', async () => {
    const store = await open({ keepLast: 5 })
    await saveSteps(store, [[2], [4], [6]])
    expect((await store.latest({ atMost: 5 })).checkpoint?.step).toBe(4)
    expect((await store.latest({ atMost: 1 })).checkpoint).toBeUndefined()
    await store.removeAfter(2)
    expect(store.steps).toEqual([2])
  })
})

describe('what is kept', () => {
  test('is the last ones and the best, also by a store that is opened again', async () => {
    const store = await open({ keepLast: 2 })
    await saveSteps(store, [[1, 0.2], [2, 0.9], [3, 0.9], [4, 0.1], [5], [6]])
    expect([store.steps, store.best]).toEqual([[3, 5, 6], 3])
    const again = await CheckpointStore.open(store.folder, { keepLast: 1 })
    await saveSteps(again, [[7]])
    expect(again.steps).toEqual([3, 7])
  })

  test('is replaced by one of the same step', async () => {
    const store = await open()
    await saveSteps(store, [
      [1, 0.5],
      [1, 0.25],
    ])
    expect([store.steps, store.best]).toEqual([[1], 1])
    expect((await store.latest()).checkpoint?.score).toBe(0.25)
  })

  test('does not include what a killed process left half-written', async () => {
    const folder = join(temporaryFolder(), 'checkpoints')
    mkdirSync(join(folder, '.step-000007.tmp'), { recursive: true })
    mkdirSync(join(folder, '.step-000001.old'))
    const store = await CheckpointStore.open(folder)
    expect([store.steps, readdirSync(folder)]).toEqual([[], []])
  })

  test('shares a file that did not change', async () => {
    const store = await open()
    using x = tensor([1])
    for (const step of [1, 2])
      await store.save({
        ...{ step, state: {}, tensors: { model: values(x), reference: values(x) } },
        unchanged: ['reference'],
      })
    await store.settled()
    const inode = (step: number, name: string) => statSync(join(store.pathOf(step), name)).ino
    expect(inode(1, 'reference.safetensors')).toBe(inode(2, 'reference.safetensors'))
    expect(inode(1, 'model.safetensors')).not.toBe(inode(2, 'model.safetensors'))
    expect(existsSync(join(store.pathOf(2), 'manifest.json'))).toBe(true)
  })
})
