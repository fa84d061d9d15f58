// THIRD-PARTY.md against what is installed and built in.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSource, root, sourceFiles } from '../helpers/source-files.js'

interface Lock {
  packages: Record<string, { dev?: boolean; devOptional?: boolean }>
}
interface Manifest {
  license: string
  files: string[]
  dependencies: Record<string, string>
}

const json = <T>(file: string): T => JSON.parse(readFileSync(root + file, 'utf8')) as T
const text = readSource('THIRD-PARTY.md')
const section = (title: string) => text.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
const listedIn = (title: string) =>
  [...section(title).matchAll(/^\| \[(\S+)\]\(https:\/\/www\.npmjs\.com\/package\/(\S+)\) \| (\S+) \|$/gm)].map(
    ([, name, link, license]) => ({ name, link, license }),
  )
const plain = (words: string) =>
  words
    .replaceAll(/\]\(\S+\)|[[\]\s]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()

test('every package at run time is listed with its licence, and no other', () => {
  const places = Object.entries(json<Lock>('package-lock.json').packages)
    .filter(([place, { dev, devOptional }]) => place !== '' && !dev && !devOptional)
    .map(([place]) => place)
  const installed = places.map((place) => {
    const name = place.replace(/^.*node_modules\//, '')
    return { name, link: name, license: json<Manifest>(`${place}/package.json`).license }
  })
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
    `${a.name}` < `${b.name}` ? -1 : 1
  const listed = listedIn('npm packages at run time')
  expect(listed.sort(byName)).toEqual(installed.sort(byName))
  for (const name of Object.keys(json<Manifest>('package.json').dependencies))
    expect(listed.map((l) => l.name)).toContain(name)
})

test('every package inside dist is listed with its licence, and no other', () => {
  const heads = [...readSource('dist/LICENSES.txt').matchAll(/^==== (\S+) \S+: (\S+) ====$/gm)]
  const inside = heads.map(([, name, license]) => ({ name, link: name, license }))
  expect(listedIn('npm packages inside dist/')).toEqual(inside)
})

test.each([
  ['node-addon-api', 'LICENSE.md'],
  ['node-api-headers', 'LICENSE'],
])('the notice of %s is the one it comes with', (name, file) => {
  const notice = plain(readSource(`node_modules/${name}/${file}`).replace(/^.*\n/, ''))
  expect(notice).toContain('Copyright')
  expect(plain(text)).toContain(notice)
})

test('the addon is built from what is listed: another library needs a row here', () => {
  const known = ['CUDAToolkit', 'Threads', 'doctest'] // in the CUDA package; the system's; in tests
  const cmake = ['CMakeLists.txt', ...sourceFiles('cmake', /\.cmake$/)].map(readSource).join('\n')
  const found = [...cmake.matchAll(/\b(?:find_package|FetchContent_Declare|pkg_check_modules)\((\w+)/g)].map(
    ([, name]) => name,
  )
  expect([...new Set(found)].filter((name) => !known.includes(`${name}`))).toEqual([])
  for (const row of ['libstdc++', 'libgcc', 'node-addon-api', 'node-api-headers']) expect(text).toContain(row)
})

test('it is packed', () => {
  expect(json<Manifest>('package.json').files).toContain('THIRD-PARTY.md')
})
