// The programs of examples/ as pages of the site, made of the files themselves, so that the links of examples/README.md lead to them.
import fs from 'node:fs'
import path from 'node:path'
import { DocumentReflection } from 'typedoc'
import { root } from '../stamp.mjs'
import { examples } from './categories.mjs'

export const programsFolder = path.join(root, 'examples')

/** @param {import('typedoc').ProjectReflection} project */
export function addPrograms(project) {
  for (const name of fs.readdirSync(programsFolder).filter((name) => name.endsWith('.ts'))) {
    const file = path.join(programsFolder, name)
    const page = new DocumentReflection(name, project, pageOf(fs.readFileSync(file, 'utf8')), { category: examples })
    project.addChild(page)
    project.registerReflection(page, undefined, /** @type {any} */ (file))
  }
}

/** Its head, which says what it shows, as it stands: that is the place where readers of the file find it. @param {string} program */
function pageOf(program) {
  return [{ kind: /** @type {const} */ ('code'), text: `\`\`\`ts\n${program.trimEnd()}\n\`\`\`` }]
}
