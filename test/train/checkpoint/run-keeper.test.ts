import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
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

const change = { learningRateFactor: 0.5, klWeightFactor: 2 }
const fileOf = (path: string, name: string) => readFileSync(join(path, name), 'utf8')

/** From step 3 to the checkpoint of step 1. */
async function goBack(path: string, die: (keeper: RunKeeper) => unknown = () => {}): Promise<void> {
  const keeper = await RunKeeper.open(await RunDirectory.reopen(path), { keepLast: 5 })
  die(keeper)
  try {
    await keeper.goBack({ atMost: 1 }, { fromStep: 3, why: 'bad', change })
  } finally {
    await keeper.close()
  }
}

test('a run that goes back keeps the metrics of what it leaves', async () => {
  const path = await savedRun(1, 2, 3)
  await goBack(path)
  expect([metricsOf(path), fileOf(path, 'rolled-back.jsonl')]).toEqual(['{"step":1}\n', '{"step":2}\n{"step":3}\n'])
  expect(JSON.parse(fileOf(path, 'rollbacks.json'))).toEqual([
    { fromStep: 3, toStep: 1, why: 'bad', change, numLeftMetrics: 2 },
  ])
})

test('one that dies once the rollback is noted, and before its metrics are cut, has them all when it is resumed', async () => {
  const path = await savedRun(1, 2, 3)
  const dying = goBack(path, ({ directory }) => vi.spyOn(directory, 'cutBack').mockRejectedValue(new Error('killed')))
  await expect(dying).rejects.toThrow('killed')
  expect(metricsOf(path)).toContain('{"step":3}')
  expect((await resumed(path)).checkpoint?.step).toBe(1)
  expect([metricsOf(path), fileOf(path, 'rolled-back.jsonl')]).toEqual(['{"step":1}\n', '{"step":2}\n{"step":3}\n'])
})

test('one that dies before the rollback is noted has not gone back, and goes back with the same files', async () => {
  const path = await savedRun(1, 2, 3)
  const inTheWay = join(path, 'rollbacks.json')
  await expect(goBack(path, () => void mkdirSync(inTheWay))).rejects.toThrow()
  rmdirSync(inTheWay)
  expect((await resumed(path)).checkpoint?.step).toBe(3)
  expect(existsSync(join(path, 'rolled-back.jsonl'))).toBe(false)
  await goBack(path)
  expect(fileOf(path, 'rolled-back.jsonl')).toBe('{"step":2}\n{"step":3}\n')
  await goBack(path)
  expect(fileOf(path, 'rolled-back.jsonl')).toBe('{"step":2}\n{"step":3}\n')
})
