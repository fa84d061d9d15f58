import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { categories, categoryOf } from '../../scripts/docs/categories.mjs'
import { faultsOf } from '../../scripts/docs/comments.mjs'
import { brokenLinks } from '../../scripts/docs/links.mjs'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

describe('a comment', () => {
  it('may have code, links and shapes', () => {
    const fine = [
      'f32 `[T]`: of each token',
      'of <0.5',
      'a < b > c',
      '`<T>` and {@link Tensor}',
      '```ts\nconst a: A<B>\n```',
      'see [a](b.md)',
    ]
    expect(fine.flatMap(faultsOf)).toEqual([])
  })

  it('does not begin as a link’s address, lose words as HTML, or say nothing', () => {
    expect(faultsOf('[T]: of each token')).toEqual([
      'a line begins with "[T]:", which Markdown takes for a link\'s address',
    ])
    expect(faultsOf('One\n  [V, C]: two')).toHaveLength(1)
    expect(faultsOf('after </think> alone')).toEqual(['</think> is taken for HTML and does not show; write it as code'])
    expect(faultsOf(' \n')).toEqual(['a comment without words'])
  })
})

describe('the site', () => {
  it('has headings in the order that typedoc is told', () => {
    const { categoryOrder } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8')) as {
      categoryOrder: string[]
    }
    expect(categoryOrder).toEqual(['Guides', 'Examples', ...categories.map(({ title }) => title), '*'])
  })

  it('puts a symbol under the folder that it is defined in', () => {
    expect(categoryOf('/a/lib/train/sft/events.ts')?.title).toBe('train')
    expect(categoryOf('lib/tensor.ts')?.title).toBe('tensors')
    expect(categoryOf('lib/somewhere/else.ts')).toBeUndefined()
  })

  it('has no link that leads nowhere', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'pages'))
    const links = (...all: string[]) => all.map((link) => `<a href="${link}">a</a>`).join('\n')
    writeFileSync(
      join(folder, 'index.html'),
      `<p id="here">${links('#here', 'pages/a.html#there', 'https://example.org/x#y', '#gone')}`,
    )
    writeFileSync(
      join(folder, 'pages/a.html'),
      `<p id="there">${links('../index.html', '../b.html', '../index.html#there', '../media/README.md')}`,
    )
    mkdirSync(join(folder, 'media'))
    writeFileSync(join(folder, 'media/README.md'), '[a](b.md)')
    expect(brokenLinks(folder)).toEqual([
      { place: 'index.html', text: '#gone: no such place in that page' },
      { place: 'pages/a.html', text: '../b.html: no such file' },
      { place: 'pages/a.html', text: '../index.html#there: no such place in that page' },
      {
        place: 'pages/a.html',
        text: '../media/README.md: shown as a file, not as a page: it needs to be a document of typedoc.json',
      },
    ])
  })
})
