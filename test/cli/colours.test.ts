import { expect, test } from 'vitest'
import { coloursFor } from '../../lib/cli/colours.js'

const write = () => {}

test.each<[string, boolean, NodeJS.ProcessEnv, boolean]>([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a pipe in CI', false, { CI: 'true' }, false],
  ['a terminal without abilities', true, { TERM: 'dumb' }, false],
  ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['both', true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('%s', (_, isTTY, env, isColoured) => {
  expect(coloursFor({ isTTY, write }, env).isColorSupported).toBe(isColoured)
})
