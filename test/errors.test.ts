import { expect, test } from 'vitest'
import {
  ArgumentError,
  DeviceError,
  FileFormatError,
  messageOf,
  OutOfMemoryError,
  RecipeError,
  UnsupportedError,
} from '../lib/errors.js'

test('every error carries the name of its class as its code', () => {
  for (const Class of [ArgumentError, UnsupportedError, DeviceError]) {
    const error = new Class('what')
    expect(error).toMatchObject({ code: Class.name, name: Class.name, message: 'what' })
    expect(error).toBeInstanceOf(Error)
  }
})

test('an out-of-memory error tells the bytes asked and free', () => {
  expect(new OutOfMemoryError('full', { asked: 10, free: 3 })).toMatchObject({
    code: 'OutOfMemoryError',
    askedBytes: 10,
    freeBytes: 3,
  })
})

test('a file error names file and place, and keeps its cause', () => {
  const cause = new SyntaxError('bad')
  const error = new FileFormatError({ file: 'a.safetensors', place: 'tensor "w"' }, 'unknown dtype', { cause })
  expect(error.message).toBe('a.safetensors, tensor "w": unknown dtype')
  expect(error.cause).toBe(cause)
  expect(new FileFormatError({ file: 'a.json', place: '' }, 'expected an object').message).toBe(
    'a.json: expected an object',
  )
})

test('a recipe error reads file:line:column as editors do', () => {
  const error = new RecipeError({ file: 'r.yaml', line: 3, column: 5, key: 'rollout.topK' }, 'unknown key')
  expect(error.message).toBe('r.yaml:3:5: unknown key')
  expect(error).toMatchObject({ file: 'r.yaml', line: 3, column: 5, key: 'rollout.topK' })
  expect(new RecipeError({ file: '--set a=1', key: 'a' }, 'unknown key').message).toBe('--set a=1: unknown key')
})

test('anything that was thrown has a message', () => {
  expect([messageOf(new Error('a')), messageOf('b'), messageOf(undefined)]).toEqual(['a', 'b', 'undefined'])
})
