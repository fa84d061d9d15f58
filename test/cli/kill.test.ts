// A run that is killed without warning, again and again and in every phase, and resumed each time: it ends as one that never was.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RandomStream } from '../../lib/random.js'
import { root } from '../helpers/source-files.js'
import { type Json, jsonLines } from './json-lines.js'
import { lengthen, quickstart, set, shrunken } from './lengthen.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const settings = [
  ...shrunken,
  ...set({
    'checkpoint.everySteps': 2,
    'objective.klWeight': 0.01,
    'rollout.promptsPerStep': 24,
    'schedule.stages': [
      { maxResponseTokens: 12, until: { steps: 4 } },
      { maxResponseTokens: 16, reset: ['reference', 'optimizer'], until: { steps: 4 } },
      { maxResponseTokens: 24, until: { steps: 3 } },
    ],
  }),
]

const clock = ['seconds', 'rolloutTokensPerSecond', 'trainTokensPerSecond']
const without = (value: Json) => Object.fromEntries(Object.entries(value).filter(([key]) => !clock.includes(key)))
const read = (run: string, name: string) => readFileSync(join(folder, run, name), 'utf8')
const metricsOf = (run: string) => jsonLines(read(run, 'metrics.jsonl')).map(without)
const phasesOf = (run: string) => (JSON.parse(read(run, 'phases.json')) as Json[]).map(without)

/** One life of the run; `kill` is called once it has begun, and ends it when it resolves. The events that it told. */
async function live(args: readonly string[], kill: (isTold: (type: string) => boolean) => Promise<void>) {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'train', '--json', ...args], { cwd: folder })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  await kill((type) => isOver || stdout.includes(`"type":"${type}"`))
  child.kill('SIGKILL')
  const status = await ended
  expect(stderr).toBe('')
  return {
    status,
    told: stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map(typeOf),
  }
}

const typeOf = (line: string) => /"type":"(\w+)"/.exec(line)?.[1] ?? ''

/** Waits for an event, then for a moment that chance decides. */
const after =
  (type: string, random: RandomStream, { withinMs }: { withinMs: number }) =>
  async (isTold: (type: string) => boolean): Promise<void> => {
    while (!isTold(type)) await sleep(1)
    await sleep(random.uniform() * withinMs)
  }

/** The moment that a checkpoint is half-written. */
const midWrite = async (isTold: (type: string) => boolean): Promise<void> => {
  const checkpoints = join(folder, 'killed/checkpoints')
  while (!isTold('summary')) {
    await sleep(0)
    try {
      if (readdirSync(checkpoints).some((name) => name.endsWith('.tmp'))) return
    } catch {
      // not there yet
    }
  }
}

let weightsSha256: unknown
beforeAll(async () => {
  const whole = await lengthen(['train', quickstart, '--json', '--out', 'whole', ...settings], { cwd: folder })
  expect(whole.stderr).toBe('')
  weightsSha256 = jsonLines(whole.stdout).at(-1)?.weightsSha256
}, 60_000)

test('killed at 20 moments, in every phase and while writing, a run ends with the metrics and the weights of one that never was', async () => {
  const random = new RandomStream(7, 'moments')
  const resumed = ['--resume', 'killed']
  await live([quickstart, '--out', 'killed', ...settings], after('distill', random, { withinMs: 300 }))
  await live(resumed, after('start', random, { withinMs: 100 }))
  await live(resumed, after('distillEnd', random, { withinMs: 50 }))
  await live(resumed, after('stage', random, { withinMs: 20 }))
  let status: number | null = null
  let numKills = 4
  const told = new Set<string>()
  while (status !== 0 && numKills < 60) {
    const kill = numKills % 3 === 0 ? midWrite : after('resumed', random, { withinMs: numKills < 24 ? 350 : 60_000 })
    const life = await live(resumed, kill)
    status = life.status
    for (const type of life.told) told.add(type)
    numKills++
  }
  expect([status, numKills >= 20]).toEqual([0, true])
  const events = jsonLines((await lengthen(['train', ...resumed, '--json'], { cwd: folder })).stdout)
  expect(events.at(-1)).toMatchObject({ type: 'summary', weightsSha256 })
  expect(metricsOf('killed')).toEqual(metricsOf('whole'))
  expect(phasesOf('killed')).toEqual(phasesOf('whole'))
  expect(read('killed', 'samples.jsonl')).toBe(read('whole', 'samples.jsonl'))
  expect(readdirSync(join(folder, 'killed')).sort()).toEqual(readdirSync(join(folder, 'whole')).sort())
}, 120_000)
