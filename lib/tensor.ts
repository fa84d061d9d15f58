// Tensor: a shape and a dtype over native memory, and the place of the value in the graph of derivatives.
import { ArgumentError, UnsupportedError } from './errors.js'
import { type DType, type NativeTensor, native, run } from './native.js'
import { toLengthenError, typed } from './native-errors.js'
import { noteRead } from './reads.js'
import { record } from './record.js'
import { ScopeMember, track } from './scope.js'
import { SharedHandle } from './shared-handle.js'
import { addInPlace, type GradientSink, NodeOutput, requireNoProgram, runBackward } from './tape.js'
import { fromBytes, numElements, shapeText, type TensorData, type TypedArray, toTypedArray } from './tensor-data.js'

export class Tensor extends ScopeMember {
  /** Of a leaf that requires one, after backward(). */
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

  /** A tensor whose values are not set; the memory is taken by the first op that writes it. */
  static empty(
    shape: readonly number[],
    { dtype = 'f32', device = 'cpu', requiresGrad = false }: TensorOptions = {},
  ): Tensor {
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

  get shape(): readonly number[] {
    this.#shape ??= Object.freeze(this.target.shape)
    return this.#shape
  }

  get dtype(): DType {
    this.#dtype ??= this.target.dtype
    return this.#dtype
  }

  get device(): string {
    return this.target.device
  }

  get numElements(): number {
    return numElements(this.shape)
  }

  /** Whether backward() brings a gradient here, or through here to a leaf. */
  get requiresGrad(): boolean {
    return this.#isLeafWithGradient || this.#output !== null
  }

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

  /** The values, once the ops before have run: Float32Array for f32 and bf16, Int32Array for i32, Uint8Array for u8. */
  async toArray(): Promise<Float32Array | Int32Array | Uint8Array> {
    const { dtype } = this
    return fromBytes((await this.readBytes()).buffer, dtype)
  }

  /** The bytes as they are in memory, whatever the dtype, once the ops before have run. */
  async readBytes(): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(await this.native.read())
    } catch (error) {
      throw toLengthenError(error)
    }
  }

  /** The value of a tensor with one element. */
  async item(): Promise<number> {
    if (this.numElements !== 1)
      throw new ArgumentError(`[item] expected a tensor with one element, got ${shapeText(this.shape)}`)
    return (await this.toArray())[0] as number
  }

  /** Replaces the values, in queue order. */
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

  /** The same elements, in order, under another shape; one extent may be -1. A view: it shares memory. */
  reshape(shape: readonly number[]): Tensor {
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

  /** Rows [begin, end) of the first dimension. A view: it shares memory. */
  slice(begin: number, end: number): Tensor {
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

  /** The same memory without the history. */
  detach(): Tensor {
    return Tensor.wrap(this.handle.retain())
  }

  /**
   * Adds the derivative of this tensor to `grad` of every leaf it was made from, and frees the graph. A tensor of more
   * than one element needs `gradient`, of its own shape.
   */
  backward(gradient?: Tensor): void {
    requireNoProgram()
    const { sink } = this
    if (!sink)
      throw new ArgumentError(
        '[backward] expected the result of ops on tensors that require a gradient, got a tensor without a history',
      )
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

export interface TensorOptions {
  dtype?: DType | undefined
  device?: string | undefined
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
