// Tensors that only take their memory, in place of those that a run will have.
import { zeros } from '../../create.js'
import type { Tensor } from '../../tensor.js'

export class Placeholders implements Disposable {
  readonly #held: Tensor[] = []

  /** Takes tensors over. */
  hold(tensors: Iterable<Tensor>): void {
    this.#held.push(...tensors)
  }

  /** One more of each. */
  holdLike(tensors: Iterable<Tensor>): void {
    for (const { shape, dtype, device } of tensors) this.hold([zeros(shape, { dtype, device })])
  }

  /** Once all have their memory; rejects with the OutOfMemoryError of one that got none. */
  async ready(): Promise<void> {
    for (const tensor of this.#held) await firstByte(tensor)
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#held) tensor.dispose()
    this.#held.length = 0
  }
}

/** Reading tells of a failed allocation; one element is enough. */
async function firstByte(tensor: Tensor): Promise<void> {
  if (tensor.numElements === 0) return
  using flat = tensor.reshape([tensor.numElements])
  using first = flat.slice(0, 1)
  await first.readBytes()
}
