#!/usr/bin/env node
// The command line. Exit status: 0 done, 1 failed, 2 wrong usage.
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../version.js'
import { addEvalCommand } from './eval.js'
import { reportFailure } from './failure.js'
import { addGenerateCommand } from './generate.js'
import { addTrainCommand, example } from './train.js'

const program = new Command('lengthen')
  .description('Reinforcement learning for small language models, with a context that lengthens in stages.')
  .version(packageVersion)
  .exitOverride()
  .addHelpText('after', example)
addTrainCommand(program)
addGenerateCommand(program)
addEvalCommand(program)

// Whoever read the output has gone, as in `lengthen train … | head`: nobody is left to work for.
process.stdout.on('error', () => process.exit(1))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else process.exitCode = reportFailure(error, process.stderr)
}
