// The commands by name. A command's own file, and with it the addon and most of the library, is loaded when it is asked for:
// the list of all is there at once, and the doctor where the addon does not load.
import type { Command } from 'commander'

interface CommandEntry {
  name: string
  /** What follows the name in a call, as the command's own help has it. */
  usage: string
  description: string
  /** Resolves to what adds the whole command to the program. */
  load(): Promise<(program: Command) => void>
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'train',
    usage: '[options] [recipe]',
    description: 'carry out a recipe: train a model by GRPO, stage by stage',
    load: async () => (await import('./train.js')).addTrainCommand,
  },
  {
    name: 'plan',
    usage: '[options] <recipe>',
    description: 'say what a recipe would take: memory, tokens, operations, hours, cost',
    load: async () => (await import('./plan.js')).addPlanCommand,
  },
  {
    name: 'replay',
    usage: '[options] <run>',
    description: 'list the samples of a run, or decode one again and show how it was graded',
    load: async () => (await import('./replay.js')).addReplayCommand,
  },
  {
    name: 'sft',
    usage: '[options] [recipe]',
    description: 'fine-tune a model on conversations, the loss on the answers alone',
    load: async () => (await import('./sft.js')).addSftCommand,
  },
  {
    name: 'generate',
    usage: '[options] <model> [prompt]',
    description: 'answer a prompt, as text that comes token by token, or chat',
    load: async () => (await import('./generate.js')).addGenerateCommand,
  },
  {
    name: 'eval',
    usage: '[options] [places...]',
    description: 'answer the problems of data sets and grade the answers',
    load: async () => (await import('./eval.js')).addEvalCommand,
  },
  {
    name: 'compare',
    usage: '[options] <first> <second>',
    description: 'compare two evaluations of the same problems by a paired test',
    load: async () => (await import('./compare.js')).addCompareCommand,
  },
  {
    name: 'grade',
    usage: '[options] <file>',
    description: 'judge answers against gold answers, with totals',
    load: async () => (await import('./grade.js')).addGradeCommand,
  },
  {
    name: 'data',
    usage: '[options] [command]',
    description: 'get and prepare data sets',
    load: async () => (await import('./data/index.js')).addDataCommand,
  },
  {
    name: 'doctor',
    usage: '[options]',
    description: 'say what this machine has, which kernels run and why, how fast, what is missing and how to get it',
    load: async () => (await import('./doctor.js')).addDoctorCommand,
  },
]

/** Adds the command that `args` ask for, and of each other what the list of all shows. */
export async function addCommands(program: Command, args: readonly string[]): Promise<void> {
  const asked = args.find((arg) => arg !== 'help' && !arg.startsWith('-'))
  program.configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
  for (const { name, usage, description, load } of commands) {
    if (name === asked) (await load())(program)
    else program.command(name).usage(usage).description(description)
  }
  program.addHelpText('after', trainExamples)
}

export const trainExamples = `
Examples:
  $ lengthen train quickstart --set seed=2 --out runs/seed-2
  $ lengthen train dapo --tiny
  $ lengthen train my-recipe.yaml
  $ lengthen train --resume runs/seed-2`
