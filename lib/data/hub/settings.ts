// What the environment says about the hub. Its token goes into the header of requests to the hub's own host and nowhere else.
import { ArgumentError } from '../../errors.js'

export interface HubSettings {
  /** Without a slash at its end. */
  endpoint: URL
  token: string | undefined
  isOffline: boolean
}

/** HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE. */
export function hubSettings(env: NodeJS.ProcessEnv = process.env): HubSettings {
  return {
    endpoint: endpointOf(env.HF_ENDPOINT || 'https://huggingface.co'),
    token: tokenOf(env.HF_TOKEN?.trim()),
    isOffline: /^(1|true|yes|on)$/i.test(env.HF_HUB_OFFLINE ?? ''),
  }
}

// Neither message quotes the value: it may hold what is nobody's business.
function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  throw new ArgumentError('[hub] expected a URL of http or https, without user and password, in HF_ENDPOINT')
}

function tokenOf(token: string | undefined): string | undefined {
  if (!token) return undefined
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new ArgumentError('[hub] expected letters, digits and signs without spaces in HF_TOKEN')
}
