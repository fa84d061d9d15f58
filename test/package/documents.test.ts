// The documents that are packed, for readers who have the package alone.
import { spawnSync } from 'node:child_process'
import { posix } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readSource, root } from '../helpers/source-files.js'

let packed: string[] = []
let documents: { file: string; text: string }[] = []

beforeAll(() => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  packed = files.map(({ path }) => path)
  const names = packed.filter((path) => path.endsWith('.md'))
  documents = names.map((file) => ({ file, text: readSource(file).replace(/^```.*?^```/gms, '') }))
})

test('README, guides, recipes, examples and licences are packed', () => {
  const files = documents.map(({ file }) => file)
  for (const file of ['README.md', 'examples/README.md', 'recipes/README.md', 'THIRD-PARTY.md', 'docs/guard.md'])
    expect(files).toContain(file)
})

test('every relative link leads to what is packed', () => {
  const links = documents.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^(https?:|#)/.test(link))
      .map((link) => ({ file, target: posix.join(posix.dirname(file), link.replace(/#.*/, '')) })),
  )
  expect(links.length).toBeGreaterThan(30)
  expect(links.filter(({ target }) => !packed.includes(target))).toEqual([])
})

test('a file that is in the repository alone is said to be there', () => {
  const unsaid = documents.flatMap(({ file, text }) =>
    sections(text)
      .filter(
        (section) => /`(?:lib|test|cpp|binding|scripts|bench|cuda)\//.test(section) && !/repository/.test(section),
      )
      .map((section) => `${file}: ${section.trim().slice(0, 80)}`),
  )
  expect(unsaid).toEqual([])
})

test('what runs in a clone alone is said to', () => {
  const unsaid = documents
    .filter(({ file }) => file !== 'CHANGELOG.md')
    .flatMap(({ file, text }) =>
      sections(text)
        .filter((section) => /`npm (?:start|test|ci|run)\b/.test(section) && !/clone|repository/.test(section))
        .map((section) => `${file}: ${section.trim().slice(0, 80)}`),
    )
  expect(unsaid).toEqual([])
})

/** Paragraphs, a table with what stands before it. */
const sections = (text: string): string[] => text.split(/\n\n(?!\|)/)
