// A recipe's text with what the command line sets on top, and where each value came from.
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { messageOf, RecipeError, type RecipePlace } from '../../errors.js'

export type KeyPath = readonly (string | number)[]

/** What the YAML library only warns of is an error here, in words of ours. */
const quietly = { logLevel: 'error' } as const

export class RecipeSource {
  private readonly lines = new LineCounter()
  private readonly document: Document
  private readonly settings: { path: KeyPath; flag: string }[] = []

  constructor(
    text: string,
    private readonly file: string,
  ) {
    this.document = guarded({ file, key: '' }, () => parseDocument(text, { ...quietly, lineCounter: this.lines }))
    const [problem] = this.document.errors
    if (problem !== undefined) {
      const { line, col } = this.lines.linePos(problem.pos[0])
      const message = problem.message.split(' at line ')[0] ?? problem.message
      throw new RecipeError({ file, line, column: col, key: '' }, `not YAML: ${message}`)
    }
    if (this.document.contents === null) this.document.contents = this.document.createNode({}) as never
  }

  /** One `--set a.b=c`; the value is read as YAML. */
  set(setting: string): void {
    const flag = `--set ${setting.length > 200 ? `${setting.slice(0, 200)}…` : setting}`
    const equals = setting.indexOf('=')
    const key = setting.slice(0, equals)
    if (equals < 1) throw new RecipeError({ file: flag, key: '' }, 'expected key=value')
    const path = key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    const value = guarded({ file: flag, key }, () => parseDocument(setting.slice(equals + 1), quietly))
    const [problem] = value.errors
    if (problem !== undefined) throw new RecipeError({ file: flag, key }, `not YAML: ${problem.message}`)
    this.requireRoom(path, { file: flag, key })
    guarded({ file: flag, key }, () => this.document.setIn(path, this.document.createNode(plainValue(value))))
    this.settings.push({ path, flag })
  }

  /** The whole as plain values. */
  value(): unknown {
    return guarded({ file: this.file, key: '' }, () => plainValue(this.document))
  }

  /** Where the key of this path was written, in the file or on the command line; of one that is not there, its holder. */
  placeOf(path: KeyPath): RecipePlace {
    const key = path.join('.')
    const setting = this.settings.findLast((setting) => startsWith(path, setting.path))
    if (setting !== undefined) return { file: setting.flag, key }
    for (let length = path.length; length > 0; length--) {
      const holder = path.slice(0, length)
      const offset = this.offsetOfKey(holder)
      if (offset !== undefined) {
        const { line, col } = this.lines.linePos(offset)
        return { file: this.file, line, column: col, key }
      }
      const maker = this.settings.find((setting) => startsWith(setting.path, holder))
      if (maker !== undefined) return { file: maker.flag, key }
    }
    return { file: this.file, key }
  }

  private offsetOfKey(path: KeyPath): number | undefined {
    const holder = path.length === 1 ? this.document.contents : this.document.getIn(path.slice(0, -1), true)
    const last = path.at(-1)
    if (isSeq(holder)) return (holder.items[Number(last)] as Node | undefined)?.range?.[0]
    if (!isMap(holder)) return undefined
    const pair = holder.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(last))
    return (pair?.key as Node | undefined)?.range?.[0]
  }

  // A setting may make a section, but not turn a number into one, and not leave a gap in a list.
  private requireRoom(path: KeyPath, place: RecipePlace): void {
    for (let length = 0; length < path.length; length++) {
      const holder = length === 0 ? this.document.contents : this.document.getIn(path.slice(0, length), true)
      if (holder === undefined) return
      const name = path.slice(0, length).join('.') || 'the recipe'
      const part = path[length]
      if (isSeq(holder) && !(typeof part === 'number' && part <= holder.items.length)) {
        const range = holder.items.length === 0 ? '0' : `0 to ${holder.items.length}`
        throw new RecipeError(place, `expected a place from ${range} in the list ${name}, got ${part}`)
      }
      if (!isSeq(holder) && !isMap(holder)) throw new RecipeError(place, `${name} is a value and has no keys`)
    }
  }
}

/** An alias inside what it names, or nesting without end, has no text either. */
function plainValue(document: Document): unknown {
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  JSON.stringify(value)
  return value
}

/** The YAML library throws errors of its own where a document asks too much of it. */
function guarded<Result>(place: RecipePlace, fn: () => Result): Result {
  try {
    return fn()
  } catch (cause) {
    const [message] = messageOf(cause).split('\n')
    throw new RecipeError(place, `cannot be read as YAML: ${message}`, { cause })
  }
}

function startsWith(path: KeyPath, beginning: KeyPath): boolean {
  return beginning.every((part, i) => String(part) === String(path[i]))
}
