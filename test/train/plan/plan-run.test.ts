// A plan as a program makes it, with what the package exports.
import { expect, test } from 'vitest'
import { defaultUtilisation, gpus, loadRecipe, type PlanRequest, parseHardware, planRun } from '../../../lib/index.js'

const request = (hardware: string): PlanRequest => ({
  stated: {},
  hardware: parseHardware(hardware),
  utilisation: defaultUtilisation,
})

test('a program plans a recipe for hardware of the table, without its files', async () => {
  const loaded = await loadRecipe('recipes/deepscaler-1.5b.yaml', { mayLackFiles: true })
  const { phases, excesses, calibration } = await planRun(loaded, request('a100-80g:8,a100-80g:32'))
  expect([excesses, calibration]).toEqual([[], undefined])
  expect(phases.map(({ name, numDevices }) => [name, numDevices])).toEqual([
    ['stage 1', 8],
    ['stage 2', 32],
    ['stage 3', 32],
    ['evaluations', 32],
  ])
})

test('every device of the table is known by its name', () => {
  expect(gpus.map(({ name }) => parseHardware(`${name}:2`))).toEqual(gpus.map((gpu) => [{ gpu, count: 2 }]))
})
