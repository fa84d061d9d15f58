import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { RunKeeper } from '../../../lib/train/checkpoint/run-keeper.js'
import { RunDirectory } from '../../../lib/train/run/run-directory.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const savedRun = (...steps: number[]): Promise<string> => runOf(undefined, ...steps)

async function runOf(recipeYaml: string | undefined, ...steps: number[]): Promise<string> {
  const path = join(temporaryFolder(), 'run')
  const keeper = await RunKeeper.open(await RunDirectory.create(path), { keepLast: 5 }, { recipeYaml })
  for (const step of steps) {
    await keeper.directory.writeStep({ step } as never)
    await keeper.save({ step, tensors: {} }, { trainer: {}, companion: null })
  }
  await keeper.settled()
  await keeper.close()
  return path
}

async function resumed(path: string, recipeYaml?: string, options = {}) {
  const keeper = await RunKeeper.open(await RunDirectory.reopen(path), { keepLast: 5 }, { recipeYaml })
  try {
    return await keeper.resume(options)
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
  expect(await resumed(path)).toEqual({ checkpoint: undefined, damaged: [], warnings: [] })
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

describe('a run whose recipe has changed since its checkpoint', () => {
  const recipe = 'seed: 1\nrollout: { numAnswers: 8 }\nschedule: { maxSteps: 10 }\n'
  const other = 'seed: 1\nrollout: { numAnswers: 16 }\nschedule: { maxSteps: 20 }\n'

  test('is refused, each changed key named, and nothing is cut', async () => {
    const path = await runOf(recipe, 1, 2)
    writeFileSync(join(path, 'metrics.jsonl'), 'as it was')
    await expect(resumed(path, other)).rejects.toMatchObject({
      ...{ code: 'RecipeError', key: 'rollout.numAnswers' },
      message: expect.stringMatching(
        /recipe\.yaml: .* step 2 was made with, got another one: rollout\.numAnswers was 8 and is 16; .*--allow-changes/,
      ),
    })
    expect(metricsOf(path)).toBe('as it was')
  })

  test('goes on where it may change, and says what has', async () => {
    const { checkpoint, warnings } = await resumed(await runOf(recipe, 1, 2), other, { mayChange: true })
    const since = 'the recipe has changed since the checkpoint of step 2:'
    expect(checkpoint?.step).toBe(2)
    expect(warnings).toEqual([
      `${since} rollout.numAnswers was 8 and is 16`,
      `${since} schedule.maxSteps was 10 and is 20`,
    ])
  })

  test('in how far it goes alone does so unasked', async () => {
    const { warnings } = await resumed(await runOf(recipe, 1), recipe.replace('10', '20'))
    expect(warnings).toEqual([expect.stringMatching(/schedule\.maxSteps was 10 and is 20$/)])
  })

  test('has no warnings where it is the same', async () => {
    expect(await resumed(await runOf(recipe, 1), recipe)).toMatchObject({ checkpoint: { step: 1 }, warnings: [] })
  })

  test('is told that it was not compared where the checkpoint has none', async () => {
    const { warnings } = await resumed(await savedRun(1), recipe)
    expect(warnings).toEqual([expect.stringMatching(/step 1 does not say what recipe it was made with/)])
  })
})

describe('a checkpoint of another version', () => {
  /** As that version would have written it. */
  function rewrite(path: string, version: string | undefined): void {
    const file = join(path, 'checkpoints/step-000001/manifest.json')
    const { step, score, files } = JSON.parse(readFileSync(file, 'utf8'))
    const manifest = { step, score, ...(version !== undefined && { lengthen: version }), files }
    const sha256 = createHash('sha256')
      .update(JSON.stringify({ step, score, lengthen: version, files }))
      .digest('hex')
    writeFileSync(file, JSON.stringify({ ...manifest, sha256 }))
  }

  test('is gone on from with a warning, and its new defaults are no changes', async () => {
    const path = await runOf('seed: 1\n', 1)
    rewrite(path, '0.0.1-other')
    const { checkpoint, warnings } = await resumed(path, 'seed: 1\nrollout: { newKey: 3 }\n')
    expect([checkpoint?.version, warnings]).toEqual([
      '0.0.1-other',
      [expect.stringMatching(/step 1 was written by lengthen 0\.0\.1-other, and this is \d/)],
    ])
    await expect(resumed(path, 'seed: 2\n')).rejects.toThrow(/seed was 1 and is 2/)
  })

  test('that was not yet named there is gone on from as it is', async () => {
    const path = await savedRun(1)
    rewrite(path, undefined)
    const { checkpoint, damaged, warnings } = await resumed(path)
    expect([checkpoint?.step, checkpoint?.version, damaged, warnings]).toEqual([1, undefined, [], []])
  })
})
