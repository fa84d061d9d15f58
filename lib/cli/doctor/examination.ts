// All that the doctor finds out.
import { cudaAddonFile } from '../../native-file.js'
import { type AddonFile, addonFilesIn, readAddonFile } from './addon-file.js'
import { type Cuda, cudaHere } from './cuda.js'
import { type Engine, type EngineProblem, reportEngine } from './engine.js'
import { ourVariables, type Variable } from './environment.js'
import { type Installation, installationAt } from './installation.js'
import { type Machine, thisMachine } from './machine.js'
import { type Permission, permissionsWithheld } from './permissions.js'
import type { Rates } from './rates.js'
import { type Tools, toolsHere } from './tools.js'

export interface Examination {
  installation: Installation
  machine: Machine
  /** null where the addon does not load or cannot do what the environment asks; then engineProblem says why. */
  engine: Engine | null
  engineProblem: EngineProblem | null
  /** Files that could be the addon, where it does not load. */
  addonFiles: AddonFile[]
  /** null where nothing was measured. */
  rates: Rates | null
  ratesProblem: string | null
  cuda: Cuda
  environment: Variable[]
  /** Flags of node --permission without which the doctor could not ask all that it asks. */
  permissionsWithheld: Permission[]
  tools: Tools
}

/** Measures for about so many seconds; not at all for 0. */
export async function examine({ seconds }: { seconds: number }): Promise<Examination> {
  const installation = installationAt()
  const machine = thisMachine()
  const { engine, engineProblem } = await reportEngine(machine)
  const isMissing = engineProblem?.about === 'addon'
  const cuda = await cudaHere(installation.folder)
  const tools = await toolsHere({ mayBuild: isMissing || engine?.addon.newerSource != null })
  const isMeasured = engine !== null && seconds > 0
  return {
    ...{ installation, machine, engine, engineProblem, cuda, tools },
    addonFiles: isMissing ? candidates(installation.folder, machine.platform) : [],
    ...(isMeasured ? await rates(seconds, machine.freeMemoryBytes) : { rates: null, ratesProblem: null }),
    environment: ourVariables(process.env),
    permissionsWithheld: permissionsWithheld(),
  }
}

/** What could be the addon, in the order in which it is tried. */
function candidates(folder: string, platform: string): AddonFile[] {
  const own = addonFilesIn(process.env.LENGTHEN_PREBUILD || folder, platform)
  try {
    const file = cudaAddonFile(folder)
    return file === undefined ? own : [readAddonFile(file), ...own]
  } catch {
    return [] // the environment or the CUDA package's version is in the way of any file, as the engine's problem says
  }
}

async function rates(seconds: number, freeBytes: number): Promise<Pick<Examination, 'rates' | 'ratesProblem'>> {
  const { measureRates } = await import('./rates.js') // loads the addon
  try {
    return { rates: await measureRates({ seconds, freeBytes }), ratesProblem: null }
  } catch (error) {
    return { rates: null, ratesProblem: error instanceof Error ? error.message : String(error) }
  }
}
