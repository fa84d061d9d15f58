// Comments that do not read on the page as they read in the source.
import { ReflectionCategory } from 'typedoc'
import { guides } from './categories.mjs'

/** @typedef {import('./project.mjs').Problem} Problem */

/** @param {import('typedoc').ProjectReflection} project @returns {Problem[]} */
export function commentProblems(project) {
  const seen = new Set() // what is inherited, or spread into other types, has its comment in many places
  return Object.values(project.reflections).flatMap((reflection) => {
    if (reflection.isDocument() || !reflection.comment) return []
    const place = placeOf(reflection)
    const texts = textsOf(reflection.comment).filter((text) => !seen.has(`${place}: ${text}`))
    for (const text of texts) seen.add(`${place}: ${text}`)
    return texts.flatMap((text) =>
      faultsOf(text).map((fault) => ({ place, text: `${reflection.getFullName()}: ${fault}` })),
    )
  })
}

/** @param {string} text a comment's, in Markdown @returns {string[]} */
export function faultsOf(text) {
  const prose = text.replace(/```.*?```|`[^`]*`/gs, (code) => code.replace(/[^\n]/g, 'x'))
  const definition = prose.match(/^ {0,3}\[[^\]\n]+\]:/m)
  const tag = prose.match(/<\/?[a-z][^\n>]*>/i)
  return [
    ...(text.trim() === '' ? ['a comment without words'] : []),
    ...(definition ? [`a line begins with "${definition[0].trim()}", which Markdown takes for a link's address`] : []),
    ...(tag ? [`${tag[0]} is taken for HTML and does not show; write it as code`] : []),
  ]
}

/** The summary, and the text of every tag that has one. @param {import('typedoc').Comment} comment */
function textsOf(comment) {
  const join = (/** @type {{ text: string }[]} */ parts) => parts.map((part) => part.text).join('')
  const summary = comment.summary.length > 0 ? [join(comment.summary)] : []
  return [...summary, ...comment.blockTags.map((tag) => join(tag.content))]
}

/** @param {import('typedoc').Reflection | undefined} reflection @returns {string} */
function placeOf(reflection) {
  const source = /** @type {any} */ (reflection)?.sources?.[0]
  if (source) return source.fileName.replace(/^(?!lib\/)/, 'lib/')
  return reflection ? placeOf(reflection.parent) : ''
}

/** Symbols that scripts/docs/categories.mjs has no heading for. @param {import('typedoc').ProjectReflection} project */
export function unplaced(project) {
  const known = (project.categories ?? []).filter((category) => category instanceof ReflectionCategory)
  const others = known.filter(({ title }) => title === 'Other').flatMap(({ children }) => children)
  return others.map((symbol) => ({
    place: placeOf(symbol),
    text: `${symbol.name}: no category in scripts/docs/categories.mjs (documents are ${guides})`,
  }))
}
