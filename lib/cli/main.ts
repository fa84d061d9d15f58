#!/usr/bin/env node
// The command line. Exit status: 0 done, 1 failed, 2 wrong usage (failure.ts).
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../version.js'
import { addCommands } from './commands.js'
import { reportFailure, tellProgram, UsageError } from './failure.js'

const program = new Command('lengthen')
  .description('Reinforcement learning for small language models, with a context that lengthens in stages.')
  .version(packageVersion)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'lengthen: ')) }) // as all of ours begin

// Whoever read the output has gone, as in `lengthen train … | head`: nobody is left to work for.
process.stdout.on('error', () => process.exit(1))

try {
  await addCommands(program, process.argv.slice(2))
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
