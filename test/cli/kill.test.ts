// A run that is killed without warning, again and again and in every phase, and resumed each time: it ends as one that never was.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RandomStream } from '../../lib/random.js'
import { metricsIn, withoutClock } from '../helpers/run-files.js'
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

const read = (run: string, name: string) => readFileSync(join(folder, run, name), 'utf8')
const metricsOf = (run: string) => metricsIn(join(folder, run))
const phasesOf = (run: string) => (JSON.parse(read(run, 'phases.json')) as Json[]).map(withoutClock)

interface LifeEnd {
  /** 0 where it came to its end before it was killed. */
  status: number | null
  /** The last that it told of. */
  lastTold: string
}

/** One life of the run, which is killed once `kill` resolves. */
async function live(
  args: readonly string[],
  kill: (isTold: (type: string) => boolean) => Promise<void>,
): Promise<LifeEnd> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'train', '--json', ...args], { cwd: folder })
  let [stdout, stderr, isOver] = ['', '', false]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  void ended.then(() => {
    isOver = true
  })
  await kill((type) => isOver || stdout.includes(`"type":"${type}"`))
  child.kill('SIGKILL')
  const status = await ended
  expect(stderr).toBe('')
  return { status, lastTold: [...stdout.matchAll(/"type":"(\w+)"/g)].at(-1)?.[1] ?? 'nothing' }
}

/** Waits for an event, then for a moment that chance decides. */
const after =
  (type: string, random: RandomStream, { withinMs }: { withinMs: number }) =>
  async (isTold: (type: string) => boolean): Promise<void> => {
    while (!isTold(type)) await sleep(1)
    await sleep(random.uniform() * withinMs)
  }

const toItsEnd = async (isTold: (type: string) => boolean): Promise<void> => {
  while (!isTold('nothing of this name')) await sleep(5)
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
  const begun = [quickstart, '--out', 'killed', ...settings]
  const kills = [
    await live(begun, after('distill', random, { withinMs: 300 })),
    await live(resumed, after('rehearsal', random, { withinMs: 5 })),
    await live(resumed, after('distillEnd', random, { withinMs: 50 })), // in the base's evaluation
    await live(resumed, after('stage', random, { withinMs: 20 })),
  ]
  const moments = [
    after('resumed', random, { withinMs: 200 }), // in the rehearsal, or while rows are sampled
    after('step', random, { withinMs: 150 }),
    midWrite,
    after('step', random, { withinMs: 300 }),
    after('phase', random, { withinMs: 60 }), // behind the evaluation at a stage's end
  ]
  while (kills.at(-1)?.status !== 0 && kills.length < 60) {
    kills.push(await live(resumed, (kills.length < 24 && moments[kills.length % moments.length]) || toItsEnd))
  }
  expect(kills.at(-1)?.status).toBe(0)
  expect(kills.length).toBeGreaterThan(20)
  const places = new Set(kills.map(({ lastTold }) => lastTold))
  for (const place of ['distill', 'distillEnd', 'rehearsal', 'step']) expect([...places]).toContain(place)
  const last = await lengthen(['train', ...resumed, '--json'], { cwd: folder })
  expect(jsonLines(last.stdout).at(-1)).toMatchObject({ type: 'summary', weightsSha256 })
  expect(metricsOf('killed')).toEqual(metricsOf('whole'))
  expect(phasesOf('killed')).toEqual(phasesOf('whole'))
  expect(read('killed', 'samples.jsonl')).toBe(read('whole', 'samples.jsonl'))
  expect(readdirSync(join(folder, 'killed')).sort()).toEqual(readdirSync(join(folder, 'whole')).sort())
}, 300_000)
