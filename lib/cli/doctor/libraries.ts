// Where libraries are looked up, as the system's loader does it; never in the working directory, where anyone may have put one.
import { dirname, join } from 'node:path'
import { isThere, outputOf, safeFolders } from './system.js'

export interface CudaLibrary {
  file: string
  foundBy: LibraryPlace['by']
}

export interface LibraryPlace {
  by: 'LENGTHEN_CUBLAS' | 'the loader' | 'the CUDA toolkit' | 'pip'
  folders: readonly string[]
}

/** The first of the names in the first of the places. */
export function findLibrary(places: readonly LibraryPlace[], names: readonly string[]): CudaLibrary | null {
  for (const { by, folders } of places)
    for (const name of names) {
      const file = folders.map((folder) => join(folder, name)).find((file) => isThere(file))
      if (file !== undefined) return { file, foundBy: by }
    }
  return null
}

const systemFolders = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib']

/** LD_LIBRARY_PATH, then the folders that the loader's cache names, then those that it knows by itself. */
export const loaderPlaces = (env: NodeJS.ProcessEnv, cached: readonly string[]): LibraryPlace[] => [
  { by: 'the loader', folders: [...safeFolders(env.LD_LIBRARY_PATH), ...cached, ...systemFolders] },
]

/** Folders of the loader's cache. */
export async function loaderCache(): Promise<string[]> {
  const program = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find((file) => isThere(file))
  return program === undefined ? [] : cachedFolders((await outputOf(program, ['-p'])) ?? '')
}

/** From what `ldconfig -p` prints: name (kind) => file. Those of 64 bits. */
export function cachedFolders(text: string): string[] {
  const files = [...text.matchAll(/\(libc6,(?:x86-64|AArch64)[^)]*\) => (\/.+)$/gm)].map(([, file]) => file as string)
  return [...new Set(files.map(dirname))]
}
