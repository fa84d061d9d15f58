// What there is for CUDA, by what can be read without it: the driver, the GPUs, cuBLAS, the package of kernels.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cudaPackage } from '../../native-file.js'
import { findCublas } from './cublas.js'
import { type CudaLibrary, findLibrary, type LibraryPlace, loaderCache, loaderPlaces } from './libraries.js'
import { firstText, isThere, namesIn, outputOf, programOnPath } from './system.js'

export interface Cuda {
  /** Of the kernel module, else as nvidia-smi says; null where there is none. */
  driverVersion: string | null
  /** libcuda.so.1, the driver's part in programs. */
  driverLibrary: string | null
  /** NVIDIA's on the PCI bus, driver or not; null where the system does not say. */
  numGpusOnBus: number | null
  /** Whether programs are let to the devices: /dev/nvidiactl, or /dev/dxg of WSL. */
  hasDeviceFiles: boolean
  gpus: Gpu[]
  cublas: CudaLibrary | null
  package: { version: string; folder: string } | null
}

export interface Gpu {
  name: string
  /** These two as nvidia-smi says; null without it. */
  memoryBytes: number | null
  computeCapability: string | null
}

export async function cudaHere(packageFolder: string, env: NodeJS.ProcessEnv = process.env): Promise<Cuda> {
  const smi = await askNvidiaSmi(env)
  const loader: LibraryPlace[] = loaderPlaces(env, await loaderCache())
  return {
    driverVersion: driverVersion(firstText('/proc/driver/nvidia/version')) ?? smi.driverVersion,
    driverLibrary: findLibrary(loader, ['libcuda.so.1'])?.file ?? null,
    numGpusOnBus: numGpusOnBus(),
    hasDeviceFiles: isThere('/dev/nvidiactl') || isThere('/dev/dxg'),
    gpus: smi.gpus.length > 0 ? smi.gpus : gpusOfDriver(),
    cublas: findCublas(loader, env),
    package: installedPackage(packageFolder),
  }
}

/** From /proc/driver/nvidia/version. */
export const driverVersion = (text: string): string | null =>
  /^NVRM version:.*?(\d+\.\d[\d.]*)/m.exec(text)?.[1] ?? null

const nothing: { driverVersion: string | null; gpus: Gpu[] } = { driverVersion: null, gpus: [] }

async function askNvidiaSmi(env: NodeJS.ProcessEnv): Promise<typeof nothing> {
  const smi = programOnPath('nvidia-smi', env.PATH)
  if (smi === undefined) return nothing
  const ask = (fields: string) => outputOf(smi, [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'])
  const fields = 'driver_version,memory.total,name'
  // An old one does not know the compute capability, and then says nothing at all.
  return parseNvidiaSmi((await ask(`${fields},compute_cap`)) ?? (await ask(fields)) ?? '')
}

/** Lines of driver version, MiB, name and, of newer ones, compute capability. */
export function parseNvidiaSmi(text: string): typeof nothing {
  const rows = text
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter(([version = '', ...rest]) => rest.length >= 2 && /^\d+\.[\d.]+$/.test(version)) // not a message with commas
  const gpus = rows.map(([, mebibytes, name = '', capability]) => ({
    name,
    memoryBytes: Number(mebibytes) > 0 ? Number(mebibytes) * 2 ** 20 : null, // [N/A] where it is the host's
    computeCapability: /^\d+\.\d+$/.test(capability ?? '') ? (capability as string) : null,
  }))
  return { driverVersion: rows[0]?.[0] || null, gpus }
}

function gpusOfDriver(): Gpu[] {
  const folder = '/proc/driver/nvidia/gpus'
  return namesIn(folder).map((name) => ({
    name: /^Model:\s*(.+)$/m.exec(firstText(join(folder, name, 'information')))?.[1]?.trim() ?? 'unknown',
    memoryBytes: null,
    computeCapability: null,
  }))
}

/** Vendor 0x10de; class 03…: display controllers. */
function numGpusOnBus(): number | null {
  const folder = '/sys/bus/pci/devices'
  if (!isThere(folder)) return null
  const read = (device: string, file: string) => firstText(join(folder, device, file)).trim()
  const isGpu = (device: string) => read(device, 'vendor') === '0x10de' && read(device, 'class').startsWith('0x03')
  return namesIn(folder).filter(isGpu).length
}

function installedPackage(packageFolder: string): Cuda['package'] {
  try {
    const manifest = createRequire(join(packageFolder, 'package.json')).resolve(`${cudaPackage}/package.json`)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return { version, folder: dirname(manifest) }
  } catch {
    return null // not installed, or nothing that could be loaded
  }
}
