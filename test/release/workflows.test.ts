// The workflow files say nothing that the scripts do not: they can only be run in public, the scripts here.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { published } from '../../scripts/release/prebuilds.mjs'
import { steps } from '../../scripts/release/steps.mjs'
import { root } from '../helpers/source-files.js'

interface Platform {
  platform: string
  runner: string
  container: string
  mayFail: boolean
}
interface Job {
  'runs-on': string
  container?: string
  permissions?: Record<string, string>
  'timeout-minutes': number
  'continue-on-error'?: boolean | string
  strategy?: { matrix: Record<string, string[]> & { include?: Platform[] } }
  steps: { run?: string; uses?: string; if?: string; with?: Record<string, unknown> }[]
}
interface Workflow {
  permissions: Record<string, string>
  concurrency: { group: string }
  jobs: Record<string, Job>
}

const folder = join(root, '.github/workflows')
const names = readdirSync(folder)
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8')
const workflows = names.map((name) => ({ name, text: textOf(name), workflow: parse(textOf(name)) as Workflow }))
const release = parse(textOf('release.yml')) as Workflow
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** As a workflow writes it. */
const expression = (name: string) => `${'$'}{{ ${name} }}`

const runsOf = ({ jobs }: Workflow): string[] =>
  Object.values(jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []))

/** What a command needs of the repository: a script of package.json, or a file. */
function isThere(command: string): boolean {
  const [program = '', first = '', second = ''] = command.split(' ')
  if (program === 'npm' && first === 'run') return second in scripts
  if (program === 'npm') return first === 'ci' || first in scripts
  if (program === 'node') return existsSync(join(root, first))
  return program === 'brew' || (program.startsWith('.ci/') && existsSync(join(root, program)))
}

describe.each(workflows)('$name', ({ text, workflow }) => {
  it('names scripts that there are, each command a line', () => {
    expect(runsOf(workflow).filter((command) => command.includes('\n') || !isThere(command))).toEqual([])
  })

  it('pins every action to a commit, with its version beside it', () => {
    const uses = text.split('\n').filter((line) => line.includes('uses:'))
    expect(uses.filter((line) => !/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
    const pins = uses.map((line) => line.trim().replace('- uses: ', ''))
    expect(new Set(pins).size).toBe(new Set(pins.map((pin) => pin.split('@')[0])).size)
  })

  it('may read alone, but where it publishes, leaves no credentials behind, and ends', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(workflow.concurrency.group).not.toBe('')
    const jobs = Object.entries(workflow.jobs)
    expect(jobs.filter(([name, job]) => job.permissions && name !== 'publish')).toEqual([])
    expect(jobs.filter(([, job]) => !(job['timeout-minutes'] > 0))).toEqual([])
    const checkouts = jobs.flatMap(([, job]) => job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
    expect(checkouts.map((step) => step.with)).toEqual(jobs.map(() => ({ 'persist-credentials': false })))
  })
})

describe('release.yml', () => {
  it('does what release:dry does, in its order', () => {
    const setUp = ['node scripts/setup.mjs --tests', 'npm ci --ignore-scripts', 'brew install cmake ninja doctest']
    const commands = runsOf(release).filter((command) => !setUp.includes(command))
    expect(commands.map((command) => command.replace(/ --node \$\{\{ matrix\.node \}\}$/, ''))).toEqual(
      steps.map(({ command }) => command),
    )
  })

  it('lets the one job that publishes prove where it ran', () => {
    expect(release.jobs.publish?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
    expect(release.jobs.publish).toMatchObject({ needs: ['package', 'smoke'] })
  })

  it('builds on every platform, and packs what prebuilds/ must hold', () => {
    const { build } = release.jobs
    const platforms = build?.strategy?.matrix.include ?? []
    const mayNotFail = platforms.filter(({ mayFail }) => !mayFail).map(({ platform }) => platform)
    expect(mayNotFail).toEqual([...new Set(published.map((name) => name.split('/')[0]))])
    expect(build?.['continue-on-error']).toBe(expression('matrix.mayFail'))
    const { jobs } = parse(textOf('ci.yml')) as Workflow
    expect(platforms.map(({ runner }) => runner)).toEqual(Object.values(jobs).map((job) => job['runs-on']))
    const got = release.jobs.package?.steps.find(({ uses }) => uses?.startsWith('actions/download-artifact@'))
    expect(got?.with).toEqual({ name: `prebuilds-${mayNotFail[0]}`, path: 'prebuilds' })
  })

  it('runs every command of a release where the package is made', () => {
    const conditions = release.jobs.build?.steps.filter((step) => step.run && step.if)
    expect(conditions?.map((step) => [step.run, step.if])).toEqual([
      ['brew install cmake ninja doctest', "runner.os == 'macOS'"],
      ['npm run lint', "matrix.platform == 'linux-x64'"],
    ])
  })

  it('tries the oldest C library beside a newer one', () => {
    expect(release.jobs.smoke?.container).toBe(expression('matrix.container'))
    expect(release.jobs.smoke?.strategy?.matrix.container).toEqual(['', 'rockylinux:9'])
  })

  it('tries the Node versions that check:install does', async () => {
    const { specs } = await import('../../scripts/check-install/node-versions.mjs')
    expect(release.jobs.smoke?.strategy?.matrix.node).toEqual(specs)
  })
})

it('what nobody has run may fail', () => {
  const { jobs } = parse(textOf('ci.yml')) as Workflow
  const untried = Object.entries(jobs).filter(([name]) => name !== 'linux-x64')
  expect(untried.map(([name, job]) => [name, job['continue-on-error']])).toEqual([
    ['linux-arm64', true],
    ['macos-arm64', true],
  ])
})
