// Renders one Jinja template on a worker thread, one request after another, each with the deadline.
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { TokenizerError } from '../errors.js'

type Answer = { text: string } | { error: string }

// Given as text, since a worker's file would have to be found from sources, from dist and from a bundle alike.
const threadProgram = `
const { parentPort, workerData } = require('node:worker_threads')
const { Template } = require(workerData.jinjaPath)
let template
parentPort.on('message', (context) => {
  try {
    template ??= new Template(workerData.source)
    parentPort.postMessage({ text: template.render(context) })
  } catch (error) {
    parentPort.postMessage({ error: error instanceof Error ? error.message : String(error) })
  }
})
`
const maxMemoryMb = 128

export class TemplateThread {
  private worker: Worker | undefined
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
    this.worker ??= await startWorker(this.source)
    const worker = this.worker
    worker.ref()
    try {
      const answer = await ask(worker, context, this.deadlineMs)
      if ('text' in answer) return answer.text
      throw new TokenizerError(`[chat template] ${answer.error}`)
    } catch (error) {
      if (!(error instanceof TokenizerError)) await this.abandon(worker)
      throw error instanceof ThreadLostError ? new TokenizerError(error.message) : error
    } finally {
      worker.unref() // An idle thread does not keep the process alive.
    }
  }

  private async abandon(worker: Worker): Promise<void> {
    this.worker = undefined
    await worker.terminate()
  }
}

class ThreadLostError extends Error {}

// The deadline is the template's own: it starts when the thread stands ready.
function startWorker(source: string): Promise<Worker> {
  const jinjaPath = createRequire(import.meta.url).resolve('@huggingface/jinja')
  const worker = new Worker(threadProgram, {
    eval: true,
    execArgv: [], // The process's own flags, --input-type=module for one, are not for this text.
    workerData: { source, jinjaPath },
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
  })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('online', () => {
      worker.off('error', reject)
      resolve(worker)
    })
  })
}

function ask(worker: Worker, context: Record<string, unknown>, deadlineMs: number): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      worker.off('message', answer)
      worker.off('error', fail)
    }
    const answer = (value: Answer) => {
      settle()
      resolve(value)
    }
    const fail = (error: Error) => {
      settle()
      reject(new ThreadLostError(`[chat template] rendering failed: ${error.message}`))
    }
    const timer = setTimeout(() => fail(new Error(`not done within ${deadlineMs} ms`)), deadlineMs)
    worker.on('message', answer)
    worker.on('error', fail)
    worker.postMessage(context)
  })
}
