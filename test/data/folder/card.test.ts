import { expect, test } from 'vitest'
import { subsetsOf } from '../../../lib/data/folder/card.js'

const card = (yaml: string) => subsetsOf(`---\n${yaml}\n---\ntext`, 'README.md')

test('patterns may be one, a list, or by split; a folder may stand for them', () => {
  const yaml = `configs:
- { config_name: one, data_files: "a/*.csv" }
- { config_name: many, data_files: [a.csv, b.csv] }
- { config_name: split, default: true, data_dir: ./x/, data_files: [{ split: test, path: [c, d] }] }
- { config_name: folder, data_dir: y, description: more }`
  expect(card(yaml)).toEqual([
    { name: 'one', isDefault: false, folder: '', splits: new Map([['train', ['a/*.csv']]]) },
    { name: 'many', isDefault: false, folder: '', splits: new Map([['train', ['a.csv', 'b.csv']]]) },
    { name: 'split', isDefault: true, folder: 'x', splits: new Map([['test', ['c', 'd']]]) },
    { name: 'folder', isDefault: false, folder: 'y', splits: undefined },
  ])
})

test('a card without a header, or without subsets, has none', () => {
  expect([subsetsOf('# text', 'README.md'), card('license: mit'), card('# nothing')]).toEqual([[], [], []])
})

test.each<[string, RegExp]>([
  ['a: [', /^README\.md: not YAML: /],
  ['configs: 3', /^README\.md, configs: /],
  ['configs: [{ data_files: a }]', /^README\.md, configs\.0\.config_name: /],
  ['configs: [{ config_name: a, data_files: { x: 1 } }]', /^README\.md, configs\.0\.data_files: /],
])('%s is an error with its place', (yaml, message) => {
  expect(() => card(yaml)).toThrow(message)
})
