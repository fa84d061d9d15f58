// lengthen generate <model> [prompt]
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { RolloutEngine } from '../rollout/engine.js'
import type { DrawnToken } from '../rollout/request.js'
import type { ChatMessage } from '../tokenizer/chat-template.js'
import { AnswerStream, type StreamedAnswer } from './answer-stream.js'
import { addSamplingOptions, type SamplingFlags, wholeNumber } from './arguments.js'
import { chat } from './chat.js'
import { UsageError } from './failure.js'
import { modelTextWriter } from './harmless.js'
import { interruptible } from './interrupt.js'
import { type OpenModel, openModel, requirePositions } from './open-model.js'

interface GenerateFlags extends SamplingFlags {
  numAnswers: number
  raw?: true
  json?: true
}

const mostTokensByDefault = 2048

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
    .option('--json', 'print one JSON object an answer, and a summary at the end')
    .addHelpText('after', help)
    .action(generate)
  addSamplingOptions(command, { maxTokens: `${mostTokensByDefault}, or what the model's positions leave` })
}

async function generate(folder: string, prompt: string | undefined, flags: GenerateFlags): Promise<void> {
  const isChat = prompt === undefined && process.stdin.isTTY === true
  if (isChat) requireChatFlags(flags)
  await interruptible(async (signal) => {
    const question = isChat ? '' : (prompt ?? (await promptFromPipe(signal)))
    using opened = await openModel(folder)
    signal.throwIfAborted()
    requirePositions(flags.maxTokens, opened.model)
    const session = new Session(opened, folder, flags)
    if (isChat) await session.chat(signal)
    else await session.answerOnce(question, signal)
  })
}

function requireChatFlags({ json, raw, numAnswers }: GenerateFlags): void {
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
  const prompt = all.replace(/\r?\n$/, '')
  if (prompt === '') throw new UsageError('expected a prompt, as an argument or from a pipe, got none')
  return prompt
}

interface Asked {
  /** Names the random streams. */
  id: number
  signal: AbortSignal
}

class Session {
  readonly #opened: OpenModel
  readonly #folder: string
  readonly #flags: GenerateFlags
  readonly #engine: RolloutEngine

  constructor(opened: OpenModel, folder: string, flags: GenerateFlags) {
    this.#opened = opened
    this.#folder = folder
    this.#flags = flags
    this.#engine = new RolloutEngine(opened.model, opened.tokenizer)
  }

  async answerOnce(question: string, signal: AbortSignal): Promise<void> {
    const { raw, json } = this.#flags
    const promptText = raw ? question : await this.#render([{ role: 'user', content: question }])
    const tokens = this.#opened.tokenizer.encode(promptText)
    const write = json ? () => {} : modelTextWriter(process.stdout)
    const started = performance.now()
    const stream = this.#newStream(write)
    try {
      await this.#run(tokens, stream, { id: 0, signal })
    } catch (error) {
      if (stream.answers.some(({ text }) => text !== '')) write('\n') // the message gets a line of its own
      throw error
    }
    const { answers } = stream
    if (json) this.#printJson(answers, tokens.length, (performance.now() - started) / 1000)
    else noteCut(answers)
  }

  async chat(signal: AbortSignal): Promise<void> {
    const { stdin: input, stdout: output } = process
    await chat({
      ...{ input, output, terminal: true, signal },
      answer: async (messages, { index, stop }) => {
        const tokens = this.#opened.tokenizer.encode(await this.#render(messages))
        const write = modelTextWriter(output)
        const stream = this.#newStream(write)
        try {
          await this.#run(tokens, stream, { id: index, signal: AbortSignal.any([signal, stop]) })
          noteCut(stream.answers)
        } catch (error) {
          if (!stop.aborted || signal.aborted) throw error
          write('\n')
        }
        return stream.answers[0]?.text ?? ''
      },
    })
  }

  #render(messages: readonly ChatMessage[]): Promise<string> {
    return this.#opened.tokenizer.chatTemplate.render(messages, { addGenerationPrompt: true })
  }

  #newStream(write: (text: string) => void): AnswerStream {
    return new AnswerStream(this.#opened.tokenizer, { numAnswers: this.#flags.numAnswers, write })
  }

  async #run(tokens: readonly number[], stream: AnswerStream, { id, signal }: Asked): Promise<void> {
    const { numAnswers, temperature, topK, topP, seed, maxTokens } = this.#flags
    const left = this.#opened.model.config.maxPositions - tokens.length
    const maxResponseTokens = maxTokens ?? Math.max(1, Math.min(mostTokensByDefault, left))
    const onToken = (drawn: DrawnToken) => stream.push(drawn)
    const sampling = { numAnswers, temperature, topK, topP, seed, maxResponseTokens, ids: [id], signal, onToken }
    // The stream has it all by the time the one group is there.
    await this.#engine.generate([tokens], sampling).next()
    this.#engine.release()
  }

  #printJson(answers: readonly StreamedAnswer[], numPromptTokens: number, seconds: number): void {
    const numTokens = answers.reduce((sum, answer) => sum + answer.numTokens, 0)
    const summary = {
      ...{ type: 'summary', model: this.#folder, numPromptTokens, numAnswers: answers.length, numTokens, seconds },
      tokensPerSecond: numTokens / seconds,
    }
    const events = [...answers.map((answer, index) => ({ type: 'answer', index, ...answer })), summary]
    for (const event of events) process.stdout.write(`${JSON.stringify(event)}\n`)
  }
}

function noteCut(answers: readonly StreamedAnswer[]): void {
  const cut = answers.filter(({ finishReason }) => finishReason === 'length')
  if (cut.length === 0) return
  const which = answers.length === 1 ? 'the answer was' : `${cut.length} of ${answers.length} answers were`
  process.stderr.write(`lengthen: ${which} cut at ${cut[0]?.numTokens} tokens\n`)
}
