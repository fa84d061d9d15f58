// What there is to mend things with: the system's package manager, a manager of Node versions, Python, a compiler.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageFolder } from '../../package-folder.js'
import { permissionsWithheld } from './permissions.js'
import { firstText, isThere, programOnPath } from './system.js'

export interface Tools {
  isRoot: boolean
  /** As /etc/os-release calls the distribution; null where there is no such file. */
  system: string | null
  nodeManager: 'nvm' | 'fnm' | 'volta' | 'brew' | null
  hasPython: boolean
  isInVirtualEnv: boolean
  /** Installs what building needs and is not there; null where nothing is missing or no package manager is known. */
  installBuildTools: string | null
}

export async function toolsHere({ mayBuild, env = process.env }: { mayBuild: boolean; env?: NodeJS.ProcessEnv }) {
  const isRoot = process.getuid?.() === 0
  const tools: Tools = {
    isRoot,
    system: systemId(firstText('/etc/os-release')),
    nodeManager: nodeManager(env),
    hasPython: programOnPath('python3', env.PATH) !== undefined,
    isInVirtualEnv: Boolean(env.VIRTUAL_ENV),
    installBuildTools: mayBuild ? await installBuildTools(isRoot) : null,
  }
  return tools
}

export const systemId = (osRelease: string): string | null => /^ID="?([\w.-]+)/m.exec(osRelease)?.[1] ?? null

function nodeManager(env: NodeJS.ProcessEnv): Tools['nodeManager'] {
  if (env.NVM_DIR) return 'nvm'
  if (env.FNM_DIR) return 'fnm'
  if (env.VOLTA_HOME) return 'volta'
  return programOnPath('brew', env.PATH) === undefined ? null : 'brew'
}

/** As scripts/setup.mjs finds it, by asking programs; a package need not hold that. */
async function installBuildTools(isRoot: boolean): Promise<string | null> {
  if (permissionsWithheld().includes('--allow-child-process')) return null
  const folder = join(packageFolder, 'scripts/setup')
  if (!isThere(join(folder, 'tools.mjs'))) return null
  const script = (name: string) => import(pathToFileURL(join(folder, name)).href)
  const { probeTools, hasCommand } = (await script('probe.mjs')) as SetupProbe
  const { missingTools, installCommand } = (await script('tools.mjs')) as SetupTools
  const missing = missingTools(probeTools(), false)
  return missing.length === 0 ? null : (installCommand(missing, hasCommand, isRoot) ?? null)
}

interface SetupProbe {
  probeTools(): unknown
  hasCommand(name: string): boolean
}

interface SetupTools {
  missingTools(probes: unknown, isForTests: boolean): string[]
  installCommand(missing: string[], hasCommand: (name: string) => boolean, isRoot: boolean): string | undefined
}
