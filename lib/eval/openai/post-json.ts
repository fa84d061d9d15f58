// One POST of JSON over Node's own client: fetch() gives up on its own after five minutes, and an answer may take longer.
import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { messageOf } from '../../errors.js'
import type { Endpoint } from './endpoint.js'
import { PassingFailure } from './failures.js'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

const mostBytes = 2 ** 28

/** The reply whatever its status; redirects are not followed. What ends without a whole one is a PassingFailure. */
export async function postJson(
  { url, key }: Endpoint,
  body: object,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Reply> {
  signal?.throwIfAborted()
  const timeout = AbortSignal.timeout(timeoutMs)
  const bytes = Buffer.from(JSON.stringify(body))
  const options: RequestOptions = {
    method: 'POST',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    headers: {
      'content-type': 'application/json',
      'content-length': bytes.length,
      accept: 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
  }
  try {
    return await replyTo(await send(url, options, bytes))
  } catch (error) {
    signal?.throwIfAborted()
    if (timeout.aborted) throw new PassingFailure(`no answer within ${timeoutMs / 1000} s`)
    throw error instanceof PassingFailure ? error : new PassingFailure(`no answer: ${reasonOf(error)}`)
  }
}

function send(url: URL, options: RequestOptions, bytes: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve)
    request.on('error', reject)
    request.end(bytes)
  })
}

async function replyTo(response: IncomingMessage): Promise<Reply> {
  const pieces: Buffer[] = []
  let numBytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece)
    numBytes += piece.length
    if (numBytes > mostBytes) throw new PassingFailure(`expected an answer of at most ${mostBytes} bytes`)
  }
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString('utf8') }
}

/** An error of several attempts to connect has no message of its own. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error)
