// Renders one Jinja template in a process of its own, one request after another, each with the deadline. A thread would not
// do: one large allocation beyond a thread's limit ends the whole process. Many texts travel together: a message each way costs
// more than most renders do.
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { TokenizerError } from '../errors.js'

/** What came of one context: its text, or what the template made of it instead. */
export type Rendered =
  | {
      /** The conversation as text. */
      text: string
    }
  | {
      /** What the template raised. */
      error: string
    }

/** Contexts that are sent together at most. */
const maxTogether = 64

const maxMemoryMb = 128
const maxLetters = 2 ** 24

// Given as text, since a file of its own would have to be found from sources, from dist and from a bundle alike. The vm's
// deadline ends an endless template whose parent is gone; an interrupt is for the parent to handle.
const program = `
const [jinjaPath, deadlineMs, maxLetters, turnMs] = process.argv.slice(1)
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
function answerOf(context) {
  try {
    globalThis.run = () => render(context)
    return { text: vm.runInThisContext('run()', { timeout: 2 * deadlineMs }) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
process.on('message', (message) => {
  if (source === undefined) return void (source = message.source)
  const started = performance.now()
  const answers = []
  for (const context of message.contexts) {
    answers.push(answerOf(context))
    if (performance.now() - started > turnMs) break
  }
  process.send(answers)
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

  /** The text; what the template raises is thrown. */
  async render(context: Record<string, unknown>): Promise<string> {
    const [rendered] = await this.renderAll([context])
    if (rendered && 'text' in rendered) return rendered.text
    throw new TokenizerError(`[chat template] ${rendered?.error}`)
  }

  /** What each context gives, in their order. Throws where the process itself fails: one of them is endless, say. */
  renderAll(contexts: readonly Record<string, unknown>[]): Promise<Rendered[]> {
    const result = this.lastRender.then(() => this.renderNow(contexts))
    this.lastRender = result.catch(() => {}) // Its caller hears of it; the next in line need not.
    return result
  }

  private async renderNow(contexts: readonly Record<string, unknown>[]): Promise<Rendered[]> {
    const rendered: Rendered[] = []
    while (rendered.length < contexts.length) {
      this.child ??= await this.start()
      const next = contexts.slice(rendered.length, rendered.length + maxTogether)
      rendered.push(...(await this.exchange(this.child, next)))
    }
    return rendered
  }

  /** At least one answer, of the first contexts; a slow template gives few at a time, so that each has its deadline. */
  private async exchange(child: ChildProcess, contexts: readonly Record<string, unknown>[]): Promise<Rendered[]> {
    setHold(child, 'ref')
    try {
      return (await ask(child, { contexts }, this.deadlineMs)) as Rendered[]
    } catch (error) {
      this.child = undefined
      child.kill('SIGKILL')
      const message = `[chat template] rendering failed: ${(error as Error).message}`
      throw new TokenizerError(message, { cause: error })
    } finally {
      setHold(child, 'unref') // An idle process does not keep this one alive, and ends with it.
    }
  }

  private limits(): string[] {
    return [this.deadlineMs, maxLetters, this.deadlineMs * turnShare].map(String)
  }

  // The deadline is the template's own: it starts when the process stands ready.
  private async start(): Promise<ChildProcess> {
    const jinjaPath = createRequire(import.meta.url).resolve('@huggingface/jinja')
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${maxMemoryMb}`, '-e', program, jinjaPath, ...this.limits()],
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

/** Of the deadline: when the process answers with what it has, so that the next render has nearly all of its own. */
const turnShare = 0.05

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
