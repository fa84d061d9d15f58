// One request to the hub, with its redirects. The token stays with the hub's own host: storage elsewhere gets a signed address instead.
import { isError, messageOf } from '../../errors.js'
import { HubError, PassingFailure } from './errors.js'
import type { HubSettings } from './settings.js'

export interface RequestOptions {
  settings: HubSettings
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  /** Without a byte for so long, the connection counts as broken. */
  idleMs?: number | undefined
}

/** The answer's status and headers, and its bytes as they come. Those must be read to their end, or `close` called. */
export interface HubAnswer {
  status: number
  headers: Headers
  /** Throws PassingFailure where the connection breaks. */
  bytes: AsyncIterable<Uint8Array>
  close(): void
}

const maxRedirects = 5
const defaultIdleMs = 30_000

/** Statuses that a later attempt may not get: too many requests, and servers in trouble. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/** GET. A refusal is a HubError, what may pass a PassingFailure. Of addresses that messages name, the query is left out: it may be a key. */
export async function get(url: URL, options: RequestOptions): Promise<HubAnswer> {
  let at = url
  for (let i = 0; i <= maxRedirects; i++) {
    const answer = await getOnce(at, options)
    const location = answer.headers.get('location')
    if (answer.status < 300 || answer.status >= 400 || location === null) return checked(answer, at, options.settings)
    answer.close()
    at = redirected(location, at)
  }
  throw new HubError(`[hub] expected at most ${maxRedirects} redirects from ${shown(url)}, got more`)
}

/** An address without its query. */
export const shown = ({ origin, pathname }: URL): string => origin + pathname

async function getOnce(
  url: URL,
  { settings, headers = {}, signal, idleMs = defaultIdleMs }: RequestOptions,
): Promise<HubAnswer> {
  const { endpoint, token } = settings
  const isOurs = url.origin === endpoint.origin
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(), idleMs)
  const broken = (cause: unknown, { isUnreachable = false } = {}) => {
    signal?.throwIfAborted()
    const why = idle.signal.aborted ? `nothing for ${idleMs / 1000} s` : reasonOf(cause)
    return new PassingFailure(`${why} from ${shown(url)}`, { cause, isUnreachable })
  }
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, idle.signal]) : idle.signal,
      headers: {
        'accept-encoding': 'identity',
        ...headers,
        ...(token && isOurs && { authorization: `Bearer ${token}` }),
      },
    })
    timer.refresh()
    const close = () => {
      clearTimeout(timer)
      idle.abort()
    }
    const bytes = bytesOf(response.body, { refresh: () => timer.refresh(), broken, close })
    return { status: response.status, headers: response.headers, bytes, close }
  } catch (cause) {
    clearTimeout(timer)
    throw broken(cause, { isUnreachable: true })
  }
}

async function* bytesOf(
  body: ReadableStream<Uint8Array> | null,
  { refresh, broken, close }: { refresh: () => void; broken: (cause: unknown) => Error; close: () => void },
): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  try {
    while (reader) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw broken(cause)
      })
      if (done) return
      refresh()
      yield value
    }
  } finally {
    close()
  }
}

function redirected(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new HubError(`[hub] expected an address behind ${shown(from)}, got none`)
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new HubError(`[hub] expected to be sent on by https from ${shown(from)}, got http, which anybody may read`)
  return url
}

function checked(answer: HubAnswer, url: URL, { token }: HubSettings): HubAnswer {
  const { status, headers } = answer
  if (status === 200 || status === 206 || status === 416) return answer
  answer.close()
  const got = `status ${status} from ${shown(url)}`
  if (passing.has(status))
    throw new PassingFailure(got, { status, retryAfterMs: retryAfter(headers.get('retry-after')) })
  throw new HubError(`[hub] ${got}${adviceOn(status, token)}`, { status })
}

function adviceOn(status: number, token: string | undefined): string {
  if (status === 404) return ': there is no such data set, model, revision or file, or it is private'
  if (status !== 401 && status !== 403) return ''
  return token === undefined
    ? ': there is no such name, or it is private or gated; for those set HF_TOKEN to a token that may read it'
    : ': the token in HF_TOKEN may not read it; of a gated one, the terms are accepted on its page'
}

/** Seconds or a date. */
function retryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = /^\d+$/.test(text.trim()) ? 1000 * Number(text) : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** fetch says no more than "fetch failed"; what happened is in its cause. */
function reasonOf(error: unknown): string {
  const cause = isError(error) ? error.cause : undefined
  const { code } = (cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : messageOf(cause ?? error)
}
