import { describe, expect, it } from 'vitest'
import { chosen, table, warningsIn } from '../../scripts/release/report.mjs'
import { steps } from '../../scripts/release/steps.mjs'

const done = (options: Parameters<typeof chosen>[1]) =>
  chosen(steps, options).flatMap(({ name, isSkipped }) => (isSkipped ? [] : [name]))

describe('the steps of a release', () => {
  it('are all gone through, unless told otherwise', () => {
    expect(done({})).toEqual(steps.map(({ name }) => name))
    expect(done({ skipTests: true, skip: 'lint,install' })).toEqual([
      ...['state', 'prebuilds', 'pack', 'size', 'package', 'docs', 'publish'],
    ])
    expect(done({ only: 'docs,pack' })).toEqual(['pack', 'docs'])
    expect(done({ only: 'docs,pack', skip: 'docs' })).toEqual(['pack'])
  })

  it('are named', () => {
    expect(() => done({ skip: 'lint,tests' })).toThrow(/expected state, lint, test, .*, got tests$/)
    expect(() => done({ only: 'doc' })).toThrow(/got doc$/)
  })

  it('publish nothing in a dry run', () => {
    expect(steps.filter(({ command }) => /publish|state/.test(command)).map(({ dry }) => dry)).toEqual([
      '--dry-run',
      '--dry-run',
    ])
  })
})

it('warnings are lines of their own', () => {
  expect(warningsIn('a\nwarning: b\nnpm warn c\n  warning: d\nwarning: e')).toEqual(['warning: b', 'warning: e'])
})

it('the table has a line for each step, with its time and verdict', () => {
  const step = (name: string) => ({ name, about: `about ${name}`, command: '' })
  const text = table([
    { ...step('state'), verdict: 'passed', seconds: 1.26, warnings: ['warning: a'] },
    { ...step('a'), verdict: 'failed', seconds: 10 },
    { ...step('b'), verdict: 'not reached' },
  ])
  expect(text.split('\n')).toEqual([
    'step    what           time  verdict',
    'state   about state   1.3 s  passed, 1 warning',
    'a       about a      10.0 s  failed',
    'b       about b              not reached',
    'in all               11.3 s',
  ])
})
