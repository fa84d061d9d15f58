// The curation of 40,000 generated problems from four sources against a test set, prompts counted by a byte-pair tokenizer: under
// 60 seconds on two cores, with the planted duplicates and overlaps found. One source is all made from a few templates, which is
// what finding near-duplicates is slowest at.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as lengthen from '../../dist/index.js'

const latestSeconds = 60
const numProblems = 40_000
const numTests = 500
const main = new URL('../../dist/cli/main.js', import.meta.url).pathname
const random = new lengthen.RandomStream(1, 'problems to curate')
const pick = (items) => items[random.below(items.length)]
const syllables = 'ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu'.split(' ')
const vocabulary = Array.from({ length: 4000 }, () =>
  Array.from({ length: 2 + random.below(3) }, () => pick(syllables)).join(''),
)
const words = (count) =>
  Array.from({ length: count }, () => (random.below(6) === 0 ? `$${random.below(1000)}$` : pick(vocabulary)))
const templates = Array.from({ length: 5 }, () => words(25).join(' '))

const isPrintable = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
const unprintable = [...Array(256).keys()].filter((byte) => !isPrintable(byte))

const answers = [
  () => String(random.below(10_000)),
  () => `\\frac{${1 + random.below(99)}}{${2 + random.below(99)}}`,
  () => `\\boxed{${random.below(100)}\\sqrt{${2 + random.below(40)}}}`,
  () => `(${random.below(9)}, ${random.below(9)})`,
  () => `x^2 + ${random.below(50)}x - ${random.below(50)}`,
]
const row = (problem) => ({ problem, answer: pick(answers)() })

/** Rows with, here and there, what the curation should find. Duplicates are of rows in `plain`, which plain rows are added to. */
function makeSource(name, numRows, { plain, tests, planted }) {
  const plant = (kind, problem) => {
    planted[kind]++
    return row(problem)
  }
  const makeRow = () => {
    const chance = random.below(200)
    if (chance < 2 && plain.length > 0) return plant('duplicate', `  ${pick(plain).problem}.`)
    if (chance < 4 && plain.length > 0) return plant('nearDuplicate', `${pick(plain).problem} ${pick(vocabulary)}`)
    if (chance === 4) return plant('testOverlap', pick(tests).problem)
    if (chance === 5) return plant('overlong', words(300).join(' '))
    const text = name === 'templates' ? [pick(templates), ...words(8)] : words(25 + random.below(75))
    plain.push(row(text.join(' ')))
    return plain.at(-1)
  }
  return Array.from({ length: numRows }, makeRow)
}

/** Byte-level, with a merge for every pair of letters in a syllable and for pairs of syllables, as large ones have them. */
function writeTokenizer(folder) {
  fs.mkdirSync(folder)
  const bytes = [...Array(256).keys()].map((byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : 256 + unprintable.indexOf(byte)),
  )
  const pairs = syllables.flatMap((first) => syllables.map((second) => `${first} ${second}`))
  const merges = [...syllables.map((syllable) => [...syllable].join(' ')), ...pairs]
  const tokens = [...bytes, ...merges.map((merge) => merge.replace(' ', '')), '<end>']
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const added = {
    id: tokens.length - 1,
    content: '<end>',
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
  }
  const json = {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: [{ ...added, normalized: false }] },
    ...{ normalizer: null, pre_tokenizer: byteLevel, post_processor: null, decoder: byteLevel },
    model: { type: 'BPE', vocab, merges },
  }
  const chat_template = '{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{% endfor %}'
  fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(json))
  fs.writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: '<end>', chat_template }))
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-speed-'))
try {
  const write = (name, rows) =>
    fs.writeFileSync(path.join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const tests = Array.from({ length: numTests }, () => row(words(30 + random.below(80)).join(' ')))
  write('test.jsonl', tests)
  const planted = { duplicate: 0, nearDuplicate: 0, testOverlap: 0, overlong: 0 }
  const plain = []
  const names = ['first', 'second', 'third', 'templates']
  for (const name of names)
    write(`${name}.jsonl`, makeSource(name, numProblems / names.length, { plain, tests, planted }))
  writeTokenizer(path.join(folder, 'tokenizer'))
  const out = path.join(folder, 'out')
  const inputs = names.map((name) => path.join(folder, `${name}.jsonl`))
  const limits = ['--tokenizer', path.join(folder, 'tokenizer'), '--max-prompt-tokens', '400']
  const args = [
    'data',
    'curate',
    ...inputs,
    '--against',
    path.join(folder, 'test.jsonl'),
    '--out',
    out,
    '--json',
    ...limits,
  ]
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(stderr)
  const { numRows, numKept, dropped, promptLengths } = JSON.parse(stdout)
  console.log(
    `${numRows} rows, ${numKept} kept, prompts of ${promptLengths.mean.toFixed(0)} tokens, in ${seconds.toFixed(1)} s`,
  )
  console.log(`planted ${JSON.stringify(planted)}, dropped ${JSON.stringify(dropped)}`)
  const isFound = Object.keys(planted).every((kind) => dropped[kind] >= 0.99 * planted[kind])
  const isKept = seconds <= latestSeconds && isFound
  console.log(
    `${isKept ? 'kept' : 'broken'}: ${numProblems} problems in at most ${latestSeconds} s, what was planted found`,
  )
  process.exitCode = isKept ? 0 : 1
} finally {
  fs.rmSync(folder, { recursive: true })
}
