import { describe, expect, it, test } from 'vitest'
import { ourVariables, withoutValues } from '../../../lib/cli/doctor/environment.js'
import { findingsOf } from '../../../lib/cli/doctor/findings/index.js'
import { type Person, personOf, withoutPersonal } from '../../../lib/cli/doctor/privacy.js'
import { reportText } from '../../../lib/cli/doctor/report.js'
import { doctorText } from '../../../lib/cli/doctor/text.js'
import { engine, installation, machine, well } from './well.js'

const hostile = {
  ...{ USER: 'mallory', LOGNAME: 'mallory2', HOSTNAME: 'secret-host', HOME: '/home/mallory' },
  ...{
    HF_TOKEN: 'hf_tokentokentokentoken',
    HF_ENDPOINT: 'https://mallory:pass@hub.example',
    HF_HOME: '/home/mallory/hf',
  },
  ...{ LENGTHEN_ISA: 'avx2\n```\n# injected', LENGTHEN_SECRET: 'swordfish', AWS_SECRET_ACCESS_KEY: 'open sesame' },
  LENGTHEN_PREBUILD: '/srv/open sesame/secret-host.example/mallory/x',
  NODE_OPTIONS: '--max-old-space-size=4096 --require /home/mallory/x.js --title=swordfish -r ./y',
}
const person = personOf(hostile, { home: '/home/mallory', user: 'mallory', host: 'secret-host.example' })

describe('a report', () => {
  const folder = '/home/mallory/work/node_modules/lengthen'
  const addon = { ...engine.addon, file: `${folder}/prebuilds/linux-x64/mallory.node` }
  const examination = {
    ...well,
    installation: { ...installation, folder },
    engine: {
      ...engine,
      addon,
      kernels: { ...engine.kernels, target: 'avx2', why: `LENGTHEN_ISA=${hostile.LENGTHEN_ISA}` },
    },
    environment: ourVariables(hostile),
  }
  const shown = withoutPersonal({ examination, findings: findingsOf(examination) }, person)
  const report = reportText(shown.examination, shown.findings)

  it('holds no user, home folder, host or secret, whatever the environment', () => {
    expect(report).not.toMatch(/mallory|secret-host|tokentoken|swordfish|sesame|pass@/)
    expect(report).toContain('a package in ~/work/node_modules/lengthen\n')
  })

  it('tells which variables are set, and the values of harmless ones', () => {
    expect(report).toMatch(/^HF_TOKEN +\(set\)$/m)
    expect(report).toMatch(/^HF_ENDPOINT +\(set\)$/m)
    expect(report).toMatch(/^HF_HOME +~\/hf$/m)
    expect(report).toMatch(/^LENGTHEN_SECRET +\(set\)$/m)
    expect(report).toMatch(/^NODE_OPTIONS +--max-old-space-size=4096 --require … --title=… -r …$/m)
  })

  it('is Markdown that nothing in it can break out of', () => {
    const fences = report.split('\n').filter((line) => line.startsWith('```'))
    expect(fences).toEqual(Array.from({ length: fences.length / 2 }, () => ['```text', '```']).flat())
    const headings = report.split('\n').filter((line) => line.startsWith('#'))
    expect(headings.map((line) => line.slice(3))).toEqual([
      ...['What happened', 'Versions', 'Machine', 'Engine', 'Rates', 'CUDA', 'Environment', 'Findings'],
    ])
  })

  it('has the rates, the machine and every finding', () => {
    for (const text of [
      '800.0 GFLOP/s',
      '40.0 GB/s',
      'Some CPU',
      'glibc 2.36',
      'ok (node)',
      'note (kernels)',
      'mend it: unset LENGTHEN_ISA',
    ])
      expect(report).toContain(text)
  })
})

describe('what is personal', () => {
  const nobody: Person = { home: '/', users: [], hosts: [], secrets: [] }
  const shown = (text: string, changes: Partial<Person> = {}) => withoutPersonal(text, { ...nobody, ...changes })

  it('goes in whole words and whole paths only', () => {
    expect(shown('/home/al/x /home/al.bak /home/alice', { home: '/home/al' })).toBe('~/x /home/<user> /home/<user>')
    expect(shown('/root/x', { home: '/root', users: ['root'] })).toBe('~/x')
    expect(shown('/node/node_modules a-node', { users: ['node'] })).toBe('/<user>/node_modules a-<user>')
    expect(shown('/Users/bob/x: no such file')).toBe('/Users/<user>/x: no such file')
  })

  it('may hold signs that mean something in patterns', () => {
    expect(shown('a+b (c) d$', { users: ['a+b'], hosts: ['(c)'], secrets: ['d$'] })).toBe('<user> <host> <secret>')
  })

  it('is found at any depth, and the rest stays', () => {
    const value = { list: [{ path: '/h/x', n: 1, is: null }] }
    expect(withoutPersonal(value, { ...nobody, home: '/h' })).toEqual({ list: [{ path: '~/x', n: 1, is: null }] })
  })
})

test('options of Node are named, and only their numbers are told', () => {
  expect(withoutValues(' --inspect=127.0.0.1:9229  --stack-size=900 token')).toBe('--inspect=… --stack-size=900 …')
})

test('limits of a container and a short copy are pointed out on a terminal, and control characters are not obeyed', () => {
  const limited = { ...machine, cpu: 'CPU\u001b[31m', numCpusByQuota: 1.5, memoryLimitBytes: 2 ** 32 }
  const rates = {
    ...well.rates,
    copy: { ...well.rates?.copy, bufferBytes: 2 ** 20, isShortened: true },
  } as typeof well.rates
  const text = doctorText({ ...well, machine: limited, rates }, [])
  expect(text).toContain(', 1.5 by quota\n')
  expect(text).toContain(', limited to 4.0 GiB by its container\n')
  expect(text).toContain('(buffers of 1.0 MiB: memory is short)\n')
  expect(text).toMatch(/CPU␛\[31m/)
})

test('an addon that was built here tells its age', () => {
  const addon = { ...engine.addon, file: 'a.node', origin: 'built here' as const, ageSeconds: 90_000 }
  expect(doctorText({ ...well, engine: { ...engine, addon } }, [])).toContain('a.node, 64 ops, built here 1 day ago\n')
})
