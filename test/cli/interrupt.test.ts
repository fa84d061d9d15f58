// SIGINT in the phases that train.test.ts and usage.test.ts leave out.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { interrupted } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => writeTinyFolder(folder))

const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting])

test.each([
  { phase: 'an evaluation', from: '"type":"start"', settings: set('evaluation.samplesPerProblem=5000') },
  {
    phase: 'a step',
    from: '"type":"stage"',
    settings: set('rollout.numAnswers=5000', 'evaluation.numProblems=2'),
  },
  {
    phase: 'an update',
    from: '"type":"stage"',
    afterMs: 500,
    settings: set('objective.passes=1000000', 'objective.klWeight=0.1'),
  },
])('SIGINT during $phase ends the run within 2 seconds', async ({ phase, from, afterMs = 0, settings }) => {
  const out = phase.replaceAll(' ', '-')
  const { status, stderr, tookMs } = await interrupted(['train', 'run.yaml', ...settings, '--json', '--out', out], {
    ...{ cwd: folder, afterMs },
    when: (stdout) => stdout.includes(from),
  })
  expect([status, stderr.split(': ').slice(0, 3)]).toEqual([
    1,
    ['lengthen', `interrupted by SIGINT; what was done so far is in ${out}`, expect.stringContaining('metrics.jsonl')],
  ])
  expect(tookMs).toBeLessThan(2000)
  expect(readdirSync(join(folder, out)).filter((name) => name.includes('tmp'))).toEqual([])
})
