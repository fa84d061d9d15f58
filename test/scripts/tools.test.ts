import { describe, expect, it } from 'vitest'
import { cmakeProbe, describe as describeMissing, installCommand, missingTools } from '../../scripts/setup/tools.mjs'

const all = { compiler: { has: true }, cmake: { has: true }, ninja: { has: true }, doctest: { has: true } }
const none = { compiler: { has: false }, cmake: { has: false }, ninja: { has: false }, doctest: { has: false } }
const only = (name: string) => (command: string) => command === name

describe('missingTools', () => {
  it('finds nothing missing where all is there', () => {
    expect(missingTools(all, true)).toEqual([])
  })

  it('asks for doctest only to run the tests', () => {
    expect(missingTools(none, false)).toEqual(['compiler', 'cmake', 'ninja'])
    expect(missingTools(none, true)).toEqual(['compiler', 'cmake', 'ninja', 'doctest'])
  })
})

describe('installCommand', () => {
  const missing = missingTools(none, true)

  it('is the whole command on Debian, with sudo unless root', () => {
    expect(installCommand(missing, only('apt-get'), false)).toBe(
      'sudo apt-get install -y g++ cmake ninja-build doctest-dev',
    )
    expect(installCommand(['ninja'], only('apt-get'), true)).toBe('apt-get install -y ninja-build')
  })

  it('knows other package managers, and none of them where there is none', () => {
    expect(installCommand(missing, only('dnf'), false)).toBe(
      'sudo dnf install -y gcc-c++ cmake ninja-build doctest-devel',
    )
    expect(installCommand(['cmake'], only('brew'), false)).toBe('brew install cmake')
    expect(installCommand(missing, () => false, false)).toBeUndefined()
  })
})

describe('cmakeProbe', () => {
  it.each([
    ['cmake version 3.22.0\n', true, '3.22.0'],
    ['cmake version 3.21.9\n', false, '3.21.9'],
    ['cmake version 4.1.0-rc1\n', true, '4.1.0'],
    ['', false, undefined],
  ])('reads %j', (text, has, found) => {
    const probe = cmakeProbe(text)
    expect(probe.has).toBe(has)
    expect(probe.found).toBe(found)
  })
})

it('a tool that is too old is named with what was found', () => {
  const probes = { ...all, cmake: cmakeProbe('cmake version 3.18.4'), ninja: { has: false } }
  expect(describeMissing(missingTools(probes, true), probes)).toBe(
    'Building lengthen needs CMake 3.22 or newer (found 3.18.4) and Ninja.',
  )
})
