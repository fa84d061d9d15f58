import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { ArgumentError, RewardError } from '../../../lib/errors.js'
import { GraderPool, type GraderPoolOptions } from '../../../lib/reward/pool/grader-pool.js'
import { sharedGraderPool } from '../../../lib/reward/pool/shared-pool.js'
import { root } from '../../helpers/source-files.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const grader = pathToFileURL(join(root, 'test/fixtures/grading/misbehaving-grader.mjs'))
const pools: GraderPool[] = []
const makePool = (options: GraderPoolOptions = {}) => {
  const pool = new GraderPool({ numWorkers: 2, grader, ...options })
  pools.push(pool)
  return pool
}
afterAll(() => {
  for (const pool of pools) pool.dispose()
})

const pairs = (...answers: string[]) => answers.map((answer) => ({ answer, gold: 'ok' }))
const numbered = (count: number) => pairs(...Array.from({ length: count }, (_, i) => `answer-${i}`))

describe('grades', () => {
  test('come in the order of the pairs, the same from one worker and from three', async () => {
    const answers = numbered(500)
    const one = await makePool({ numWorkers: 1 }).grade(answers)
    expect(one.map(({ predicted }) => predicted)).toEqual(answers.map(({ answer }) => answer))
    expect(await makePool({ numWorkers: 3 }).grade(answers)).toStrictEqual(one)
  })

  test('of nothing are none, and no worker starts', async () => {
    const pool = makePool()
    expect(await pool.grade([])).toEqual([])
    expect(pool.counts.workersStarted).toBe(0)
  })

  test('of any of several golds, of broken text, with the options that were given', async () => {
    const gold = ['a', '\ud800']
    const [grade] = await makePool().grade([{ answer: '\udfff</think>', gold }], {
      mode: 'deepscaler',
      deadlineMs: 9000,
    })
    expect(grade).toStrictEqual({
      verdict: 'wrong',
      why: '{"mode":"deepscaler"}',
      predicted: '\udfff</think>',
      expected: 'a,\ud800',
    })
  })

  test('asked for at once are told apart', async () => {
    const pool = makePool()
    const asked = Array.from({ length: 20 }, (_, i) => pool.grade(pairs(`a${i}`, `b${i}`)))
    const grades = await Promise.all(asked)
    expect(grades.map((two) => two.map(({ predicted }) => predicted))).toEqual(
      Array.from({ length: 20 }, (_, i) => [`a${i}`, `b${i}`]),
    )
    expect(pool.counts.workersStarted).toBeLessThanOrEqual(2)
  })
})

describe('a worker that', () => {
  const ending = (why: RegExp) => ({ verdict: 'unparsed', why: expect.stringMatching(why) })

  test('hangs is replaced, and only its pair is unparsed', async () => {
    const pool = makePool()
    const grades = await pool.grade(pairs('ok', 'hang', 'wrong', 'ok'), { deadlineMs: 200 })
    expect(grades.map(({ verdict }) => verdict)).toEqual(['correct', 'unparsed', 'wrong', 'correct'])
    expect(grades[1]).toMatchObject(ending(/^no verdict: it was not graded within 200 ms$/))
    expect(pool.counts).toMatchObject({ graded: 4, deadlines: 1, crashes: 0 })
  })

  test.each([
    ['crashes', 'crash', /its process ended by SIGKILL/],
    ['ends itself', 'exit', /its process ended by status 3/],
    ['prints what is no grade', 'print', /its process wrote "from a library"$/],
    ['prints JSON that is no grade', 'printJson', /its process wrote /],
    ['takes all memory little by little', 'memory', /its process ended by SIGABRT, as when it takes more memory/],
    ['takes all memory at once', 'array', /its process ended by (SIGABRT|SIGTRAP)/],
  ])('%s is replaced, and only its pair is unparsed', async (_, doing, why) => {
    const pool = makePool()
    const grades = await pool.grade(pairs('ok', doing, 'ok'), { deadlineMs: 60_000 })
    expect(grades).toMatchObject([{ verdict: 'correct' }, ending(why), { verdict: 'correct' }])
    expect(pool.counts).toMatchObject({ graded: 3, deadlines: 0, crashes: 1 })
  })

  test('is killed by others costs no verdict: its pair is tried again', async () => {
    const pool = makePool({ numWorkers: 1 })
    const [, again] = await pool.grade(pairs('ok', `crashOnce ${join(temporaryFolder(), 'crashed')}`, 'ok'))
    expect(again?.verdict).toBe('wrong')
    expect(pool.counts).toMatchObject({ graded: 3, crashes: 0, workersStarted: 2 })
  })

  test('throws goes on', async () => {
    const pool = makePool({ numWorkers: 1 })
    const grades = await pool.grade(pairs('throw', 'ok'))
    expect(grades).toMatchObject([ending(/^the grader failed: as asked$/), { verdict: 'correct' }])
    expect(pool.counts.workersStarted).toBe(1)
  })

  test('does not start is an error, not a verdict', async () => {
    const pool = makePool({ grader: new URL('file:///nowhere/grader.mjs') })
    const asked = pool.grade(pairs('ok'))
    await expect(asked).rejects.toThrow(RewardError)
    await expect(asked).rejects.toThrow(/no process to grade in: .*grader\.js: its process ended by status 1/)
  })
})

test('a program that is busy itself does not take its worker for a hung one', async () => {
  const pool = makePool({ numWorkers: 1 })
  await pool.grade(pairs('ok'))
  const asked = pool.grade(pairs('wait 100', 'wait 100', 'wait 100'), { deadlineMs: 200 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  expect((await asked).map(({ verdict }) => verdict)).toEqual(['wrong', 'wrong', 'wrong'])
  expect(pool.counts).toMatchObject({ deadlines: 0, workersStarted: 1 })
})

describe('a pool', () => {
  test('stops at its signal with the reason, and goes on with what is asked next', async () => {
    const pool = makePool()
    const controller = new AbortController()
    const asked = pool.grade([...pairs('hang'), ...numbered(300)], { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 100)
    await expect(asked).rejects.toThrow(/^enough$/)
    await expect(pool.grade(pairs('ok'), { signal: controller.signal })).rejects.toThrow(/^enough$/)
    expect(await pool.grade(pairs('ok'))).toMatchObject([{ verdict: 'correct' }])
  })

  test('that is disposed of ends what is under way, and takes nothing more', async () => {
    const pool = makePool()
    const asked = pool.grade(pairs('hang'))
    setTimeout(() => pool.dispose(), 100)
    await expect(asked).rejects.toThrow(ArgumentError)
    await expect(pool.grade(pairs('ok'))).rejects.toThrow(/expected a pool that is not disposed of/)
  })

  test('needs a worker', () => {
    expect(() => new GraderPool({ numWorkers: 0 })).toThrow(/at least 1 for numWorkers, got 0/)
  })

  test('is shared by all who ask, until somebody disposes of it', () => {
    const pool = sharedGraderPool()
    expect(sharedGraderPool()).toBe(pool)
    pool.dispose()
    expect(sharedGraderPool()).not.toBe(pool)
    sharedGraderPool().dispose()
  })

  test('keeps no program alive', () => {
    const file = pathToFileURL(join(root, 'dist/index.js'))
    const program = `
      const { GraderPool } = await import(${JSON.stringify(file.href)})
      const pool = new GraderPool({ grader: new URL(${JSON.stringify(grader.href)}) })
      console.log((await pool.grade([{ answer: 'ok', gold: 'ok' }]))[0].verdict)`
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'correct\n' })
  })
})
