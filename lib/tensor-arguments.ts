// Tensors among an op's arguments, checked at its door.
import { requireEach } from './arguments.js'
import { Tensor } from './tensor.js'

type Named = Readonly<Record<string, unknown>>

/** Throws unless each is a tensor; the optional ones may be null or undefined. */
export function requireTensors(op: string, needed: Named, optional?: Named): void {
  requireEach(op, 'a tensor', needed, isTensor)
  if (optional) requireEach(op, 'a tensor or nothing', optional, (value) => value == null || isTensor(value))
}

const isTensor = (value: unknown): boolean => value instanceof Tensor
