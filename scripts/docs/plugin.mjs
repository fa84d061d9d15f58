// A plugin of typedoc: symbols under the headings of categories.mjs, Markdown files under their own titles, and each program
// of examples/ as a page.
import path from 'node:path'
import { Application, Comment, CommentTag, Converter, ReflectionKind } from 'typedoc'
import { repositoryOf, versionOf } from '../release/versions.mjs'
import { categories, categoryNamed, categoryOf, examples, guides } from './categories.mjs'
import { addPrograms, programsFolder } from './examples.mjs'

// typedoc merges modules when resolving begins, at 10,000, and makes the categories when it ends, at -200.
const beforeMerging = 20_000
const beforeCategories = -150
const afterCategories = -250

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.on(Application.EVENT_BOOTSTRAP_END, linkSources)
  app.converter.on(Converter.EVENT_CREATE_PROJECT, (_context, project) => addPrograms(project))
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, titleDocument)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => project.children?.forEach(dissolve), beforeMerging)
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => project.children?.forEach(place), beforeCategories)
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => Object.values(project.reflections).forEach(rename))
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => project.categories?.forEach(describe), afterCategories)
}

/** Of the version that is documented; typedoc insists on a template, so without a repository it is taken off again. @param {Application} app */
function linkSources(app) {
  const repository = repositoryOf()
  app.options.setValue('sourceLinkTemplate', `${repository}/blob/v${versionOf()}/lib/{path}#L{line}`)
  if (repository === undefined)
    app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => Object.values(project.reflections).forEach(unlink))
}

/** @param {import('typedoc').Reflection} reflection */
function unlink(reflection) {
  for (const source of /** @type {any} */ (reflection).sources ?? []) source.url = undefined
}

/** Beside documents, typedoc puts all symbols into a module named after the entry point. @param {import('typedoc').Reflection} entry */
function dissolve(entry) {
  if (!entry.kindOf(ReflectionKind.Module)) return
  entry.comment ??= new Comment()
  entry.comment.blockTags.push(new CommentTag('@mergeModuleWith', [{ kind: 'text', text: '<project>' }]))
}

/** @param {import('typedoc').DeclarationReflection} symbol */
function place(symbol) {
  const category = symbol.kindOf(ReflectionKind.Namespace)
    ? categoryNamed(symbol.name)
    : categoryOf(symbol.sources?.[0]?.fullFileName ?? '')
  if (!category) return // shows as "Other", which scripts/check-docs.mjs tells of
  symbol.comment ??= new Comment()
  symbol.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category.title }]))
}

/** A parameter that is taken apart where it is declared has no name of its own. @param {import('typedoc').Reflection} reflection */
function rename(reflection) {
  if (reflection.name === '__namedParameters') reflection.name = 'options'
}

/** @param {import('typedoc').ReflectionCategory} category */
function describe(category) {
  const about = categories.find(({ title }) => title === category.title)?.about
  if (about) category.description = [{ kind: 'text', text: about }]
}

/** The page has the document's name for a heading: its first line would be a second one. */
function titleDocument(_context, /** @type {import('typedoc').DocumentReflection} */ document) {
  const first = document.content[0]
  const [line = '', title] = (first?.kind === 'text' && first.text.match(/^\s*# (.*)\n/)) || []
  if (first && title) {
    document.name = title
    first.text = first.text.slice(line.length)
  }
  const file = document.project.files.getReflectionPath(document) ?? ''
  document.frontmatter.category = path.dirname(file) === programsFolder ? examples : guides
}
