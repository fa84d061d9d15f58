// Runs that go on from the command line: with everything a checkpoint has to hold, from another place, and what is in their way.
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockRun } from '../../lib/train/run/run-lock.js'
import { metricsIn, withoutClock } from '../helpers/run-files.js'
import { type Json, jsonLines } from './json-lines.js'
import { lengthen, set } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...names: string[]) => join(folder, ...names)

/** The share of an answer's letters that are digits: a random model gets some of it, and learns. */
const reward = 'export default ({ text }) => (text.match(/\\d/g)?.length ?? 0) / Math.max(1, text.length)\n'

const everything = set({
  'checkpoint.everySteps': 1,
  'checkpoint.keepLast': 100,
  'model.lora': { rank: 2, alpha: 4 },
  'optimizer.moments': '8bit',
  'optimizer.learningRate': 0.02,
  'optimizer.learningRateSchedule': { warmupSteps: 3 },
  'reward.parts': [{ kind: 'module', path: 'reward.mjs' }],
  'reward.overlongPenalty': { bufferTokens: 4, weight: 0.1 },
  'rollout.dynamicSampling': { maxRounds: 3 },
  'objective.klWeight': 0.02,
  'objective.entropyWeight': 0.01,
  'objective.adaptiveEntropy': { target: 3.7, delta: 0.002, max: 0.1 },
  'guard.action': 'rollback',
  'evaluation.numProblems': 2,
  'schedule.stages': [
    { maxResponseTokens: 8, until: { steps: 2 } },
    {
      maxResponseTokens: 12,
      reset: ['optimizer', 'reference', 'dataOrder'],
      back: { truncatedShare: { above: 0.05, forSteps: 2 }, minSteps: 2, cooldownSteps: 2 },
      until: { steps: 3 },
    },
    { maxResponseTokens: 16, until: { steps: 2 } },
  ],
})

const weightsOf = (stdout: string) => jsonLines(stdout).at(-1)?.weightsSha256
const phasesIn = (run: string) => (JSON.parse(readFileSync(at(run, 'phases.json'), 'utf8')) as Json[]).map(withoutClock)

function expectSame(run: string, stdout: string): void {
  expect(weightsOf(stdout)).toBe(weightsOf(whole))
  expect(metricsIn(at(run))).toEqual(metricsIn(at('whole')))
  expect(metricsIn(at(run), 'samples.jsonl')).toEqual(metricsIn(at('whole'), 'samples.jsonl'))
  expect(phasesIn(run)).toEqual(phasesIn('whole'))
}

/** The run as it was when its checkpoint of a step was written and nothing later. */
function cutTo(run: string, step: number): void {
  cpSync(at('whole'), at(run), { recursive: true })
  rmSync(at(run, 'model'), { recursive: true })
  for (const name of readdirSync(at(run, 'checkpoints')))
    if (Number(name.slice('step-'.length)) > step) rmSync(at(run, 'checkpoints', name), { recursive: true })
}

let whole: string
beforeAll(async () => {
  await writeTinyFolder(folder)
  writeFileSync(at('reward.mjs'), reward)
  const { stdout, stderr } = await lengthen(['train', 'run.yaml', '--json', '--out', 'whole', ...everything], {
    cwd: folder,
  })
  expect(stderr).toBe('')
  whole = stdout
}, 60_000)

describe('a run with adapters, 8-bit moments, dynamic sampling, an entropy target, a guard and a stage that steps back', () => {
  test('has steps of all of that', () => {
    const metrics = metricsIn(at('whole'))
    expect(metrics.map(({ stage }) => stage)).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 1, 2, 2])
    expect(Math.max(...metrics.map(({ numBatches }) => Number(numBatches)))).toBeGreaterThan(1)
    expect(new Set(metrics.map(({ entropyWeight }) => entropyWeight)).size).toBeGreaterThan(2)
  })

  test.each([1, 4])('goes on from its checkpoint of step %i to the same end', async (step) => {
    cutTo(`from-${step}`, step)
    const { stdout, stderr } = await lengthen(['train', '--json', '--resume', `from-${step}`], { cwd: folder })
    expect(stderr).toBe('')
    expectSame(`from-${step}`, stdout)
  })

  test('does so in a directory of another name, from another place', async () => {
    cutTo('before', 9)
    mkdirSync(at('elsewhere/below'), { recursive: true })
    renameSync(at('before'), at('elsewhere/after'))
    const { stdout, stderr } = await lengthen(['train', '--json', '--resume', '../after'], {
      cwd: at('elsewhere/below'),
    })
    expect(stderr).toBe('')
    expectSame('elsewhere/after', stdout)
  })
})

test('a damaged checkpoint is named and the one before is used; where all are, nothing is begun anew unasked', async () => {
  cutTo('damaged', 10)
  const damage = (step: string) => appendFileSync(at('damaged/checkpoints', step, 'optimizer.safetensors'), 'x')
  damage('step-000010')
  const { stdout } = await lengthen(['train', '--json', '--resume', 'damaged'], { cwd: folder })
  const resumed = jsonLines(stdout).find(({ type }) => type === 'resumed')
  expect(resumed).toMatchObject({
    step: 9,
    damaged: [expect.stringMatching(/step-000010: optimizer\.safetensors has/)],
  })
  expectSame('damaged', stdout)
  const names = readdirSync(at('damaged/checkpoints'))
  for (const name of names) damage(name)
  const { status, stderr } = await lengthen(['train', '--resume', 'damaged'], { cwd: folder })
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^lengthen: .*expected a checkpoint that is whole.*\n$/)])
  expect(metricsIn(at('damaged'))).toEqual(metricsIn(at('whole')))
}, 15_000)

test('a run that another process works in is refused, and that process named', async () => {
  cutTo('locked', 10)
  const lock = await lockRun(at('locked'))
  const { status, stdout, stderr } = await lengthen(['train', '--json', '--resume', 'locked'], { cwd: folder })
  expect([status, jsonLines(stdout)]).toMatchObject([1, [{ type: 'error', code: 'ArgumentError' }]])
  expect(stderr).toContain(`run.lock names process ${process.pid}`)
  await lock.release()
  expectSame('locked', (await lengthen(['train', '--json', '--resume', 'locked'], { cwd: folder })).stdout)
})
