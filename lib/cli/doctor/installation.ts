// How lengthen came to be here: a clone of the sources, or a package that a package manager put there.
import { readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { packageFolder } from '../../package-folder.js'
import { packageVersion } from '../../version.js'
import { isThere } from './system.js'

export interface Installation {
  version: string
  /** What package.json asks for. */
  nodeNeeded: string
  folder: string
  kind: 'clone' | 'package'
  /** A package for the whole machine, not for one project. */
  isGlobal: boolean
  /** Goes by the lock file beside node_modules. */
  packageManager: PackageManager
  /** Where the sources are; null where package.json does not say. */
  repository: string | null
}

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

export function installationAt(folder = packageFolder): Installation {
  const { engines, repository } = manifestIn(folder)
  const project = folder.split(`${sep}node_modules${sep}`)[0] as string
  return {
    version: packageVersion,
    nodeNeeded: engines.node,
    folder,
    kind: isThere(join(folder, 'tsconfig.json')) ? 'clone' : 'package', // which no package holds
    isGlobal: project !== folder && !isThere(join(project, 'package.json')),
    packageManager: managerOf(project),
    repository: repository?.url?.replace(/^git\+/, '') ?? null,
  }
}

interface Manifest {
  engines: { node: string }
  repository?: { url?: string }
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

const lockFiles = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
] as const

const managerOf = (project: string): PackageManager =>
  lockFiles.find(([file]) => isThere(join(project, file)))?.[1] ?? 'npm'
