import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addCommands, commands } from '../../lib/cli/commands.js'

describe('the list of commands', () => {
  it.each(commands)('tells of $name what the command tells of itself', async ({ name, usage, description, load }) => {
    const program = new Command()
    ;(await load())(program)
    const [command] = program.commands
    expect(command?.name()).toBe(name)
    expect(command?.usage()).toBe(usage)
    expect(command?.description()).toBe(description)
  })

  it.each([
    ['train', 'recipe.yaml', '--json'],
    ['help', 'train'],
    ['--', 'train'],
  ])('%s: only the command that is asked for is there as a whole', async (...args) => {
    const program = new Command()
    await addCommands(program, args)
    const whole = program.commands.filter(({ options }) => options.length > 0).map((command) => command.name())
    expect(whole).toEqual(['train'])
    expect(program.commands.map((command) => command.name())).toEqual(commands.map(({ name }) => name))
  })
})
