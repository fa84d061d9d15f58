// lengthen data <command>: what is done to a data set before a run. Each command has a file of its own here.
import type { Command } from 'commander'
import { addCurateCommand } from './curate.js'
import { addDifficultyCommand } from './difficulty.js'
import { addDownloadCommand } from './download.js'

export function addDataCommand(program: Command): void {
  const data = program.command('data').description('get and prepare data sets')
  addDownloadCommand(data)
  addCurateCommand(data)
  addDifficultyCommand(data)
}
