import { expect, test } from 'vitest'
import { fatalSignal } from '../../../lib/cli/doctor/trial.js'

const moduleOf = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`

test('a module that ends its process by a signal is told from one that loads or throws', async () => {
  expect(await fatalSignal(moduleOf('process.kill(process.pid, "SIGSEGV"); await new Promise(() => {})'))).toBe(
    'SIGSEGV',
  )
  expect(await fatalSignal(moduleOf('throw new Error("no")'))).toBeUndefined()
  expect(await fatalSignal(moduleOf('export {}'))).toBeUndefined()
})
