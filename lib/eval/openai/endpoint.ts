// Where a server listens, and the key it asks for.
import { ArgumentError } from '../../errors.js'

export interface Endpoint {
  url: URL
  /** Sent with every request; never part of a message, a log or a result. */
  key?: string | undefined
}

const path = '/chat/completions'

/** `address` as OpenAI's clients take it, such as http://localhost:8000/v1; a bare host is given its /v1. */
export function chatEndpoint(address: string, key?: string): Endpoint {
  const expected = '[server] expected an http or https address such as http://localhost:8000/v1'
  if (!URL.canParse(address)) throw new ArgumentError(`${expected}, got ${address}`)
  const url = new URL(address)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ArgumentError(`${expected}, got one of ${url.protocol}`)
  // Keys would end up in results and messages.
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new ArgumentError(`${expected}, got one with a name, a password or a query; a key comes from the environment`)
  const base = url.pathname.replace(/\/+$/, '')
  if (!base.endsWith(path)) url.pathname = `${base === '' ? '/v1' : base}${path}`
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new ArgumentError('[server] expected a key of visible ASCII letters, without spaces or ends of lines')
  return { url, key }
}

/** The text with the key taken out: servers quote it in what they answer. */
export const withoutKey = (text: string, { key }: Endpoint): string =>
  key === undefined ? text : text.replaceAll(key, '[key]')
