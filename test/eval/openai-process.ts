// The server of openai-server.mjs as a process of its own, that ends with the test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('./openai-server.mjs', import.meta.url))

export interface ServerStats {
  numRequests: number
  /** Requests that came while the server had asked for patience. */
  numTooSoon: number
  mostAtOnce: number
  bodies: { seed: number; n?: number; max_tokens?: number; top_k?: number; messages: { content: string }[] }[]
}

export interface TestServer {
  address: string
  stats(): Promise<ServerStats>
  kill(): Promise<void>
}

export async function startServer(behaviour: object = {}): Promise<TestServer> {
  const child = spawn(process.execPath, [script, JSON.stringify(behaviour)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  const origin = `http://127.0.0.1:${Number(port)}`
  const stats = async () => (await (await fetch(`${origin}/stats`)).json()) as ServerStats
  return { address: `${origin}/v1`, stats, kill }
}
