// A checkpoint that takes the place of another, and damage to what later ones rest on.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tensor } from '../../../lib/create.js'
import { CheckpointStore } from '../../../lib/train/checkpoint/checkpoint-store.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

type Saved = { step: number; says?: string; score?: number }

async function save(store: CheckpointStore, ...all: Saved[]): Promise<void> {
  using x = tensor([1])
  for (const { step, says = '', score } of all)
    await store.save({ step, score, state: { says }, tensors: { model: new Map([['x', x]]) } })
  await store.settled()
}

const open = (folder = join(temporaryFolder(), 'checkpoints'), options = {}) => CheckpointStore.open(folder, options)
const damage = (store: CheckpointStore, step: number) => writeFileSync(join(store.pathOf(step), 'state.json'), '')

describe('a checkpoint that takes the place of one of the same step', () => {
  test('and is not there yet when the process dies leaves the old one', async () => {
    const store = await open()
    await save(store, { step: 4, says: 'old' })
    renameSync(store.pathOf(4), join(store.folder, '.step-000004.replaced'))
    mkdirSync(join(store.folder, '.step-000004.tmp'))
    const again = await open(store.folder)
    expect((await again.latest()).checkpoint).toMatchObject({ step: 4, state: { says: 'old' } })
    expect(readdirSync(store.folder)).toEqual(['step-000004'])
  })

  test('and is there when the process dies is the one', async () => {
    const store = await open()
    await save(store, { step: 4, says: 'new' })
    mkdirSync(join(store.folder, '.step-000004.replaced'))
    expect((await (await open(store.folder)).latest()).checkpoint?.state).toEqual({ says: 'new' })
    expect(readdirSync(store.folder)).toEqual(['step-000004'])
  })

  test('is alone in the end', async () => {
    const store = await open()
    await save(store, { step: 4, says: 'old' }, { step: 4, says: 'new' })
    expect(readdirSync(store.folder)).toEqual(['step-000004'])
    expect((await store.latest()).checkpoint?.state).toEqual({ says: 'new' })
  })
})

describe('damaged checkpoints of later steps', () => {
  test('never count among the last ones: those that are whole stay', async () => {
    const store = await open(undefined, { keepLast: 3 })
    await save(store, { step: 2 }, { step: 4, score: 1 }, { step: 6, score: 2 })
    for (const step of [4, 6]) damage(store, step)
    const again = await open(store.folder, { keepLast: 2 })
    expect(await again.latest()).toMatchObject({ checkpoint: { step: 2 }, damaged: [{}, {}] })
    await save(again, { step: 3, score: 0 })
    expect([again.steps, again.best]).toEqual([[2, 3], 3])
    expect((await again.latest()).checkpoint?.step).toBe(3)
  })

  test('are not what a failure calls whole', async () => {
    const store = await open()
    await save(store, { step: 2 }, { step: 4 })
    rmSync(join(store.pathOf(4), 'manifest.json'))
    const again = await open(store.folder)
    const files = async () => {
      throw new Error('full')
    }
    await again.save({ step: 3, state: {}, tensors: {}, files })
    await expect(again.settled()).rejects.toThrow(`full; the one before, ${again.pathOf(2)}, is whole`)
  })
})

test('a file that did not change is written anew where the one before was damaged since', async () => {
  const store = await open()
  using x = tensor([7])
  const tensors = { reference: new Map([['x', x]]) }
  await store.save({ step: 1, state: {}, tensors })
  await store.settled()
  const file = join(store.pathOf(1), 'reference.safetensors')
  const whole = readFileSync(file)
  writeFileSync(file, Buffer.concat([whole.subarray(0, -1), Buffer.of(1)]))
  await store.save({ step: 2, state: {}, tensors, unchanged: ['reference'] })
  await store.settled()
  expect(readFileSync(join(store.pathOf(2), 'reference.safetensors'))).toEqual(whole)
  expect((await store.latest()).checkpoint?.step).toBe(2)
})

test('a folder that was copied elsewhere is gone on with there', async () => {
  const store = await open()
  await save(store, { step: 1 }, { step: 2, says: 'last' })
  const elsewhere = join(temporaryFolder(), 'copy')
  cpSync(store.folder, elsewhere, { recursive: true })
  const copy = await open(elsewhere)
  await save(copy, { step: 3 })
  expect((await copy.latest({ atMost: 2 })).checkpoint?.state).toEqual({ says: 'last' })
  expect([copy.steps, existsSync(store.pathOf(3))]).toEqual([[2, 3], false])
})
