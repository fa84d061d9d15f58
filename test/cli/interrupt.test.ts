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

const namesWith = (part: string, folder: string) => readdirSync(folder).filter((name) => name.includes(part))

test('SIGINT during an evaluation ends the run within 2 seconds: nothing is lost that takes long', async () => {
  const { status, stderr, tookMs } = await interrupted(
    ['train', 'run.yaml', ...set('evaluation.samplesPerProblem=5000'), '--json', '--out', 'evaluation'],
    { cwd: folder, when: (stdout) => stdout.includes('"type":"start"') },
  )
  expect([status, stderr]).toEqual([1, 'lengthen: interrupted by SIGINT; evaluation holds no checkpoint yet\n'])
  expect(tookMs).toBeLessThan(2000)
  expect(namesWith('tmp', join(folder, 'evaluation'))).toEqual([])
})

test.each([
  { phase: 'a step', settings: set('rollout.numAnswers=5000', 'evaluation.numProblems=2') },
  { phase: 'an update', settings: set('objective.passes=1000000', 'objective.klWeight=0.1') },
])('SIGINT during $phase lets it finish; a second one ends the run at once', async ({ phase, settings }) => {
  const out = phase.replaceAll(' ', '-')
  const { status, stdout, stderr, tookMs } = await interrupted(
    ['train', 'run.yaml', ...settings, '--json', '--out', out],
    { cwd: folder, afterMs: 500, isRepeated: true, when: (stdout) => stdout.includes('"type":"stage"') },
  )
  expect(stdout).toContain('{"type":"stopping"}')
  expect([status, stderr]).toEqual([
    1,
    `lengthen: interrupted by SIGINT; step 0 is saved: lengthen train --resume ${out} goes on from there\n`,
  ])
  expect(tookMs).toBeLessThan(1000)
  expect(namesWith('tmp', join(folder, out))).toEqual([])
  expect(namesWith('lock', join(folder, out))).toEqual([])
})

test('SIGTERM lets a step finish too, and saves it: the run goes on from there', async () => {
  const steps = set('schedule.stages=[{"maxResponseTokens":64,"until":{"steps":200}}]', 'evaluation.numProblems=2')
  const { status, stdout, stderr } = await interrupted(
    ['train', 'run.yaml', ...steps, '--json', '--out', 'terminated'],
    {
      cwd: folder,
      signal: 'SIGTERM',
      when: (stdout) => stdout.includes('"type":"step"'),
    },
  )
  const numSteps = stdout.split('"type":"step"').length - 1
  expect([status, stderr]).toEqual([
    1,
    `lengthen: interrupted by SIGTERM; step ${numSteps} is saved: lengthen train --resume terminated goes on from there\n`,
  ])
  expect(numSteps).toBeLessThan(200)
  expect(readdirSync(join(folder, 'terminated/checkpoints'))).toContain(`step-${String(numSteps).padStart(6, '0')}`)
})
