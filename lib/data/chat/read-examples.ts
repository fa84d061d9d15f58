// A data set of conversations as examples that fit the limit on tokens, and a count of those that do not.

import { checkOptions, type OptionKeys } from '../../arguments.js'
import { FileFormatError } from '../../errors.js'
import { BadRows, type ReadRecordOptions } from '../read-records.js'
import { type DataSource, dataSource } from '../source.js'
import type { ConversationOptions } from './conversation.js'
import { type ChatExample, cutExample } from './example.js'
import { readConversations } from './read-conversations.js'
import { chatExamples, requireTokenize, type TokenizeOptions } from './tokenize.js'

export const tooLongActions = ['error', 'drop', 'cut'] as const

/** How conversations become examples. */
export interface ExampleOptions extends ConversationOptions, ReadRecordOptions, TokenizeOptions {
  /** Of an example, prompts and answers together; no limit where left out. */
  maxTokens?: number | undefined
  /** What becomes of a longer one: 'error', the default, that names it; 'drop': left out; 'cut' at the limit. */
  tooLong?: (typeof tooLongActions)[number] | undefined
}

/** Examples, and how many conversations are none. */
export interface ExampleSet {
  /** In the order of the data set. */
  examples: ChatExample[]
  /** Longer than the limit and left out; those too that had no answer left when they were cut. */
  numDropped: number
  /** Cut at the limit, with an answer left. */
  numCut: number
  /** Conversations passed over as maxBadRows allows. */
  numBad: number
}

/**
 * Reads a data set of conversations, renders them by the model's chat template and cuts them into tokens. Bad records and
 * conversations that the template breaks count against maxBadRows together.
 * @param from A file, a folder or a name, as readData() takes it.
 * @throws {@link FileFormatError} for one bad record more than maxBadRows, an example that is too long where that is an error, or no
 * example at all
 */
export async function readChatExamples(from: string | DataSource, options: ExampleOptions): Promise<ExampleSet> {
  checkOptions('examples', options, optionKeys)
  requireTokenize(options)
  const source = dataSource(from)
  const set: ExampleSet = { examples: [], numDropped: 0, numCut: 0, numBad: 0 }
  const onBadRow = (problem: FileFormatError) => {
    set.numBad++
    options.onBadRow?.(problem)
  }
  const rows = await readConversations(source, { ...options, onBadRow })
  const badRows = new BadRows(source.maxBadRows ?? 0, onBadRow, set.numBad)
  let index = 0
  for await (const made of chatExamples(rows, options)) {
    const place = rows[index++]
    if (made instanceof FileFormatError) badRows.pass(made)
    else addTo(set, made, { ...options, file: place?.file ?? source.path, place: place?.place })
  }
  if (set.examples.length > 0) return set
  throw new FileFormatError(
    { file: source.path },
    `expected at least one example that can be used, got ${countsOf(set)}`,
  )
}

function addTo(
  set: ExampleSet,
  example: ChatExample,
  {
    maxTokens = Number.POSITIVE_INFINITY,
    tooLong = 'error',
    ...at
  }: ExampleOptions & { file: string; place?: string | undefined },
): void {
  const { length } = example.tokens
  if (length <= maxTokens) return void set.examples.push(example)
  if (tooLong === 'error')
    throw new FileFormatError(
      at,
      `expected at most maxTokens = ${maxTokens} tokens, got ${length}; tooLong: drop or cut`,
    )
  const cut = tooLong === 'cut' ? cutExample(example, maxTokens) : undefined
  if (cut) set.examples.push(cut)
  set[cut ? 'numCut' : 'numDropped']++
}

const countsOf = ({ numDropped, numBad }: ExampleSet): string => `${numDropped} too long and ${numBad} bad rows`

const optionKeys: OptionKeys<ExampleOptions> = {
  turn: true,
  system: true,
  onBadRow: true,
  env: true,
  signal: true,
  tokenizer: true,
  answers: true,
  maxTokens: true,
  tooLong: true,
}
