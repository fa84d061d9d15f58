// The command line as a child process, and a quickstart that is small enough for a test.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../helpers/source-files.js'

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export interface Running {
  ended: Promise<Ended>
  interrupt(signal?: Signal): void
}

export type Signal = 'SIGINT' | 'SIGTERM'

/** `until` is called with all of stdout whenever there is more. */
export function start(
  args: readonly string[],
  {
    cwd,
    env = {},
    input,
    until,
  }: { cwd: string; env?: Record<string, string>; input?: string; until?: (stdout: string) => void },
): Running {
  const main = join(root, 'dist/cli/main.js')
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  const ended: Ended = { status: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text
    until?.(ended.stdout)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text
  })
  return {
    ended: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status) => resolve({ ...ended, status }))
    }),
    interrupt: (signal = 'SIGINT') => void child.kill(signal),
  }
}

export const lengthen = (
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; input?: string },
) => start(args, options).ended

interface Interruption {
  cwd: string
  env?: Record<string, string>
  /** True of what was printed by then. */
  when?: (stdout: string) => boolean
  /** So long after that. */
  afterMs?: number
  /** And once more, half a second later. */
  isRepeated?: boolean
  /** Default: SIGINT. */
  signal?: Signal
}

/** Sends a signal at the given time; `tookMs` from the last one to the end. */
export async function interrupted(
  args: readonly string[],
  { when = () => true, afterMs = 0, isRepeated = false, signal, ...options }: Interruption,
): Promise<Ended & { tookMs: number }> {
  let sentAt = 0
  let isDue = false
  const interrupt = () => {
    sentAt = performance.now()
    running.interrupt(signal)
  }
  const running = start(args, {
    ...options,
    until: (stdout) => {
      if (isDue || !when(stdout)) return
      isDue = true
      if (afterMs === 0) interrupt()
      else setTimeout(interrupt, afterMs)
      if (isRepeated) setTimeout(interrupt, afterMs + 500)
    },
  })
  const ended = await running.ended
  return { ...ended, tookMs: performance.now() - sentAt }
}

export const quickstart = join(root, 'recipes/quickstart.yaml')

export const set = (settings: Record<string, unknown>): string[] =>
  Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])

/** The quickstart with problems of one or two steps, a small model and five GRPO steps: seconds. */
export const shrunken = set({
  'model.create.hiddenSize': 64,
  'model.create.intermediateSize': 64,
  'model.create.numLayers': 2,
  'data.synthetic.minSteps': 1,
  'data.synthetic.maxSteps': 2,
  'distill.maxSteps': 100,
  'distill.warmupSteps': 5,
  'distill.cooldownSteps': 10,
  'distill.learningRate': 1e-2,
  'distill.curriculum': { from: 1, to: 2, overSteps: 10 },
  'rollout.promptsPerStep': 12,
  'rollout.numAnswers': 16,
  'schedule.stages': [
    { maxResponseTokens: 12, until: { steps: 2 } },
    { maxResponseTokens: 16, until: { steps: 2 } },
    { maxResponseTokens: 24, until: { steps: 1 } },
  ],
  'evaluation.numProblems': 12,
})

/** Names of all files and folders below a folder. */
export const namesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
