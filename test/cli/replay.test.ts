// Samples of a run, listed and decoded again: from a checkpoint beside their step, from one before it, and from the run's beginning.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, jsonLines } from './json-lines.js'
import { lengthen, set } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const settings = set({
  'checkpoint.everySteps': 2,
  'checkpoint.keepLast': 2,
  'rollout.dynamicSampling': { maxRounds: 2 },
  'evaluation.numProblems': 2,
  'schedule.stages': [{ maxResponseTokens: 8, until: { steps: 5 } }],
})
const replay = (...args: string[]) => lengthen(['replay', 'run', ...args], { cwd })
const samples = () => jsonLines(readFileSync(join(cwd, 'run/samples.jsonl'), 'utf8'))

beforeAll(async () => {
  await writeTinyFolder(cwd)
  const { stderr } = await lengthen(['train', 'run.yaml', '--out', 'run', ...settings], { cwd })
  expect(stderr).toBe('')
}, 30_000)

test('every sample is listed, or those of one step', async () => {
  expect(jsonLines((await replay('--json')).stdout)).toEqual(samples())
  const { stdout } = await replay('--step', '2')
  const ofStep = samples().filter(({ step }) => step === 2)
  const lines = stdout.trim().split('\n').slice(1)
  expect(lines.map((line) => line.trim().split(/\s+/)[5])).toEqual(ofStep.map(({ hash }) => hash))
})

test('a reward of many digits keeps to its column', async () => {
  const file = join(cwd, 'run/samples.jsonl')
  const text = readFileSync(file, 'utf8')
  const rewards = [-0.08333333333333333, 1 / 3, 1, null]
  let next = 0
  const changed = text.replaceAll(/"reward":[^,]+/g, () => `"reward":${rewards[next++ % rewards.length]}`)
  writeFileSync(file, changed)
  const { stdout } = await replay('--step', '2')
  writeFileSync(file, text)
  const [head = '', ...lines] = stdout.trimEnd().split('\n')
  expect(
    lines
      .slice(0, 4)
      .map((line) => line.trim().split(/\s+/)[2])
      .sort(),
  ).toEqual(['-0.0833', '0.3333', '1', 'none'])
  const at = head.indexOf('hash')
  for (const line of lines) expect(line.slice(at - 1, at + 17)).toMatch(/^ [0-9a-f]{16} $/)
})

test.each([
  { step: 5, from: 4 },
  { step: 1, from: 0 },
])('a sample of step $step comes out as it was, from step $from', async ({ step, from }) => {
  const ofStep = samples().filter((record) => record.step === step)
  // A late round of sampling, where there was one.
  const last = ofStep.at(-1) as Json
  const { status, stdout, stderr } = await replay('--step', `${step}`, '--sample', `${last.sample}`, '--json')
  expect([status, stderr]).toEqual([0, ''])
  const [begin, ...events] = jsonLines(stdout)
  expect(begin).toMatchObject({ type: 'from', step: from, damaged: [] })
  expect(events.at(-1)).toMatchObject({ type: 'replayed', isSame: true, hash: last.hash, record: last })
  expect(events.at(-1)?.tokens).toHaveLength(Number(last.numTokens))
})

test('one whose record was changed is told, with 1', async () => {
  const text = readFileSync(join(cwd, 'run/samples.jsonl'), 'utf8')
  writeFileSync(join(cwd, 'run/samples.jsonl'), text.replaceAll(/"hash":"[0-9a-f]+"/g, '"hash":"0123456789abcdef"'))
  const { status, stdout } = await replay('--step', '5', '--sample', '0')
  writeFileSync(join(cwd, 'run/samples.jsonl'), text)
  expect([status, stdout]).toEqual([1, expect.stringContaining('NOT the sample of then')])
})

test('from beside a damaged checkpoint it takes the one before, or the beginning, and says so', async () => {
  appendFileSync(join(cwd, 'run/checkpoints/step-000004/state.json'), ' ')
  const { status, stdout } = await replay('--step', '5', '--sample', '1')
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^a damaged checkpoint was passed over: .*state\.json/)])
})

test('steps on the way to a sample take the rewards of then, whatever the reward says by now', async () => {
  writeFileSync(join(cwd, 'fickle.mjs'), 'export default () => Math.random()\n')
  const parts = [
    { kind: 'module', path: 'fickle.mjs', weight: 0.5 },
    { kind: 'format', weight: 0.25 },
  ]
  const fickle = set({ 'reward.parts': parts, 'reward.overlongPenalty': { bufferTokens: 4, weight: 0.5 } })
  await lengthen(['train', 'run.yaml', '--out', 'fickle', ...settings, ...fickle], { cwd })
  const { status, stdout } = await lengthen(['replay', 'fickle', '--step', '4', '--sample', '3', '--json'], { cwd })
  const again = jsonLines(stdout).filter(({ type }) => type === 'again')
  const metrics = jsonLines(readFileSync(join(cwd, 'fickle/metrics.jsonl'), 'utf8'))
  expect(again.map(({ reward }) => reward)).toEqual(metrics.slice(0, 3).map(({ reward }) => reward))
  expect([status, jsonLines(stdout).at(-1)]).toMatchObject([0, { type: 'replayed', isSame: true }])
})

test('a base that is not what it was is told of, before anything is done', async () => {
  const file = join(cwd, 'model/model.safetensors')
  const whole = readFileSync(file)
  writeFileSync(file, Buffer.concat([whole.subarray(0, -1), Buffer.of(1)]))
  const { status, stdout, stderr } = await replay('--step', '1', '--sample', '0')
  writeFileSync(file, whole)
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(/the weights that the run began with, got/)])
})

test.each([
  [['--sample', '1'], /expected --step beside --sample/],
  [['--step', '9'], /expected a step that run has samples of, got 9/],
  [['--step', '1', '--sample', '100000'], /expected a sample from 0 to \d+ of step 1, got 100000/],
  [['--step', 'x'], /expected a whole number of at least 1 for --step, got x/],
])('%j is told what it lacks', async (args, message) => {
  const { status, stderr } = await replay(...args)
  expect(status).toBeGreaterThan(0)
  expect(stderr).toMatch(message)
})
