// lengthen doctor
import { homedir, hostname, userInfo } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import type { Examination } from './doctor/examination.js'
import type { Finding } from './doctor/findings/index.js'

interface DoctorFlags {
  measure: boolean
  seconds: number
  report?: true
  json?: true
}

const help = `
Examples:
  $ lengthen doctor
  $ lengthen doctor --report > report.md

What it looks at, and the keys of --json, are in docs/doctor.md. Ends with 1 where it finds a problem: the addon does not load, or the
environment asks for what cannot be had. A GPU that is not used is a note, not a problem.`

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say what this machine has, which kernels run and why, how fast, what is missing and how to get it')
    .option('--report', 'print what to paste into a bug report, without names, tokens and home folder')
    .option('--no-measure', 'leave the rates out: an answer at once')
    .option('--seconds <s>', 'that measuring the rates may take, about', positive, 2.5)
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(doctor)
}

async function doctor({ measure, seconds, report, json }: DoctorFlags): Promise<void> {
  // Here and not before: other commands have no use for any of it.
  const { examine } = await import('./doctor/examination.js')
  const { findingsOf } = await import('./doctor/findings/index.js')
  const examination = await examine({ seconds: measure ? seconds : 0 })
  const all = { examination, findings: findingsOf(examination) }
  const shown = report ? await withoutNames(all) : all
  process.stdout.write(json ? jsonText(shown) : await (report ? markdown(shown) : plainText(shown)))
  if (all.findings.some(({ status }) => status === 'problem')) process.exitCode = 1
}

interface Result {
  examination: Examination
  findings: Finding[]
}

async function withoutNames(result: Result): Promise<Result> {
  const { personOf, withoutPersonal } = await import('./doctor/privacy.js')
  const person = personOf(process.env, { home: homedir(), user: userName(), host: hostname() })
  return withoutPersonal(result, person)
}

/** Empty where the system has no name for who runs this, as in containers. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

function jsonText({ examination: { tools: _, ...examination }, findings }: Result): string {
  return `${JSON.stringify({ ...examination, findings })}\n`
}

async function markdown({ examination, findings }: Result): Promise<string> {
  const { reportText } = await import('./doctor/report.js')
  return reportText(examination, findings)
}

async function plainText({ examination, findings }: Result): Promise<string> {
  const { doctorText } = await import('./doctor/text.js')
  return doctorText(examination, findings)
}

function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 600) return value
  throw new InvalidArgumentError('Expected a number of seconds above 0, at most 600.')
}
