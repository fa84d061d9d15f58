#!/usr/bin/env node
// The command line. Exit status: 0 done, 1 failed, 2 wrong usage.
import { Command, CommanderError } from 'commander'
import { addTrainCommand } from './train.js'
import { reportFailure } from './failure.js'
import { packageVersion } from '../version.js'

const program = new Command('lengthen')
  .description('Reinforcement learning for small language models, with a context that lengthens in stages.')
  .version(packageVersion)
  .exitOverride()
addTrainCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else process.exitCode = reportFailure(error, process.stderr)
}
