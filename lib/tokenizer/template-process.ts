// Renders one Jinja template in a process of its own, one request after another, each with the deadline. A thread would not
// do: one large allocation beyond a thread's limit ends the whole process.
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { TokenizerError } from '../errors.js'

type Answer = { text: string } | { error: string }

const maxMemoryMb = 128
const maxLetters = 2 ** 24

// Given as text, since a file of its own would have to be found from sources, from dist and from a bundle alike. The vm's
// deadline ends an endless template whose parent is gone; an interrupt is for the parent to handle.
const program = `
const [jinjaPath, deadlineMs, maxLetters] = process.argv.slice(1)
const vm = require('node:vm')
const { Template } = require(jinjaPath)
process.on('SIGINT', () => {})
let source
let template
function render(context) {
  template ??= new Template(source)
  const text = template.render(context)
  if (text.length > maxLetters) throw new Error('expected at most ' + maxLetters + ' letters of text, got ' + text.length)
  return text
}
process.on('message', (message) => {
  if (source === undefined) return void (source = message.source)
  try {
    globalThis.run = () => render(message.context)
    process.send({ text: vm.runInThisContext('run()', { timeout: 2 * deadlineMs }) })
  } catch (error) {
    process.send({ error: error instanceof Error ? error.message : String(error) })
  }
})
process.send('ready')
`

export class TemplateProcess {
  private child: ChildProcess | undefined
  private lastRender: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly source: string,
    private readonly deadlineMs: number,
  ) {}

  render(context: Record<string, unknown>): Promise<string> {
    const result = this.lastRender.then(() => this.renderNow(context))
    this.lastRender = result.catch(() => {}) // Its caller hears of it; the next in line need not.
    return result
  }

  private async renderNow(context: Record<string, unknown>): Promise<string> {
    this.child ??= await this.start()
    const child = this.child
    setHold(child, 'ref')
    try {
      const answer = (await ask(child, { context }, this.deadlineMs)) as Answer
      if ('text' in answer) return answer.text
      throw new TokenizerError(`[chat template] ${answer.error}`)
    } catch (error) {
      if (error instanceof TokenizerError) throw error
      this.child = undefined
      child.kill('SIGKILL')
      throw new TokenizerError(`[chat template] rendering failed: ${(error as Error).message}`, { cause: error })
    } finally {
      setHold(child, 'unref') // An idle process does not keep this one alive, and ends with it.
    }
  }

  // The deadline is the template's own: it starts when the process stands ready.
  private async start(): Promise<ChildProcess> {
    const jinjaPath = createRequire(import.meta.url).resolve('@huggingface/jinja')
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${maxMemoryMb}`, '-e', program, jinjaPath, `${this.deadlineMs}`, `${maxLetters}`],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: { ...process.env, NODE_OPTIONS: '' },
        serialization: 'advanced',
      },
    )
    child.on('error', () => {}) // Heard where somebody waits; alone it must not take this process along.
    await ask(child, undefined, startDeadlineMs).catch((cause: Error) => {
      child.kill('SIGKILL')
      throw new TokenizerError(`[chat template] no process to render in: ${cause.message}`, { cause })
    })
    child.send({ source: this.source })
    return child
  }
}

const startDeadlineMs = 30_000

function setHold(child: ChildProcess, hold: 'ref' | 'unref'): void {
  child[hold]()
  child.channel?.[hold]()
}

/** Sends the message, if any, and waits for the next answer. */
function ask(child: ChildProcess, message: object | undefined, deadlineMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      child.off('message', answer)
      child.off('error', fail)
      child.off('exit', exit)
    }
    const answer = (value: unknown) => {
      settle()
      resolve(value)
    }
    const fail = (error: Error) => {
      settle()
      reject(error)
    }
    const exit = (status: number | null, signal: string | null) =>
      fail(new Error(`its process ended by ${signal ?? status}, as when it takes more memory than ${maxMemoryMb} MB`))
    const timer = setTimeout(() => fail(new Error(`not done within ${deadlineMs} ms`)), deadlineMs)
    child.on('message', answer)
    child.on('error', fail)
    child.on('exit', exit)
    if (message) child.send(message, (error) => error && fail(error))
  })
}
