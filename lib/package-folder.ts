// Where the package lies, and the files it is built into: the same from the sources under test, from what tsc makes of
// them, and from the bundle.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const packageFolder = folderAbove(fileURLToPath(import.meta.url))

/** A program or module of dist/ that is an entry of the bundle (scripts/bundle.mjs). */
export const builtFile = (name: string): URL => pathToFileURL(path.join(packageFolder, 'dist', name))

function folderAbove(place: string): string {
  const folder = path.dirname(place)
  return existsSync(path.join(folder, 'package.json')) ? folder : folderAbove(folder)
}
