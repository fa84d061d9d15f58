// npm run docs: the site of the public interface in build/docs, with the README as its front page. With --check nothing is written
// (npm run check:docs). Fails with a list, by file, where a public symbol is not documented, a link leads nowhere, a type is named
// that is not exported, or a comment does not read on the page as it does in the source.
import path from 'node:path'
import { commentProblems, unplaced } from './docs/comments.mjs'
import { brokenLinks } from './docs/links.mjs'
import { readProject } from './docs/project.mjs'
import { withoutThrows } from './docs/throws.mjs'
import { root } from './stamp.mjs'

const { app, project, notes } = await readProject()
const problems = [...commentProblems(project), ...unplaced(project), ...withoutThrows(project)]
if (!process.argv.includes('--check')) problems.push(...(await writeSite()))
problems.push(...notes.problems)
print(problems)
process.exitCode = problems.length > 0 ? 1 : 0

async function writeSite() {
  const folder = path.join(root, 'build/docs')
  await app.generateDocs(project, folder)
  console.log(`documentation: ${path.relative(process.cwd(), folder)}/index.html`)
  return brokenLinks(folder)
}

/** @param {import('./docs/project.mjs').Problem[]} problems */
function print(problems) {
  /** @type {Map<string, Set<string>>} */
  const files = new Map()
  for (const { place, text } of problems) files.set(place, (files.get(place) ?? new Set()).add(text))
  for (const place of [...files.keys()].sort()) {
    console.error(place === '' ? 'in no file of lib/' : place)
    for (const text of files.get(place) ?? []) console.error(`  ${text}`)
  }
  const count = [...files.values()].reduce((total, texts) => total + texts.size, 0)
  console.log(
    `documentation: ${Object.keys(project.reflections).length} symbols and parts of them, ${count} ${count === 1 ? 'problem' : 'problems'}`,
  )
}
