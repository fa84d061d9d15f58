// SIGINT in the phases that train.test.ts and usage.test.ts leave out.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(async () => {
  await writeTinyFolder(folder)
  writeFileSync(
    join(folder, 'run.yaml'),
    `name: run
model: { path: model }
data: { train: problems.jsonl, heldOut: problems.jsonl }
rollout: { promptsPerStep: 6, numAnswers: 8, maxPromptTokens: 16 }
schedule: { stages: [{ maxResponseTokens: 64, until: { steps: 1 } }] }
evaluation: { numProblems: 6, samplesPerProblem: 2 }
`,
  )
})

const longEvaluation = ['--set', 'evaluation.samplesPerProblem=5000']
const longStep = ['--set', 'rollout.numAnswers=5000', '--set', 'evaluation.numProblems=2']

test.each([
  { phase: 'an evaluation', from: '"type":"start"', args: ['run.yaml', ...longEvaluation] },
  { phase: 'a step', from: '"type":"stage"', args: ['run.yaml', ...longStep] },
])('SIGINT during $phase ends the run within 2 seconds', async ({ phase, from, args }) => {
  const out = phase.replaceAll(' ', '-')
  let interrupted = 0
  const running = start(['train', ...args, '--json', '--out', out], {
    cwd: folder,
    until: (stdout) => {
      if (interrupted > 0 || !stdout.includes(from)) return
      interrupted = performance.now()
      running.interrupt()
    },
  })
  const { status, stderr } = await running.ended
  expect([status, stderr.split(': ').slice(0, 3)]).toEqual([
    1,
    ['lengthen', `interrupted by SIGINT; what was done so far is in ${out}`, expect.stringContaining('metrics.jsonl')],
  ])
  expect(performance.now() - interrupted).toBeLessThan(2000)
  expect(readdirSync(join(folder, out)).filter((name) => name.includes('tmp'))).toEqual([])
})
