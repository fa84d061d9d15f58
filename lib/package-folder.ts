// Where the package lies, and the files it is built into: the same from the sources under test, from what tsc makes of
// them, and from the bundle.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UnsupportedError } from './errors.js'

export const packageFolder = packageFolderOf(import.meta.url)

/** A program or module of dist/ that is an entry of the bundle (scripts/bundle.mjs). */
export const builtFile = (name: string): URL => pathToFileURL(path.join(packageFolder, 'dist', name))

/**
 * The folder of ours that a module lies in. `moduleUrl` is a module's import.meta.url, of which some bundlers leave nothing.
 * @throws {@link UnsupportedError} where the first package.json above the module is not ours, or there is none: it was bundled.
 */
export function packageFolderOf(moduleUrl: string | undefined): string {
  if (!moduleUrl?.startsWith('file:')) throw bundled(moduleUrl ?? 'a file that does not know its place')
  const file = fileURLToPath(moduleUrl)
  const found = nearestManifest(path.dirname(file))
  if (found?.name === 'lengthen') return found.folder
  throw bundled(file)
}

// Addon, recipes and worker processes are found by their place in the package: nothing of it works from elsewhere.
function bundled(place: string): UnsupportedError {
  const mend = "mark lengthen as external in the bundler's configuration, and install it beside the bundle"
  return new UnsupportedError(
    `[package] expected lengthen in its own folder in node_modules, got it bundled into ${place}: ${mend}`,
  )
}

function nearestManifest(folder: string): { folder: string; name: unknown } | undefined {
  const text = textOf(path.join(folder, 'package.json'))
  if (text !== undefined) return { folder, name: nameIn(text) }
  const above = path.dirname(folder)
  return above === folder ? undefined : nearestManifest(above)
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // not there, or not for us to read
  }
}

function nameIn(manifest: string): unknown {
  try {
    return (JSON.parse(manifest) as { name?: unknown } | null)?.name
  } catch {
    return undefined
  }
}
