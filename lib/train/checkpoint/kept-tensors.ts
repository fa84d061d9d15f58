// The tensors of a run: what a checkpoint holds of them, and how they get back.
import { FileFormatError } from '../../errors.js'
import type { Decoder } from '../../models/decoder.js'
import { weightsOf } from '../../models/load.js'
import { adapterTensors } from '../../models/lora/apply.js'
import type { AdamW } from '../../optim/adamw.js'
import type { Tensor } from '../../tensor.js'
import { hasShape, shapeText } from '../../tensor-data.js'
import type { PolicyReference } from '../policy-reference.js'
import type { LoadedCheckpoint, StoredTensor } from './content.js'

export interface KeptParts {
  model: Decoder
  optimizer: AdamW
  reference: PolicyReference | undefined
}

/** By the name of a safetensors file. Of a model with adapters, its base is not among them: it does not change. */
export function keptTensors({ model, optimizer, reference }: KeptParts): Record<string, ReadonlyMap<string, Tensor>> {
  return {
    ...(model.lora === null ? { model: weightsOf(model) } : { adapter: adapterTensors(model) }),
    optimizer: optimizer.stateTensors(),
    ...(reference && { reference: reference.tensors() }),
  }
}

/** Puts the values of a checkpoint into the tensors that are there. */
export async function restoreTensors(
  checkpoint: LoadedCheckpoint,
  { model, optimizer, reference }: KeptParts,
  { numOptimizerSteps }: { numOptimizerSteps: number },
): Promise<void> {
  if (model.lora === null) write(weightsOf(model), await read(checkpoint, 'model'), checkpoint)
  else write(adapterTensors(model), await read(checkpoint, 'adapter'), checkpoint)
  if (reference) write(reference.tensors(), await read(checkpoint, 'reference'), checkpoint)
  optimizer.restore({ numSteps: numOptimizerSteps, tensors: await read(checkpoint, 'optimizer') })
}

async function read(checkpoint: LoadedCheckpoint, name: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const tensors = await checkpoint.tensors(name)
  if (tensors) return tensors
  throw new FileFormatError({ file: checkpoint.folder }, `expected a file ${name}.safetensors, found none`)
}

function write(
  into: ReadonlyMap<string, Tensor>,
  stored: ReadonlyMap<string, StoredTensor>,
  { folder: file }: LoadedCheckpoint,
): void {
  for (const name of new Set([...into.keys(), ...stored.keys()])) {
    const [tensor, found] = [into.get(name), stored.get(name)]
    const place = `tensor ${JSON.stringify(name)}`
    if (!tensor) throw new FileFormatError({ file, place }, 'the run has no place for it')
    const expected = `${tensor.dtype} of shape ${shapeText(tensor.shape)}`
    if (!found) throw new FileFormatError({ file, place }, `expected ${expected}, found none`)
    if (found.dtype !== tensor.dtype || !hasShape(found.shape, tensor.shape))
      throw new FileFormatError(
        { file, place },
        `expected ${expected}, got ${found.dtype} of ${shapeText(found.shape)}`,
      )
    tensor.writeBytes(found.bytes)
  }
}
