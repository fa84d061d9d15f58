// Where cuBLAS is: LENGTHEN_CUBLAS, the loader's places, a CUDA toolkit, or what pip installed.
import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import { type CudaLibrary, findLibrary, type LibraryPlace } from './libraries.js'
import { isThere, namesIn } from './system.js'

/** The newest first. */
const names = ['libcublasLt.so.13', 'libcublasLt.so.12']

export function findCublas(
  loader: readonly LibraryPlace[],
  env: NodeJS.ProcessEnv,
  { toolkits = '/usr/local', home = homedir() } = {},
): CudaLibrary | null {
  const asked = env.LENGTHEN_CUBLAS
  if (asked) return askedFor(asked)
  return findLibrary([...loader, toolkitPlace(env, toolkits), pipPlace(env, home)], names)
}

/** A file, or a folder that holds one; what is asked for is not looked up elsewhere. */
function askedFor(path: string): CudaLibrary | null {
  if (!isAbsolute(path) || !isThere(path)) return null
  if (statSync(path).isDirectory()) return findLibrary([{ by: 'LENGTHEN_CUBLAS', folders: [path] }], names)
  return /^libcublasLt\.so\.1[23]\b/.test(basename(path)) ? { file: path, foundBy: 'LENGTHEN_CUBLAS' } : null
}

function toolkitPlace({ CUDA_HOME, CUDA_PATH }: NodeJS.ProcessEnv, toolkits: string): LibraryPlace {
  const isToolkit = (name: string) => /^cuda(-1[23][\d.]*)?$/.test(name)
  const installed = namesIn(toolkits).filter(isToolkit).reverse() // the newest version first
  const roots = [CUDA_HOME, CUDA_PATH, ...installed.map((name) => join(toolkits, name))]
  const absolute = roots.filter((root): root is string => root !== undefined && isAbsolute(root))
  return {
    by: 'the CUDA toolkit',
    folders: absolute.flatMap((root) => ['lib64', 'lib', 'targets/x86_64-linux/lib'].map((name) => join(root, name))),
  }
}

/** nvidia-cublas lies in nvidia/cu13, nvidia-cublas-cu12 in nvidia/cublas. */
function pipPlace({ VIRTUAL_ENV, CONDA_PREFIX }: NodeJS.ProcessEnv, home: string): LibraryPlace {
  const roots = [VIRTUAL_ENV, CONDA_PREFIX, join(home, '.local'), '/usr/local', '/usr']
  const packages = roots
    .filter((root): root is string => root !== undefined && isAbsolute(root))
    .map((root) => join(root, 'lib'))
    .flatMap((lib) =>
      namesIn(lib)
        .filter((name) => /^python3/.test(name))
        .flatMap((name) => ['site-packages', 'dist-packages'].map((kind) => join(lib, name, kind))),
    )
  return {
    by: 'pip',
    folders: packages.flatMap((folder) => ['nvidia/cu13/lib', 'nvidia/cublas/lib'].map((name) => join(folder, name))),
  }
}
