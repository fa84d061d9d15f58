// What a checkpoint was made with: the recipe, which lies in its folder, and the version of this package, which its manifest names. A run
// goes on with the same, or says what differs.
import { join } from 'node:path'
import { RecipeError } from '../../errors.js'
import { readTextFileIfPresent } from '../../io/read-file.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { packageVersion } from '../../version.js'
import { changeText, isHarmless, recipeChanges } from '../recipe/changes.js'
import type { LoadedCheckpoint } from './content.js'

/** The recipe that a run has now. */
export interface Origin {
  /** With every default filled in; a script may have none. */
  recipeYaml: string | undefined
  /** Where it is read from, for messages. */
  file: string
}

const name = 'recipe.yaml'

export async function writeOrigin(folder: string, { recipeYaml }: Origin): Promise<void> {
  if (recipeYaml !== undefined) await writeFileAtomically(join(folder, name), recipeYaml)
}

/**
 * What people should know before the run goes on from the checkpoint; none where it was made by the same version with the same recipe.
 * @throws {RecipeError} where the recipe has changed in a way that makes it another run, and `mayChange` is not true.
 */
export async function originWarnings(
  { step, folder, version }: LoadedCheckpoint,
  { recipeYaml, file }: Origin,
  { mayChange }: { mayChange: boolean },
): Promise<string[]> {
  const at = `the checkpoint of step ${step}`
  const other = version === undefined || version === packageVersion ? [] : [versionText(at, version)]
  if (recipeYaml === undefined) return other
  const before = await readTextFileIfPresent(join(folder, name))
  if (before === undefined) return [...other, `${at} does not say what recipe it was made with: it was not compared`]
  const changes = recipeChanges(before, recipeYaml).filter((change) => !isNewKey(change, version))
  const [first, ...others] = mayChange ? [] : changes.filter((change) => !isHarmless(change))
  if (!first) return [...other, ...changes.map((change) => `the recipe has changed since ${at}: ${changeText(change)}`)]
  const expected = `expected the recipe that ${at} was made with, got another one`
  const list = [first, ...others].map(changeText).join('; ')
  const remedy = 'put it back, or resume with --allow-changes (mayChange: true)'
  throw new RecipeError({ file, key: first.key }, `${expected}: ${list}; ${remedy}`)
}

const versionText = (at: string, version: string): string =>
  `${at} was written by lengthen ${version}, and this is ${packageVersion}: the steps from here on may not be those of that version`

/** A default that an earlier version did not write down. */
const isNewKey = ({ before }: { before: string | undefined }, version: string | undefined): boolean =>
  before === undefined && version !== packageVersion
