// A model that answers one prompt, or a conversation's questions one after another.
import { RolloutEngine } from '../rollout/engine.js'
import type { DrawnToken } from '../rollout/request.js'
import type { ChatMessage } from '../tokenizer/chat-template.js'
import { AnswerStream, type StreamedAnswer } from './answer-stream.js'
import type { SamplingFlags } from './arguments.js'
import { chat } from './chat.js'
import { failureText, UsageError } from './failure.js'
import { harmless, modelTextWriter } from './harmless.js'
import type { OpenModel } from './open-model.js'

export interface SessionFlags extends SamplingFlags {
  numAnswers: number
  raw?: true
  json?: true
}

export interface Terminal {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  errors: NodeJS.WritableStream
}

export const mostTokensByDefault = 2048

interface Asked {
  /** Names the random streams. */
  id: number
  signal: AbortSignal
}

export class Session {
  readonly #opened: OpenModel
  readonly #folder: string
  readonly #flags: SessionFlags
  readonly #engine: RolloutEngine

  constructor(opened: OpenModel, folder: string, flags: SessionFlags) {
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
    await this.#run(tokens, stream, { id: 0, signal })
    const { answers } = stream
    if (json) this.#printJson(answers, tokens.length, (performance.now() - started) / 1000)
    else noteCut(answers, process.stderr)
  }

  /** A turn that fails is told of, and the conversation goes on as if it had not been. */
  async chat(signal: AbortSignal, { input, output, errors }: Terminal): Promise<void> {
    await chat({
      ...{ input, output, terminal: true, signal },
      answer: async (messages, { index, stop }) => {
        const tokens = this.#opened.tokenizer.encode(await this.#render(messages))
        const stream = this.#newStream(modelTextWriter(output))
        try {
          await this.#run(tokens, stream, { id: index, signal: AbortSignal.any([signal, stop]) })
          noteCut(stream.answers, errors)
        } catch (error) {
          if (error !== stop.reason) throw error
        }
        return stream.answers[0]?.text ?? ''
      },
      failed: (error) => void errors.write(harmless(failureText(error))),
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
    const left = this.#room(tokens.length)
    const maxResponseTokens = maxTokens ?? Math.min(mostTokensByDefault, left)
    const onToken = (drawn: DrawnToken) => stream.push(drawn)
    const sampling = { numAnswers, temperature, topK, topP, seed, maxResponseTokens, ids: [id], signal, onToken }
    try {
      for await (const _ of this.#engine.generate([tokens], sampling)) {
        // The stream has it all by now; but the engine is free for the next call at the iterator's end only.
      }
    } catch (error) {
      stream.breakOff() // the message gets a line of its own
      throw error
    }
    this.#engine.release()
  }

  /** Positions that the prompt leaves; too few for an answer are an error. */
  #room(numTokens: number): number {
    const { maxPositions } = this.#opened.model.config
    const { maxTokens } = this.#flags
    const most = maxPositions - (maxTokens ?? 1)
    if (numTokens <= most) return maxPositions - numTokens
    const forAnswer = maxTokens === undefined ? 'one is' : `--max-tokens ${maxTokens} are`
    throw new UsageError(
      `expected at most ${most} tokens before the answer, got ${numTokens}: the model has ${maxPositions} positions, of ` +
        `which ${forAnswer} for the answer`,
    )
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

function noteCut(answers: readonly StreamedAnswer[], errors: NodeJS.WritableStream): void {
  const cut = answers.filter(({ finishReason }) => finishReason === 'length')
  if (cut.length === 0) return
  const which = answers.length === 1 ? 'the answer was' : `${cut.length} of ${answers.length} answers were`
  errors.write(`lengthen: ${which} cut at ${cut[0]?.numTokens} tokens\n`)
}
