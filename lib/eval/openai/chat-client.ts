// Asks a server for chat completions, and says what its refusals mean.
import type { RawAnswer } from '../answering-model.js'
import { answersOf } from './chat-reply.js'
import { type Endpoint, withoutKey } from './endpoint.js'
import { LastingFailure, PassingFailure, ServerError } from './failures.js'
import { postJson, type Reply } from './post-json.js'
import { Gate, type RetryOptions, retryAfterMs, withRetries } from './retry.js'

export interface ChatRequest {
  model: string
  messages: readonly { role: string; content: string }[]
  temperature: number
  top_p: number
  top_k?: number
  max_tokens: number
  seed: number
  n?: number
}

export interface ChatClientOptions extends RetryOptions {
  /** Of one attempt. */
  timeoutMs: number
}

const passing = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529])
const forAll = new Set([429, 503, 529])
const endsAll = new Set([401, 403, 404])

const newLimitName = 'max_completion_tokens'

const isOfLimitName = (error: unknown): boolean =>
  error instanceof LastingFailure && error.status === 400 && error.message.includes(newLimitName)

export class ChatClient {
  readonly #gate = new Gate()
  /** Newer models of OpenAI's know the limit by another name. */
  #limitName = 'max_tokens'

  constructor(
    readonly endpoint: Endpoint,
    private readonly options: ChatClientOptions,
  ) {}

  /** One to n answers. A LastingFailure is this request's own; a ServerError concerns every other too. */
  async ask(request: ChatRequest, signal?: AbortSignal): Promise<RawAnswer[]> {
    // Of several under way, another may have learned the name since this one was sent: each goes by the one that it used itself.
    let sentName = this.#limitName
    const attempt = () => {
      sentName = this.#limitName
      return this.#attempt(request, sentName, signal)
    }
    try {
      return await withRetries(attempt, { ...this.options, gate: this.#gate, signal })
    } catch (error) {
      if (sentName === newLimitName || !isOfLimitName(error)) throw error
      this.#limitName = newLimitName
      return this.ask(request, signal)
    }
  }

  async #attempt(
    { max_tokens, ...rest }: ChatRequest,
    limitName: string,
    signal: AbortSignal | undefined,
  ): Promise<RawAnswer[]> {
    const { timeoutMs } = this.options
    const reply = await postJson(this.endpoint, { ...rest, [limitName]: max_tokens }, { timeoutMs, signal })
    if (reply.status === 200) return answersOf(reply.text)
    throw this.#failureOf(reply)
  }

  #failureOf({ status, headers, text }: Reply): Error {
    const said = withoutKey(text, this.endpoint).replaceAll(/\s+/g, ' ').trim().slice(0, 300)
    const message = `status ${status}${said === '' ? '' : `: ${said}`}`
    if (endsAll.has(status)) return new ServerError(`[server] ${this.endpoint.url.href}: ${message}`)
    if (!passing.has(status)) return new LastingFailure(message, status)
    return new PassingFailure(message, retryAfterMs(headers['retry-after'], Date.now()), forAll.has(status))
  }
}
