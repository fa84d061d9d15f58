#!/usr/bin/env node
// The command line. Exit status: 0 done, 1 failed, 2 wrong usage.
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../version.js'
import { addDoctorCommand } from './doctor.js'
import { reportFailure, tellProgram, UsageError } from './failure.js'

const program = new Command('lengthen')
  .description('Reinforcement learning for small language models, with a context that lengthens in stages.')
  .version(packageVersion)
  .exitOverride()

// Whoever read the output has gone, as in `lengthen train … | head`: nobody is left to work for.
process.stdout.on('error', () => process.exit(1))

try {
  // The doctor is there for when the addon does not load, so what loads it is imported for the other commands only.
  if (process.argv[2] !== 'doctor') (await import('./commands.js')).addCommands(program)
  addDoctorCommand(program)
  await program.parseAsync()
} catch (error) {
  process.exitCode = error instanceof CommanderError ? usageStatus(error) : reportFailure(error)
}

/** Of what commander found, and has told people of. */
function usageStatus({ exitCode, message }: CommanderError): number {
  if (exitCode === 0) return 0 // --help and --version
  tellProgram(new UsageError(message.replace(/^error: /, '')))
  return 2
}
