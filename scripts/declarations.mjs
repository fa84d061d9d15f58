// tsc writes a declaration beside every module; those that the public ones do not refer to are nobody's business.
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** @param {string} folder whose index.d.ts is public: all declarations that it does not lead to are removed */
export function keepPublicDeclarations(folder) {
  const isPublic = reachable(path.join(folder, 'index.d.ts'))
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.d.ts')).map((name) => path.join(folder, name))
  for (const file of files) if (!isPublic.has(file)) fs.rmSync(file)
  removeEmptyFolders(folder)
}

/** @param {string} file @param {Set<string>} seen @returns {Set<string>} */
function reachable(file, seen = new Set()) {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const specifier of specifiers(file))
    if (specifier.startsWith('.')) reachable(path.join(path.dirname(file), specifier.replace(/\.js$/, '.d.ts')), seen)
  return seen
}

/** What a declaration imports and exports from, and what its types name by `import('…')`. */
function specifiers(file) {
  const found = []
  const visit = (node) => {
    const named = ts.isImportTypeNode(node) ? node.argument.literal : node.moduleSpecifier
    if (named) found.push(named.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest))
  return found
}

function removeEmptyFolders(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmptyFolders(path.join(folder, entry.name))
  if (fs.readdirSync(folder).length === 0) fs.rmdirSync(folder)
}
