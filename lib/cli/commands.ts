// The commands that load the addon.
import type { Command } from 'commander'
import { addCompareCommand } from './compare.js'
import { addDataCommand } from './data/index.js'
import { addEvalCommand } from './eval.js'
import { addGenerateCommand } from './generate.js'
import { addGradeCommand } from './grade.js'
import { addPlanCommand } from './plan.js'
import { addReplayCommand } from './replay.js'
import { addSftCommand } from './sft.js'
import { addTrainCommand, example } from './train.js'

export function addCommands(program: Command): void {
  addTrainCommand(program)
  addPlanCommand(program)
  addReplayCommand(program)
  addSftCommand(program)
  addGenerateCommand(program)
  addEvalCommand(program)
  addCompareCommand(program)
  addGradeCommand(program)
  addDataCommand(program)
  program.addHelpText('after', example)
}
