// The public interface as typedoc reads it, with everything it has to say against it.
import path from 'node:path'
import { Application, Logger, LogLevel, PackageJsonReader, TSConfigReader, TypeDocReader } from 'typedoc'
import { root } from '../stamp.mjs'

/** @typedef {{ place: string, text: string }} Problem place is a file of this repository, or empty */

class Notes extends Logger {
  /** @type {Problem[]} */
  problems = []
  #place = ''

  /** typedoc calls this just before log(), with a node, with a position and its file, or with nothing. */
  addContext(/** @type {string} */ text, /** @type {LogLevel} */ _level, /** @type {any[]} */ ...[at, file]) {
    this.#place = relative(file?.fileName ?? at?.getSourceFile?.().fileName ?? '')
    return text
  }

  log(/** @type {string} */ text, /** @type {LogLevel} */ level) {
    if (level >= LogLevel.Warn) this.problems.push({ place: this.#place || placeIn(text), text: shortened(text) })
    this.#place = ''
  }
}

/** @param {string} file */
const relative = (file) => (file === '' ? '' : path.relative(root, file))

/** typedoc names a file within its sentences, below the package's name. @param {string} text */
const placeIn = (text) => text.match(/, defined in (?:@?[^/]+\/)?([^,]+),/)?.[1] ?? ''

/** @param {string} text */
const shortened = (text) => text.replace(/, defined in [^,]+,/, '').replaceAll(root, '')

/** @returns {Promise<{ app: Application, project: import('typedoc').ProjectReflection, notes: Notes }>} */
export async function readProject() {
  const readers = [new TypeDocReader(), new PackageJsonReader(), new TSConfigReader()]
  const options = path.join(root, 'typedoc.json')
  const app = await Application.bootstrapWithPlugins(
    { options, skipErrorChecking: true, logLevel: LogLevel.Warn },
    readers,
  )
  const notes = new Notes()
  app.logger = notes
  const project = await app.convert()
  if (!project) throw new Error(`typedoc cannot read the interface:\n${notes.problems.map((p) => p.text).join('\n')}`)
  app.validate(project)
  return { app, project, notes }
}
