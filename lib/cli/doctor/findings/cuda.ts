// CUDA is never a must: without a GPU there is nothing to mend, with one each thing that it still lacks is a note.
import { cudaPackage, isCudaPublished } from '../../../native-file.js'
import { bytes } from '../../format.js'
import { addCudaPackage, cublas, nvidiaDriver as driverCommand, unset } from '../commands.js'
import type { Cuda, Gpu } from '../cuda.js'
import type { Examination } from '../examination.js'
import { compareVersions } from '../versions.js'
import { note, ok, problem, type Verdict } from './finding.js'

/** CUDA 13, which the kernels are built with, runs on these and newer. */
const leastDriver = '580'
/** Major numbers of the compute capabilities that kernels are built for. */
const architectures = [8, 9, 10, 12]

const hasGpu = ({ gpus, numGpusOnBus, driverVersion }: Cuda): boolean =>
  gpus.length > 0 || (numGpusOnBus ?? 0) > 0 || driverVersion !== null

export function nvidiaDriver({ cuda, machine, tools }: Examination): Verdict {
  const { driverVersion, driverLibrary, hasDeviceFiles } = cuda
  if (driverVersion === null) {
    if (!hasGpu(cuda)) return ok('none, and no NVIDIA GPU: the CPU is used')
    return note('an NVIDIA GPU, but no driver: the CPU is used', driverCommand(tools, machine.isContainer))
  }
  if (!hasDeviceFiles || driverLibrary === null) {
    const lacking = hasDeviceFiles ? 'libcuda.so.1' : 'its device files'
    const fix = machine.isContainer ? driverCommand(tools, true) : 'nvidia-modprobe -u -c 0'
    return note(`driver ${driverVersion}, without ${lacking}: the CPU is used`, fix)
  }
  if (compareVersions(driverVersion, leastDriver) < 0)
    return note(
      `driver ${driverVersion} is older than ${leastDriver}, which CUDA 13 needs`,
      driverCommand(tools, machine.isContainer),
    )
  return ok(`driver ${driverVersion}`)
}

export function gpu({ cuda }: Examination): Verdict | undefined {
  if (cuda.gpus.length === 0) return undefined
  const text = cuda.gpus.map(gpuText).join('; ')
  const isKnown = ({ computeCapability }: Gpu) =>
    computeCapability === null || architectures.includes(Number.parseInt(computeCapability, 10))
  if (cuda.gpus.some(isKnown)) return ok(text)
  return note(`${text}: kernels are for compute capability 8.x, 9.0, 10.x and 12.x; the CPU is used`)
}

export const gpuText = ({ name, memoryBytes, computeCapability }: Gpu): string =>
  [
    name,
    memoryBytes === null ? 'memory unknown' : bytes(memoryBytes),
    `compute capability ${computeCapability ?? 'unknown'}`,
  ].join(', ')

export function cublasLibrary({ cuda, environment, tools }: Examination): Verdict | undefined {
  const asked = environment.find(({ name }) => name === 'LENGTHEN_CUBLAS')
  if (cuda.cublas !== null) return hasGpu(cuda) ? ok(`${cuda.cublas.file}, by ${cuda.cublas.foundBy}`) : undefined
  if (asked)
    return problem(
      `expected the absolute path of libcublasLt.so.13 or .12, or of its folder, for LENGTHEN_CUBLAS, got ${asked.value}`,
      unset('LENGTHEN_CUBLAS'),
    )
  return hasGpu(cuda) ? note('a GPU, but no libcublasLt.so.13 or .12', cublas(tools)) : undefined
}

export function cudaKernels({ cuda, installation, engine, machine }: Examination): Verdict | undefined {
  const { version } = installation
  if (cuda.package !== null && cuda.package.version !== version)
    return problem(
      `${cudaPackage} ${cuda.package.version} is not of lengthen ${version}: both must be of one version`,
      addCudaPackage(installation),
    )
  if (cuda.package !== null) return ok(`${cudaPackage} ${version}`)
  if (!hasGpu(cuda) || engine?.cuda.isBuilt) return undefined
  if (machine.platform !== 'linux-x64')
    return note(`a GPU, but CUDA kernels are for linux-x64; this is ${machine.platform}`)
  const lacking = `a GPU, but not the package ${cudaPackage} with its kernels`
  const notYet = `${lacking}, which is not published yet: the CPU is used, and the command is for when it is`
  return note(isCudaPublished ? lacking : notYet, addCudaPackage(installation))
}

/** Says what is wrong where kernels are there and do not run. */
export function cuda({ engine }: Examination): Verdict | undefined {
  if (engine === null || !engine.cuda.isBuilt) return undefined
  return engine.cuda.isUsable
    ? ok(engine.cuda.why)
    : note(`kernels for CUDA are there and do not run: ${engine.cuda.why}`)
}
