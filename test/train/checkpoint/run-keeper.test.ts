import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RunKeeper } from '../../../lib/train/checkpoint/run-keeper.js'
import { RunDirectory } from '../../../lib/train/run/run-directory.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

async function savedRun(...steps: number[]): Promise<string> {
  const path = join(temporaryFolder(), 'run')
  const keeper = await RunKeeper.open(await RunDirectory.create(path), { keepLast: 5 })
  for (const step of steps) {
    await keeper.directory.writeStep({ step } as never)
    await keeper.save({ step, tensors: {} }, { trainer: {}, companion: null })
  }
  await keeper.settled()
  await keeper.close()
  return path
}

async function resumed(path: string) {
  const keeper = await RunKeeper.open(await RunDirectory.reopen(path), { keepLast: 5 })
  try {
    return await keeper.resume()
  } finally {
    await keeper.close()
  }
}

const stateOf = (path: string, step: number) => join(path, `checkpoints/step-00000${step}/state.json`)
const metricsOf = (path: string) => readFileSync(join(path, 'metrics.jsonl'), 'utf8')

test('a damaged checkpoint is named, the one before is gone on from, and metrics are cut back to it', async () => {
  const path = await savedRun(1, 2)
  writeFileSync(stateOf(path, 2), '{}')
  const { checkpoint, damaged } = await resumed(path)
  expect([checkpoint?.step, damaged.length, metricsOf(path)]).toEqual([1, 1, '{"step":1}\n'])
})

test('where all are damaged the run is not begun anew unasked: nothing is cut, and each is named', async () => {
  const path = await savedRun(1, 2)
  for (const step of [1, 2]) writeFileSync(stateOf(path, step), '{}')
  await expect(resumed(path)).rejects.toThrow(
    /found none \(.*step-000002: state\.json .*; .*step-000001: .*; remove the folder/,
  )
  expect(metricsOf(path)).toBe('{"step":1}\n{"step":2}\n')
  rmSync(join(path, 'checkpoints'), { recursive: true })
  expect(await resumed(path)).toEqual({ checkpoint: undefined, damaged: [] })
  expect(metricsOf(path)).toBe('')
})
