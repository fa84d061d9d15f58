// A model that someone else serves, under test: any server that speaks OpenAI's chat completions.

import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import { fillTurn } from '../../data/prompt.js'
import { ArgumentError } from '../../errors.js'
import type { Answered, AnsweringModel, Question, RawAnswer } from '../answering-model.js'
import { sampleSeed } from '../problem-set.js'
import type { Protocol } from '../result-record.js'
import { ChatClient, type ChatRequest } from './chat-client.js'
import { concurrently } from './concurrently.js'
import { chatEndpoint } from './endpoint.js'
import { LastingFailure, ServerError } from './failures.js'

/** Where a server is, and how it is asked. */
export interface ServerModelOptions {
  /** As OpenAI's clients take it, such as http://localhost:8000/v1. */
  address: string
  /** The server's name for the model. */
  model: string
  /** From the environment; never logged. */
  key?: string | undefined
  /** Requests under way at once, at least 1; default 16. */
  concurrency?: number
  /** Of one attempt, at least 1; default 20 minutes. An answer of 32,768 tokens takes its time. */
  timeoutMs?: number
  /** Attempts after the first one, of what may succeed another time; default 6. */
  numRetries?: number
  /** Before the first retry, in milliseconds; doubled for every one after, a minute at most. Default 1000. */
  firstDelayMs?: number
  /** Samples asked for by one request, as `n`; default all of a problem. A server that refuses is asked for one at a time. */
  samplesPerRequest?: number | undefined
}

/** After so many problems in a row without one answer, the server is given up. */
const mostFailedInRow = 10

/**
 * A model that someone else serves: any server that speaks OpenAI's chat completions. A request that fails for good is the failure of its
 * samples, with the reason; a server that refuses the key, does not know the model, or answers none of ten problems in a row ends the
 * evaluation.
 * @throws {@link ArgumentError} for an address that is none, or has a key in it, and for counts that are no whole numbers.
 */
export function serverModel(options: ServerModelOptions): AnsweringModel & {
  /** Of the endpoint that is asked. */
  readonly url: string
} {
  checkOptions('server', options, optionKeys)
  requireStrings('server', { address: options.address, model: options.model })
  const { address, key, concurrency = 16, timeoutMs = 1_200_000, numRetries = 6, firstDelayMs = 1000 } = options
  requireWhole({ concurrency, timeoutMs }, 1)
  requireWhole({ numRetries, firstDelayMs }, 0)
  if (options.samplesPerRequest !== undefined) requireWhole({ samplesPerRequest: options.samplesPerRequest }, 1)
  const client = new ChatClient(chatEndpoint(address, key), { timeoutMs, numRetries, firstDelayMs })
  const asker = new Asker(client, options)
  return {
    url: client.endpoint.url.href,
    async *answer({ set, questions }, { protocol, signal }) {
      try {
        yield* concurrently(questions, { limit: concurrency, signal }, (question, stop) =>
          asker.answer(set, question, { protocol, signal: stop }),
        )
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    },
  }
}

const optionKeys: OptionKeys<ServerModelOptions> = {
  address: true,
  model: true,
  key: true,
  concurrency: true,
  timeoutMs: true,
  numRetries: true,
  firstDelayMs: true,
  samplesPerRequest: true,
}

class Asker {
  #mostSamples: number
  #numFailedInRow = 0

  constructor(
    private readonly client: ChatClient,
    private readonly options: Pick<ServerModelOptions, 'model' | 'samplesPerRequest'>,
  ) {
    this.#mostSamples = options.samplesPerRequest ?? Number.POSITIVE_INFINITY
  }

  async answer(
    set: string,
    question: Question,
    { protocol, signal }: { protocol: Protocol; signal: AbortSignal },
  ): Promise<Answered> {
    const answers: RawAnswer[] = []
    let most = this.#mostSamples
    while (answers.length < question.samples.length) {
      const samples = question.samples.slice(answers.length).slice(0, most)
      const seed = sampleSeed(protocol.seed, { set, index: question.index, sample: samples[0] as number })
      const request = { ...this.#request(question, protocol), seed, ...(samples.length > 1 && { n: samples.length }) }
      const given = await this.#ask(request, samples.length, signal)
      if (given === 'too many') {
        most = 1
        continue
      }
      // What was refused or cut short for several, and answered for fewer, is the server's limit.
      if (given.length < samples.length) most = given.length
      if (given.some((answer) => 'text' in answer)) this.#mostSamples = Math.min(this.#mostSamples, most)
      answers.push(...given)
    }
    this.#requireSomeAnswer(answers)
    return { question, answers }
  }

  /** At least one answer, and as many as asked for or fewer; or the server refused so many at once. */
  async #ask(request: ChatRequest, numSamples: number, signal: AbortSignal): Promise<RawAnswer[] | 'too many'> {
    try {
      return (await this.client.ask(request, signal)).slice(0, numSamples)
    } catch (error) {
      if (!(error instanceof LastingFailure)) throw error
      if (numSamples > 1 && (error.status === 400 || error.status === 422)) return 'too many'
      return Array.from({ length: numSamples }, () => ({ failure: error.message }))
    }
  }

  #request(
    { row }: Question,
    { turn, temperature, topP, topK, maxResponseTokens }: Protocol,
  ): Omit<ChatRequest, 'seed'> {
    return {
      model: this.options.model,
      messages: [{ role: 'user', content: fillTurn(turn, row) }],
      ...{ temperature, top_p: topP, max_tokens: maxResponseTokens },
      ...(topK > 0 && { top_k: topK }),
    }
  }

  #requireSomeAnswer(answers: readonly RawAnswer[]): void {
    const failures = answers.flatMap((answer) => ('failure' in answer ? [answer.failure] : []))
    this.#numFailedInRow = failures.length < answers.length ? 0 : this.#numFailedInRow + 1
    if (this.#numFailedInRow < mostFailedInRow) return
    const { href } = this.client.endpoint.url
    throw new ServerError(
      `[server] ${href}: ${mostFailedInRow} problems in a row without an answer; the last: ${failures.at(-1)}`,
    )
  }
}

function requireWhole(values: Record<string, number>, least: number): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isSafeInteger(value) || value < least)
      throw new ArgumentError(`[server] expected a whole number of at least ${least} for ${name}, got ${value}`)
}
