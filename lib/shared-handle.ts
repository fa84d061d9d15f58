// A native handle with several holders in TypeScript: wrappers and the tape. Counting here costs no call into the addon.
import { type NativeTensor, native, run } from './native.js'

export class SharedHandle {
  #numHolders = 1

  constructor(
    readonly native: NativeTensor,
    /** Whether other handles may look at the same storage. */
    private readonly isView = false,
  ) {}

  /** Whether the one who asks may write here without anyone else seeing it. */
  get isExclusive(): boolean {
    return this.#numHolders === 1 && !this.isView
  }

  retain(): SharedHandle {
    this.#numHolders++
    return this
  }

  release(): void {
    if (--this.#numHolders === 0) this.native.dispose()
  }

  /** The same values in a storage of their own. */
  copy(): SharedHandle {
    const target = native.empty(this.native.shape, this.native.dtype, this.native.device)
    run('copy', target, this.native)
    return new SharedHandle(target)
  }
}
