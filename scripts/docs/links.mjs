// Links between the pages of a site that lead nowhere: a file that is not there, a place in it, or a source that should have been a page.
import fs from 'node:fs'
import path from 'node:path'

/** Links in these would lead nowhere: they are written for the repository. */
const sources = /\.(md|ts)$/

/** @param {string} folder @returns {{ place: string, text: string }[]} */
export function brokenLinks(folder) {
  const pages = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  const read = (/** @type {string} */ page) => fs.readFileSync(path.join(folder, page), 'utf8')
  const anchors = new Map(pages.map((page) => [page, idsIn(read(page))]))
  return pages.flatMap((page) =>
    [...linksIn(read(page))].flatMap((link) => {
      const fault = faultOf(link, { page, folder, anchors })
      return fault ? [{ place: page, text: `${link}: ${fault}` }] : []
    }),
  )
}

/** @param {string} html */
const idsIn = (html) => new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => decoded(id)))

/** Those within the site. @param {string} html */
const linksIn = (html) =>
  new Set(
    [...html.matchAll(/ href="([^"]*)"/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:|^$/.test(link)),
  )

/**
 * @param {string} link
 * @param {{ page: string, folder: string, anchors: Map<string, Set<string>> }} site
 * @returns {string | undefined}
 */
function faultOf(link, { page, folder, anchors }) {
  const [file = '', anchor = ''] = decoded(link).split('#')
  const target = file === '' ? page : path.join(path.dirname(page), file)
  if (!fs.existsSync(path.join(folder, target))) return 'no such file'
  if (sources.test(target)) return 'shown as a file, not as a page: it needs to be a document of typedoc.json'
  const ids = anchors.get(target)
  return anchor === '' || !ids || ids.has(anchor) ? undefined : 'no such place in that page'
}

/** @param {string} text */
const decoded = (text) =>
  decodeURIComponent(text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'"))
