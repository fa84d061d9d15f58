// lengthen generate <model> [prompt]
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { addSamplingOptions, wholeNumber } from './arguments.js'
import { UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { openModel, requirePositions } from './open-model.js'
import { mostTokensByDefault, Session, type SessionFlags } from './session.js'

const help = `
Examples:
  $ lengthen generate runs/quickstart-1/model " 5:3+8" --num-answers 3
  $ echo "What is 7 times 8?" | lengthen generate ./my-model --temperature 0.6 --json

The prompt is the user's turn in the model's chat template. Without one, it is read from a pipe; on a terminal a chat begins
(Ctrl-C stops an answer, Ctrl-D ends the chat).`

export function addGenerateCommand(program: Command): void {
  const command = program
    .command('generate')
    .description('answer a prompt, as text that comes token by token, or chat')
    .argument('<model>', 'a Hugging Face folder')
    .argument('[prompt]', "the user's turn")
    .option('--num-answers <n>', 'answers to the prompt', wholeNumber({ least: 1 }), 1)
    .option('--raw', 'continue the prompt as it is, without the chat template')
    .option('--json', 'print one JSON object an answer, and a summary or the error at the end')
    .addHelpText('after', help)
    .action(generate)
  addSamplingOptions(command, { maxTokens: `${mostTokensByDefault}, or what the model's positions leave` })
}

async function generate(folder: string, prompt: string | undefined, flags: SessionFlags): Promise<void> {
  const isChat = prompt === undefined && process.stdin.isTTY === true
  if (isChat) requireChatFlags(flags)
  await interruptible(async (signal) => {
    const question = isChat ? '' : requirePrompt(prompt ?? (await promptFromPipe(signal)))
    using opened = await openModel(folder)
    signal.throwIfAborted()
    requirePositions(flags.maxTokens, opened.model)
    const session = new Session(opened, folder, flags)
    if (isChat) await session.chat(signal, { input: process.stdin, output: process.stdout, errors: process.stderr })
    else await session.answerOnce(question, signal)
  })
}

function requireChatFlags({ json, raw, numAnswers }: SessionFlags): void {
  const flag = json ? '--json' : raw ? '--raw' : numAnswers > 1 ? '--num-answers' : undefined
  if (flag !== undefined) throw new UsageError(`expected a prompt with ${flag}: a chat has no such thing`)
}

/** All of stdin, but for the newline at its end. */
async function promptFromPipe(signal: AbortSignal): Promise<string> {
  let all: string
  try {
    all = await text(addAbortSignal(signal, process.stdin))
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
  return all.replace(/\r?\n$/, '')
}

function requirePrompt(prompt: string): string {
  if (prompt === '') throw new UsageError('expected a prompt, as an argument or from a pipe, got none')
  return prompt
}
