// Tensor: a shape and a dtype over native memory, and the place of the value in the graph of derivatives.

import { requireArrays, requireInstances, requireNumbers } from './arguments.js'
import { ArgumentError, UnsupportedError } from './errors.js'
import { type DType, type NativeTensor, native, run } from './native.js'
import { toLengthenError, typed } from './native-errors.js'
import { noteRead } from './reads.js'
import { record } from './record.js'
import { ScopeMember, track } from './scope.js'
import { SharedHandle } from './shared-handle.js'
import { addInPlace, type GradientSink, NodeOutput, requireNoProgram, runBackward } from './tape.js'
import { fromBytes, numElements, shapeText, type TensorData, type TypedArray, toTypedArray } from './tensor-data.js'
import { checkShape, checkTensorOptions, tensorOptionKeys } from './tensor-options.js'

/**
 * A shape and a dtype over native memory, and the place of the value in the graph of derivatives. Make one with tensor(),
 * zeros(), ones(), full() or an op.
 *
 * Ops are queued on the device and return at once; toArray() and item() wait for the values. Memory goes with dispose(),
 * `using` or the end of a {@link scope}; the garbage collector is the safety net. An op that fails when it runs makes its
 * results void: ops on them are skipped, and reading one rejects with the first failure. What needs the memory of a disposed
 * tensor throws an ArgumentError.
 */
export class Tensor extends ScopeMember {
  /**
   * ∂/∂this, of this tensor's shape: of a leaf that requires one, after backward(). It adds up over calls until it is disposed
   * of and set to null.
   */
  grad: Tensor | null = null
  /** For messages and checkpoints; modules set it. */
  name: string | undefined
  #handle: SharedHandle | null
  #shape: readonly number[] | null = null
  #dtype: DType | null = null
  #output: GradientSink | null = null
  #isLeafWithGradient = false

  /** Takes over the handle and leaves the tensor to no scope. Users call tensor(), zeros() and ops. */
  private constructor(handle: SharedHandle) {
    super()
    this.#handle = handle
  }

  /**
   * A tensor whose values are not set; the memory is taken by the first op that writes it.
   *
   * @throws {@link ArgumentError} for a shape with a negative or broken extent, or a gradient asked of what is not f32
   * @throws {@link UnsupportedError} for a device that this build does not have, or a gradient asked of bf16
   */
  static empty(shape: readonly number[], options: TensorOptions = {}): Tensor {
    checkShape('empty', shape)
    checkTensorOptions('empty', options, tensorOptionKeys)
    const { dtype = 'f32', device = 'cpu', requiresGrad = false } = options
    const result = Tensor.wrap(native.empty(shape, dtype, device))
    if (requiresGrad) result.requiresGrad = true
    return result
  }

  /** @internal A native handle as a tensor of the current scope. */
  static wrap(handle: NativeTensor | SharedHandle): Tensor {
    const result = new Tensor(handle instanceof SharedHandle ? handle : new SharedHandle(handle))
    track(result)
    return result
  }

  /** Extents, outermost first; [] of a scalar. Frozen. */
  get shape(): readonly number[] {
    this.#shape ??= Object.freeze(this.target.shape)
    return this.#shape
  }

  /** Of the elements. */
  get dtype(): DType {
    this.#dtype ??= this.target.dtype
    return this.#dtype
  }

  /** Where the memory is: 'cpu' or 'cuda:0', say. */
  get device(): string {
    return this.target.device
  }

  /** The product of the extents; 1 for a scalar. */
  get numElements(): number {
    return numElements(this.shape)
  }

  /** Whether backward() brings a gradient here, or through here to a leaf. */
  get requiresGrad(): boolean {
    return this.#isLeafWithGradient || this.#output !== null
  }

  /**
   * Asks for a gradient, or for none from the next op on; of leaves in f32.
   *
   * @throws {@link ArgumentError} on the result of a recorded op, or on i32 and u8
   * @throws {@link UnsupportedError} on bf16
   */
  set requiresGrad(value: boolean) {
    if (this.#output)
      throw new ArgumentError('[tensor] requiresGrad is set on leaves only, and this tensor is the result of an op')
    if (value) this.#checkCanRequireGrad()
    this.#isLeafWithGradient = value
  }

  /** Whether this is no result of a recorded op. */
  get isLeaf(): boolean {
    return this.#output === null
  }

  /** Whether dispose() was called, by a scope perhaps. */
  get isDisposed(): boolean {
    return this.#handle === null
  }

  /** @internal To read the values. */
  get handle(): SharedHandle {
    const handle = this.#liveHandle
    if (this.#output === null) noteRead(this, handle)
    return handle
  }

  /** @internal To read the values. */
  get native(): NativeTensor {
    return this.handle.native
  }

  /** @internal To write in place. */
  get target(): NativeTensor {
    return this.#liveHandle.native
  }

  /**
   * The values in row-major order, a copy, once the ops before have run: Float32Array for f32 and bf16, Int32Array for i32,
   * Uint8Array for u8. Rejects with the error of the first op that failed on the way here.
   */
  async toArray(): Promise<Float32Array | Int32Array | Uint8Array> {
    const { dtype } = this
    return fromBytes((await this.readBytes()).buffer, dtype)
  }

  /**
   * The bytes as they are in memory, whatever the dtype, once the ops before have run. Rejects with the error of the first op
   * that failed on the way here.
   */
  async readBytes(): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(await this.native.read())
    } catch (error) {
      throw toLengthenError(error)
    }
  }

  /**
   * The value of a tensor with one element, once the ops before have run. Rejects with the error of the first op that failed on
   * the way here.
   *
   * @throws {@link ArgumentError} for another number of elements
   */
  async item(): Promise<number> {
    if (this.numElements !== 1)
      throw new ArgumentError(`[item] expected a tensor with one element, got ${shapeText(this.shape)}`)
    return (await this.toArray())[0] as number
  }

  /**
   * Replaces the values, in queue order: ops called before see the old ones. data is copied at once and may be changed.
   *
   * @throws {@link ArgumentError} for the result of a recorded op, another number of values, or numbers that i32 or u8 does not hold
   */
  write(data: TensorData | TypedArray): this {
    this.#requireNoHistory()
    const { values, shape } = toTypedArray(data, this.dtype)
    if (values.length !== this.numElements) {
      throw new ArgumentError(
        `[write] expected ${this.numElements} values for ${shapeText(this.shape)}, got ${shapeText(shape)}`,
      )
    }
    typed(() => this.target.write(values))
    return this
  }

  /** @internal Replaces the values by raw bits, as a file holds them; of a bf16 tensor without a history. */
  writeBits(bits: Uint16Array): this {
    typed(() => this.target.write(bits))
    return this
  }

  /** @internal Replaces the values by what readBytes() gave of a tensor of as many bytes, in queue order; without a history. */
  writeBytes(bytes: Uint8Array): this {
    this.#requireNoHistory()
    typed(() => this.target.write(bytes))
    return this
  }

  /**
   * The same elements, in row-major order, under another shape; one extent may be -1. A view: it shares memory. The gradient is
   * reshaped back.
   *
   * @throws {@link ArgumentError} for a shape of another number of elements
   */
  reshape(shape: readonly number[]): Tensor {
    requireArrays('reshape', { shape })
    const before = this.shape
    const extents = inferExtent(shape, this)
    const view = typed(() => this.native.view(extents))
    return record(view, {
      name: 'reshape',
      inputs: [this],
      saved: [],
      isView: true,
      backward: (dy) => [dy.view(before)],
    })
  }

  /**
   * Rows [begin, end) of the first dimension. A view: it shares memory. The gradient of the other rows is 0.
   *
   * @throws {@link ArgumentError} for rows that are not there
   */
  slice(begin: number, end: number): Tensor {
    requireNumbers('slice', { begin, end })
    const { shape, dtype, device } = this
    const view = typed(() => this.native.slice(begin, end))
    return record(view, {
      name: 'slice',
      inputs: [this],
      saved: [],
      backward: (dy) => {
        const dx = native.empty(shape, dtype, device)
        run('fill', dx, 0)
        const rows = dx.slice(begin, end)
        run('copy', rows, dy)
        rows.dispose()
        return [dx]
      },
    })
  }

  /** The same memory without the history: no gradient goes through it. */
  detach(): Tensor {
    return Tensor.wrap(this.handle.retain())
  }

  /**
   * Adds the derivative of this tensor to `grad` of every leaf it was made from, and frees the graph. A tensor of more than one
   * element needs `gradient`, ∂/∂this, of its own shape; one element has 1 unless given. Ops run back newest first, so that the
   * order of additions, and their bits, are the same every time.
   *
   * @throws {@link ArgumentError} without a history, for a gradient of another shape or none where it is needed, where the graph was
   * freed by an earlier call, or where a tensor that backward needs was overwritten in place
   */
  backward(gradient?: Tensor): void {
    requireNoProgram()
    const { sink } = this
    if (!sink)
      throw new ArgumentError(
        '[backward] expected the result of ops on tensors that require a gradient, got a tensor without a history',
      )
    if (gradient !== undefined) requireInstances('backward', Tensor, { gradient })
    const seed = gradient ? this.#checkGradient(gradient) : this.#one()
    if (sink instanceof NodeOutput) runBackward([{ output: sink, gradient: seed }])
    else sink.addGradient(seed)
  }

  /** @internal Where gradients of this tensor go. */
  get sink(): GradientSink | null {
    return this.#output ?? (this.#isLeafWithGradient ? this : null)
  }

  /** @internal Null, since a tensor takes gradients itself only as a leaf. */
  get producer(): null {
    return null
  }

  /** @internal */
  addGradient(gradient: SharedHandle): void {
    if (this.grad) {
      addInPlace(this.grad.handle, gradient)
    } else if (gradient.isExclusive && !this.isDisposed) {
      this.grad = new Tensor(gradient)
    } else {
      if (!this.isDisposed) this.grad = new Tensor(gradient.copy())
      gradient.release()
    }
  }

  /** @internal Makes this the result of a recorded op, or of another that takes its gradients. */
  attach(output: GradientSink): this {
    this.#output = output
    output.producer?.retain()
    return this
  }

  /** @internal A disposed tensor without a history lives again, until it is disposed again. The handle is taken over. */
  revive(handle: SharedHandle): void {
    this.#handle = handle
  }

  /** Lets the memory go as soon as no queued op and no graph needs it. `grad` goes too. Safe to call again. */
  dispose(): void {
    const handle = this.#handle
    if (!handle) return
    this.#handle = null
    handle.release()
    this.grad?.dispose()
    this.grad = null
    this.#output?.producer?.release()
    this.#output = null
  }

  /** As dispose(), at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  get #liveHandle(): SharedHandle {
    if (this.#handle) return this.#handle
    throw new ArgumentError(`[tensor] expected a live tensor, got a disposed one${this.name ? `, ${this.name}` : ''}`)
  }

  #requireNoHistory(): void {
    if (this.#output)
      throw new ArgumentError('[write] expected a tensor without a history, got the result of a recorded op')
  }

  #checkCanRequireGrad(): void {
    const { dtype } = this
    if (dtype === 'f32') return
    const message = `[tensor] expected f32 where a gradient is required, got ${dtype}`
    throw dtype === 'bf16'
      ? new UnsupportedError(`${message}: this version trains in f32 only`)
      : new ArgumentError(message)
  }

  #checkGradient(gradient: Tensor): SharedHandle {
    if (shapeText(gradient.shape) !== shapeText(this.shape)) {
      throw new ArgumentError(
        `[backward] expected shape ${shapeText(this.shape)} for gradient, got ${shapeText(gradient.shape)}`,
      )
    }
    return gradient.handle.retain()
  }

  #one(): SharedHandle {
    if (this.numElements !== 1) {
      throw new ArgumentError(
        `[backward] expected a gradient for a tensor of shape ${shapeText(this.shape)}: only one element has gradient 1 by default`,
      )
    }
    const one = native.empty(this.shape, this.dtype, this.device)
    run('fill', one, 1)
    return new SharedHandle(one)
  }
}

/** What a new tensor is. */
export interface TensorOptions {
  /** Default f32. */
  dtype?: DType | undefined
  /** Default 'cpu'. */
  device?: string | undefined
  /** Whether backward() is to bring it a gradient; for f32 only. Default false. */
  requiresGrad?: boolean | undefined
}

function inferExtent(shape: readonly number[], of: Tensor): readonly number[] {
  const unknown = shape.indexOf(-1)
  if (unknown < 0) return shape
  const known = numElements(shape.toSpliced(unknown, 1))
  const extent = known > 0 ? of.numElements / known : Number.NaN
  if (!Number.isInteger(extent))
    throw new ArgumentError(
      `[reshape] expected a shape of ${of.numElements} elements for ${shapeText(of.shape)}, got ${shapeText(shape)}`,
    )
  return shape.with(unknown, extent)
}
