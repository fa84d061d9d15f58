import { expect, test } from 'vitest'
import { markdownOf } from '../../../lib/data/curate/report/markdown.js'

test('what a data set says is neither struck out nor made a link', () => {
  const text = markdownOf([{ kind: 'text', text: '~~a~~ https://x.org www.y.org' }], { title: 't' })
  expect(text).toBe('# t\n\n\\~\\~a\\~\\~ https:\\//x.org www\\.y.org\n')
})
