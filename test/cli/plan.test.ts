import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { lengthen, quickstart } from './lengthen.js'

const published = join(root, 'recipes/deepscaler-1.5b.yaml')
const plan = (...args: string[]) => lengthen(['plan', ...args], { cwd: temporaryFolder() })

test('a plan for hardware of the table has tokens, times, cost and memory in at most 100 columns, and what is assumed', async () => {
  const { status, stdout, stderr } = await plan(published, '--hardware', 'a100-80g:8,a100-80g:32')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^deepscaler-1\.5b: 1\.78B parameters; 8 × a100-80g, then 32 × a100-80g\n/)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  // 1040 · 1024 · 8192 tokens at most, 1040 · 1024 · 4000 expected.
  expect(stdout).toMatch(/\nstage 1 +1,040 +8\.72B +4\.2\dB +9\.81B /)
  expect(stdout).toMatch(/\ntime, as expected +prompts +decoding +rewards +reference +training +updates\n/)
  expect(stdout).toMatch(/\nin all +at most +expected +devices +device hours +cost, at most +expected\n/)
  expect(stdout).toMatch(/\nmemory of a device, GB +stage 1 +stage 2 +stage 3 +evaluation\n/)
  expect(stdout).toContain('--mean-tokens sets them')
  expect(stdout).toMatch(/\n- a100-80g: 312 TFLOP\/s, 2039 GB\/s, 80 GB/)
  expect(stdout).toMatch(/took 3,800 GPU hours on a100-80g/)
  expect(stdout).toMatch(/\nleft unexplained +-?\d/)
})

test('flags state what would be assumed, and the price', async () => {
  const stated = ['--mean-tokens', '2000,4000', '--mean-prompt-tokens', '100', '--price', '2.5', '--mfu', '0.3']
  const { stdout } = await plan(published, '--hardware', 'h100:8', '--json', ...stated)
  const { expectation, phases, fits } = JSON.parse(stdout)
  expect(expectation).toMatchObject({
    promptTokens: 100,
    answers: [2000, 4000, 4000].map((meanTokens) => ({ meanTokens })),
  })
  expect(fits).toBe(true)
  const [{ hours, dollars }] = phases
  expect(dollars.expected / (hours.expected * 8)).toBeCloseTo(2.5, 9)
})

test('what does not fit is refused with a change that makes it fit, and ends with 1', async () => {
  const { status, stdout, stderr } = await plan(published, '--hardware', 'a100-40g:1', '--json')
  expect(status).toBe(1)
  const { fits, excesses, proposal, phases } = JSON.parse(stdout)
  expect([fits, phases]).toEqual([false, []])
  expect(excesses[0]).toMatchObject({ phase: 0, place: '1 × a100-40g' })
  expect(proposal.flags.join(' ')).toMatch(/rollout\.cacheBytes=/)
  expect(stderr).toMatch(/^lengthen: \[plan\] expected at most 36\.8 GB for stage 1 on 1 × a100-40g, got \d+\.\d GB\n/)
  expect(stderr).toContain('It fits with --set rollout.cacheBytes=')
})

describe('wrong usage ends with 2', () => {
  test.each([
    [['--hardware', 'b10g'], /got "b10g"; did you mean a10g\?/],
    [['--trained-share', '1.5'], /Expected a number above 0, at most 1\./],
  ])('%j', async (args, message) => {
    const { status, stderr } = await plan(published, ...args)
    expect(status).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('a run’s directory', () => {
  const step = {
    ...{ step: 1, stage: 0, maxResponseTokens: 32, numSamples: 384, meanTokens: 20, maxTokens: 32 },
    ...{ rolloutTokensPerSecond: 7680, trainTokensPerSecond: 2000, seconds: 3 },
  }

  function runDirectory(metrics: string): string {
    const folder = join(temporaryFolder(), 'run')
    mkdirSync(folder)
    writeFileSync(join(folder, 'recipe.yaml'), readFileSync(quickstart))
    writeFileSync(join(folder, 'metrics.jsonl'), metrics)
    writeFileSync(join(folder, 'phases.json'), JSON.stringify([{ name: 'base', meanTokens: 60, seconds: 5 }]))
    return folder
  }

  test('is compared with its plan, per stage', async () => {
    const folder = runDirectory(`${JSON.stringify(step)}\n${JSON.stringify({ ...step, step: 2 })}\n`)
    const { status, stdout } = await plan(folder, '--hardware', 't4', '--json')
    expect(status).toBe(0)
    const { phasesCompared, total } = JSON.parse(stdout)
    // 7,680 tokens at 7,680 a second, and two seconds of learning, twice.
    expect(phasesCompared[0]).toMatchObject({
      ...{ name: 'stage 1', count: 2, tokens: { happened: 15_360 }, trainedTokens: { happened: 8000 } },
      seconds: { happened: { rollout: 2, learning: 4 } },
    })
    expect(phasesCompared[1]).toMatchObject({ name: 'evaluations', count: 1, seconds: { happened: { rollout: 5 } } })
    const { givenLengths, happened } = total.seconds
    expect(total.error).toBeCloseTo(
      (givenLengths.rollout + givenLengths.learning) / (happened.rollout + happened.learning) - 1,
      9,
    )
  })

  test('with a damaged line of metrics names the line, and ends with 1', async () => {
    const folder = runDirectory(`${JSON.stringify(step)}\n{ "stage": 0 }\n`)
    const { status, stderr } = await plan(folder, '--hardware', 't4')
    expect(status).toBe(1)
    expect(stderr).toMatch(/metrics\.jsonl, line 2: expected a number for maxResponseTokens\n$/)
  })
})

test('Ctrl-C while the machine is timed ends with 1 and keeps no calibration', async () => {
  const cwd = temporaryFolder()
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'plan', quickstart], {
    cwd,
    env: { ...process.env, XDG_CACHE_HOME: cwd },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr === '') child.kill('SIGINT')
    stderr += text
  })
  const status = await new Promise((resolve) => child.on('close', resolve))
  expect(status).toBe(1)
  expect(stderr).toMatch(/^timing this machine, about a minute at most …\n.*interrupted by SIGINT/)
  expect(readdirSync(cwd)).toEqual([])
})
