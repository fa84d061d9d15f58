// lengthen doctor
import type { Command } from 'commander'
import { packageVersion } from '../version.js'
import { doctorText } from './doctor-text.js'
import { reportEngine } from './engine.js'
import { thisMachine } from './machine.js'

const help = `
Example:
  $ lengthen doctor

Ends with 1 where the addon does not load or cannot run as the environment asks.`

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say what this machine has, which kernels run and why')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(doctor)
}

async function doctor({ json }: { json?: true }): Promise<void> {
  const report = { version: packageVersion, machine: thisMachine(), ...(await reportEngine()) }
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : doctorText(report))
  if ('problem' in report) process.exitCode = 1
}
