import { expect, test } from 'vitest'
import { missingShard, splitsOf } from '../../../lib/data/folder/splits.js'

const splits = (...names: string[]) => Object.fromEntries(splitsOf(names))

test('a word in a file’s name tells its split', () => {
  expect(splits('train.csv', 'dev.csv', 'my-test-file.csv', 'notes.csv')).toEqual({
    train: ['train.csv'],
    validation: ['dev.csv'],
    test: ['my-test-file.csv'],
  })
  expect(splits('data_training_1.csv', 'eval2.csv', 'valid.csv')).toEqual({
    train: ['data_training_1.csv'],
    test: ['eval2.csv'],
    validation: ['valid.csv'],
  })
})

test('part of a word tells nothing', () => {
  expect(splits('trainer.csv', 'contest.csv')).toEqual({ train: ['contest.csv', 'trainer.csv'] })
})

test('a folder’s name tells it before the file’s', () => {
  expect(splits('test/train.csv', 'a/train/x.csv')).toEqual({ test: ['test/train.csv'], train: ['a/train/x.csv'] })
})

test('numbered shards in data/ may have a split of any name', () => {
  const names = [
    'data/aime_2024-00000-of-00001.parquet',
    'data/hard-00000-of-00002.parquet',
    'data/hard-00001-of-00002.parquet',
  ]
  expect(splits(...names)).toEqual({ aime_2024: [names[0]], hard: names.slice(1) })
})

test('where no name tells anything, all is for training', () => {
  expect(splits('b.csv', 'a.csv')).toEqual({ train: ['a.csv', 'b.csv'] })
})

test('a shard that is missing is named; a count that is made up costs nothing', () => {
  expect(missingShard(['a-00000-of-00002.parquet', 'b.parquet', 'a-00001-of-00002.parquet'])).toBe(undefined)
  expect(missingShard(['x/a-00001-of-00002.parquet'])).toBe('x/a-00000-of-00002.parquet')
  expect(missingShard([`a-00000-of-${'9'.repeat(300)}.csv`])).toBe(`a-00001-of-${'9'.repeat(300)}.csv`)
})
