import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Paths from the project's root, with forward slashes; a folder that is not there yet has none. */
export function sourceFiles(folder: string, extensions: RegExp): string[] {
  return namesUnder(folder)
    .filter((name) => extensions.test(name))
    .map((name) => `${folder}/${name}`)
    .sort()
}

export function readSource(file: string): string {
  return readFileSync(root + file, 'utf8')
}

function namesUnder(folder: string): string[] {
  try {
    return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
