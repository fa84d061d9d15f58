// How a run's tensors lie in the memory of a device: as they do on this machine's CPU, or as they would on several GPUs.

/** How the tensors of a run lie in the memory of its devices. */
export interface MemoryLayout {
  /** Bytes of a value of weights, activations and the cache: 4 for float32, 2 for bf16. */
  bytesPerValue: number
  /** Float32 copies that the optimizer steps on, where the weights themselves are bf16. */
  hasMasterWeights: boolean
  /** The CPU keeps weights a second and third time, in the order that its products read them. */
  hasPackedCopies: boolean
  /** Devices that divide sequences among them, and the moments and master weights. */
  numDevices: number
  /** Whether a checkpoint is copied on the device; false where the copy lies in the host's memory. */
  hasSnapshot: boolean
}

export const cpuLayout: MemoryLayout = {
  bytesPerValue: 4,
  hasMasterWeights: false,
  hasPackedCopies: true,
  numDevices: 1,
  hasSnapshot: true,
}

/** This version computes in float32 on every device. */
export const layoutOf = (device: string): MemoryLayout => ({ ...cpuLayout, hasPackedCopies: device === 'cpu' })

/** bf16 beside float32 master weights, gradients and moments; data parallel, the optimizer's state divided. */
export const gpuLayout = (numDevices: number): MemoryLayout => ({
  bytesPerValue: 2,
  hasMasterWeights: true,
  hasPackedCopies: false,
  numDevices,
  hasSnapshot: false,
})
