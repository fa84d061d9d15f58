// A run whose directory cannot be written, or is full.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { metricsIn } from '../helpers/run-files.js'
import { jsonLines } from './json-lines.js'
import { lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
const disk = join(folder, 'disk')
mkdirSync(disk)
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]).status === 0
afterAll(() => {
  if (canMount) spawnSync('umount', [disk])
  rmSync(folder, { recursive: true, force: true })
})

const trainTo = (out: string) => lengthen(['train', 'run.yaml', '--json', '--out', out], { cwd: folder })

beforeAll(() => writeTinyFolder(folder))

test('a place where no directory can be made is named before any work', async () => {
  const { status, stdout, stderr } = await trainTo('problems.jsonl/run')
  expect(status).toBe(2)
  expect(jsonLines(stdout)).toEqual([expect.objectContaining({ type: 'error', code: 'UsageError' })])
  expect(stderr).toMatch(/^lengthen: .*problems\.jsonl\/run.*\n$/)
})

test.skipIf(!canMount)(
  'a full disk (needs the right to mount one) is a clear error, with no half of a model',
  async () => {
    const { status, stderr } = await trainTo('disk/run')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^lengthen: .*no space left on device.*\n$/i)
    expect(readdirSync(join(disk, 'run'))).not.toContain('model')
    expect(readdirSync(join(disk, 'run')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  },
)

test.skipIf(!canMount)(
  'a disk that fills up at a checkpoint leaves the one before, and with more room the run goes on to its end',
  async () => {
    const steps = [
      'checkpoint.everySteps=1',
      'checkpoint.keepLast=1',
      'evaluation.numProblems=2',
      'optimizer.learningRate=0.01',
    ]
    const stages = 'schedule.stages=[{"maxResponseTokens":16,"until":{"steps":4}}]'
    const settings = [...steps, stages].flatMap((setting) => ['--set', setting])
    const whole = await lengthen(['train', 'run.yaml', '--json', '--out', 'whole', ...settings], { cwd: folder })
    const checkpoint = join(folder, 'whole/checkpoints/step-000004')
    const bytes = readdirSync(checkpoint).reduce((sum, name) => sum + statSync(join(checkpoint, name)).size + 4096, 0)
    remount(Math.round(1.8 * bytes)) // not enough for two
    const full = await lengthen(['train', 'run.yaml', '--json', '--out', 'disk/full', ...settings], { cwd: folder })
    expect(full.status).toBe(1)
    // Metrics and journals are written meanwhile, and may be the first to find no room.
    expect(full.stderr).toMatch(/^lengthen: .*disk\/full\/\S+ could not be written.*no space left on device.*\n$/i)
    const [intact, ...others] = readdirSync(join(disk, 'full/checkpoints'))
    expect([full.stderr.includes('[checkpoint]'), others]).toEqual([full.stderr.includes(`${intact}, is whole`), []])
    remount(4 * bytes)
    const resumed = await lengthen(['train', '--resume', 'disk/full', '--json'], { cwd: folder })
    expect(resumed.stderr).toBe('')
    expect(jsonLines(resumed.stdout).at(-1)?.weightsSha256).toBe(jsonLines(whole.stdout).at(-1)?.weightsSha256)
    expect(metricsIn(join(disk, 'full'))).toEqual(metricsIn(join(folder, 'whole')))
  },
  20_000,
)

const remount = (bytes: number) => {
  rmSync(join(disk, 'run'), { recursive: true, force: true })
  spawnSync('mount', ['-o', `remount,size=${bytes}`, disk])
}
