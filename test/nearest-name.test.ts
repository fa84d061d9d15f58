import { expect, test } from 'vitest'
import { editDistance, nearestName } from '../lib/nearest-name.js'

test('edit distance counts inserts, deletes, replacements and swaps of neighbours', () => {
  expect(editDistance('', 'abc')).toBe(3)
  expect(editDistance('abc', 'abc')).toBe(0)
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('temprature', 'temperature')).toBe(1)
  expect(editDistance('sede', 'seed')).toBe(1)
})

test('a mistyped name finds its neighbour, whatever the case', () => {
  const known = ['temperature', 'topK', 'topP', 'numAnswers']
  expect(nearestName('temprature', known)).toBe('temperature')
  expect(nearestName('topk', known)).toBe('topK')
  expect(nearestName('numAnwsers', known)).toBe('numAnswers')
})

test('a name that is like no other has no neighbour', () => {
  expect(nearestName('zebra', ['temperature', 'topK'])).toBeUndefined()
  expect(nearestName('zebra', [])).toBeUndefined()
})
