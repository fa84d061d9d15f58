// lengthen data <command>: what is done to a data set before a run. Each command has a file of its own here.
import type { Command } from 'commander'

export function addDataCommand(program: Command): void {
  program.command('data').description('get and prepare data sets')
}
