// Which file is the addon on this platform: lengthen's own, or that of the CUDA package where it is installed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ArgumentError, UnsupportedError } from './errors.js'
import { packageVersion } from './version.js'

/** Holds a whole addon, CPU and CUDA kernels; nobody gets it unasked. */
export const cudaPackage = 'lengthen-cuda-linux-x64'

/** Until it is, advice to install it says that there is nothing to install. */
export const isCudaPublished: boolean = false

const platformName = `${process.platform}-${process.arch}`

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The CUDA package's addon where it is installed beside `packageFolder`, else undefined. LENGTHEN_ADDON=cpu passes it over,
 * LENGTHEN_ADDON=cuda insists on it; a folder in LENGTHEN_PREBUILD comes before one that merely is there.
 */
export function cudaAddonFile(packageFolder: string, env: Environment = process.env): string | undefined {
  const asked = env.LENGTHEN_ADDON || undefined
  if (asked !== undefined && asked !== 'cpu' && asked !== 'cuda')
    throw new ArgumentError(`[addon] expected cpu or cuda for LENGTHEN_ADDON, got ${asked}`)
  if (asked === 'cpu' || (asked === undefined && env.LENGTHEN_PREBUILD)) return undefined
  const manifestFile = resolved(`${cudaPackage}/package.json`, packageFolder)
  if (manifestFile !== undefined) return addonOf(manifestFile)
  if (asked === 'cuda') throw new UnsupportedError(`[addon] LENGTHEN_ADDON=cuda needs ${howToGetCuda()}`)
  return undefined
}

/** The rest of a sentence that ends in what is needed for CUDA. */
export function howToGetCuda(platform = platformName): string {
  if (platform !== 'linux-x64') return `Linux on x86-64 with an NVIDIA GPU; this is ${platform}`
  const command = `npm install ${cudaPackage}@${packageVersion}`
  if (isCudaPublished) return `the package ${cudaPackage} of this version: ${command}`
  return `the package ${cudaPackage}, which is not published yet; once it is, ${command}`
}

// Both sides of Node-API must be of one version: the table of ops is an agreement between them.
function addonOf(manifestFile: string): string {
  const { version, main } = JSON.parse(readFileSync(manifestFile, 'utf8')) as { version: string; main: string }
  const folder = path.dirname(manifestFile)
  if (version === packageVersion) return path.join(folder, main)
  const mend = `npm install ${cudaPackage}@${packageVersion}, or LENGTHEN_ADDON=cpu to do without`
  throw new UnsupportedError(
    `[addon] expected ${cudaPackage} ${packageVersion} beside lengthen ${packageVersion}, got ${version} in ${folder}: ${mend}`,
  )
}

function resolved(name: string, packageFolder: string): string | undefined {
  try {
    return createRequire(path.join(packageFolder, 'package.json')).resolve(name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Where the addon is to run. The libc is of Linux alone. */
export interface Platform {
  /** As prebuilds/ names it: linux-x64. */
  name: string
  libc: 'glibc' | 'musl' | undefined
  glibcVersion: string | undefined
}

export function thisPlatform(): Platform {
  const name = platformName
  if (process.platform !== 'linux') return { name, libc: undefined, glibcVersion: undefined }
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  const glibcVersion = header.glibcVersionRuntime
  return { name, libc: glibcVersion === undefined ? 'musl' : 'glibc', glibcVersion }
}
