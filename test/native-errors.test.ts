import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  DeviceError,
  device,
  LengthenError,
  OutOfMemoryError,
  ops,
  Tensor,
  tensor,
  UnsupportedError,
} from '../lib/index.js'
import { toLengthenError } from '../lib/native-errors.js'

const thrownBy = (fn: () => unknown): unknown => {
  try {
    fn()
  } catch (error) {
    return error
  }
  return undefined
}
const token = (value: number) => tensor([value], { dtype: 'i32' })

describe('errors of the native engine are instances of the exported classes', () => {
  test.each<[string, () => unknown]>([
    ['an op', () => ops.add(tensor([1, 2]), tensor([1, 2, 3]))],
    ['an op with several results', () => ops.rmsNorm(tensor([[1, 2]]), tensor([1]))],
    ['an op in place', () => ops.fill(Tensor.empty([1]), 'one' as never)],
    ['a new tensor', () => Tensor.empty([-1])],
    ['values on an unknown device', () => tensor([1], { device: 'tpu' })],
    ['a view', () => tensor([1, 2]).reshape([3])],
    ['a slice', () => tensor([1, 2]).slice(1, 3)],
    ['a recording', () => device.record(() => {}, { device: 'tpu' })],
    ['a replay of what was disposed', () => disposedProgram().replay()],
    ['a number of threads', () => device.setNumThreads(0)],
    ['an instruction set', () => device.setTarget('mmx' as 'plain')],
    ['a budget', () => device.setMemoryBudget(-1)],
    ['memory of an unknown device', () => device.memoryStats({ device: 'tpu' })],
  ])('ArgumentError: %s', (_, fn) => {
    const error = thrownBy(fn)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error).toMatchObject({ code: 'ArgumentError', name: 'ArgumentError', message: expect.stringMatching(/\S/) })
  })

  test('ArgumentError: an op that fails on the device, with its name', async () => {
    const row = ops.embedding(tensor([[1], [2]]), token(5))
    const error = await row.toArray().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error).toMatchObject({ op: 'embedding', message: expect.stringContaining('[embedding]') })
  })

  test('ArgumentError: a read in a recording', async () => {
    const x = tensor([1])
    let read: Promise<unknown> | undefined
    device.record(() => {
      read = x.toArray()
    })
    await expect(read).rejects.toBeInstanceOf(ArgumentError)
  })

  test('UnsupportedError: a device that this build lacks', () => {
    expect(thrownBy(() => tensor([1], { device: 'cuda:9' }))).toBeInstanceOf(UnsupportedError)
  })

  test('OutOfMemoryError: an op beyond the budget', async () => {
    const { usedBytes, budgetBytes } = device.memoryStats()
    device.trim()
    device.setMemoryBudget(usedBytes + 1e6)
    try {
      const error = await ops
        .add(tensor(new Float32Array(1e6)), 1)
        .toArray()
        .catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(OutOfMemoryError)
      expect((error as OutOfMemoryError).askedBytes).toBeGreaterThanOrEqual(4e6)
      expect((error as OutOfMemoryError).freeBytes).toBeLessThanOrEqual(1e6)
    } finally {
      device.setMemoryBudget(budgetBytes)
    }
  })
})

test('every property comes along, and what is not of the engine stays what it is', () => {
  const native = (properties: object) => toLengthenError(Object.assign(new Error('what'), properties))
  expect(native({ code: 'DeviceError', op: 'add' })).toBeInstanceOf(DeviceError)
  expect(native({ code: 'DeviceError', op: 'add' })).toMatchObject({ message: 'what', op: 'add' })
  const memory = { code: 'OutOfMemoryError', askedBytes: 8, freeBytes: 3 }
  expect(native(memory)).toBeInstanceOf(OutOfMemoryError)
  expect(native(memory)).toMatchObject({ message: 'what', ...memory })
  const others = [new TypeError('a'), Object.assign(new Error('b'), { code: 'ENOENT' }), 'c', new LengthenError('d')]
  for (const thrown of others) expect(toLengthenError(thrown)).toBe(thrown)
})

function disposedProgram(): device.Program<void> {
  const program = device.record(() => {})
  program.dispose()
  return program
}
