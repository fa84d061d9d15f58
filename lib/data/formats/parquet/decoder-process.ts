// A decoder process, as its parent sees it. A thread would not do: one allocation beyond its limit ends the whole program.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../../errors.js'
import { builtFile } from '../../../package-folder.js'
import { FrameReader } from './frames.js'
import type { DecoderMessage, DecodingRequest } from './messages.js'

/** As much as V8 gives a program of its own accord on a machine with memory enough. */
const maxMemoryMb = Math.min(4096, Math.floor(totalmem() / 2 ** 21))
/** Of messages that wait for the consumer; beyond, the process waits too. */
const mostWaitingBytes = 2 ** 22

/** What tests of the sources start is built all the same. */
const program = builtFile('workers/parquet.js')

export class DecoderProcess {
  readonly #child: ChildProcess
  readonly #frames: Socket
  readonly #waiting: { message: DecoderMessage; bytes: number }[] = []
  #waitingBytes = 0
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor() {
    this.#child = spawn(process.execPath, [`--max-old-space-size=${maxMemoryMb}`, fileURLToPath(program)], {
      stdio: ['pipe', 'ignore', 'ignore', 'ipc', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
      serialization: 'advanced',
    })
    this.#frames = this.#child.stdio[4] as Socket
    this.#child.stdin?.on('error', () => {}) // Heard as the end of the process.
    this.#child.on('error', (error) => this.kill(error))
    this.#child.on('close', (status, signal) => this.#fail(ended(status, signal)))
    this.#read()
    this.#hold('unref') // It keeps no program alive but one that waits for a message.
  }

  /** False once it has ended or was killed. */
  get isAlive(): boolean {
    return this.#failure === undefined
  }

  send(request: DecodingRequest): void {
    this.#child.send(request, (error) => error && this.kill(error))
  }

  /** Its next message. Rejects, and the process is gone, where none comes in time; rejects too where it has ended. */
  async next(deadlineMs: number): Promise<DecoderMessage> {
    if (this.#waiting.length === 0) await this.#wait(deadlineMs)
    const next = this.#waiting.shift()
    if (next === undefined) throw this.#failure
    this.#waitingBytes -= next.bytes
    if (this.#waitingBytes < mostWaitingBytes) this.#frames.resume()
    return next.message
  }

  kill(failure = new Error('its process was ended')): void {
    this.#child.kill('SIGKILL')
    this.#fail(failure)
    this.#frames.destroy()
  }

  async #wait(deadlineMs: number): Promise<void> {
    if (this.#failure) return
    // This program itself may have been busy for so long: what has come meanwhile is read first.
    const late = () => setImmediate(() => setImmediate(() => this.#wake && this.kill(tooLate(deadlineMs))))
    const timer = setTimeout(late, deadlineMs)
    this.#hold('ref')
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
    clearTimeout(timer)
    this.#hold('unref')
  }

  #read(): void {
    const reader = new FrameReader()
    this.#frames.on('error', (error) => this.kill(error))
    this.#frames.on('data', (piece: Buffer) => {
      try {
        for (const frame of reader.push(piece)) {
          this.#waiting.push(frame)
          this.#waitingBytes += frame.bytes
        }
      } catch (error) {
        this.kill(new Error(`its rows did not come through: ${messageOf(error)}`))
      }
      if (this.#waitingBytes >= mostWaitingBytes) this.#frames.pause()
      if (this.#waiting.length > 0) this.#wake?.()
    })
  }

  #fail(failure: Error): void {
    this.#failure ??= failure
    this.#wake?.()
  }

  #hold(hold: 'ref' | 'unref'): void {
    this.#child[hold]()
    this.#child.channel?.[hold]()
    this.#frames[hold]()
    const stdin = this.#child.stdin as Socket | null
    stdin?.[hold]()
  }
}

const tooLate = (deadlineMs: number) => new Error(`not decoded within ${Math.round(deadlineMs)} ms`)

function ended(status: number | null, signal: string | null): Error {
  const isFatal = signal === 'SIGABRT' || signal === 'SIGTRAP'
  const memory = isFatal ? `, as when it takes more memory than ${maxMemoryMb} MB` : ''
  return new Error(`the process that decoded it ended by ${signal ?? `status ${status}`}${memory}`)
}
