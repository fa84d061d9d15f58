// How many sets of held-out problems a recipe has.
import type { Recipe } from '../recipe/recipe.js'

export const numSetsOf = ({ data }: Recipe): number => Object.keys(data.heldOutSets ?? { one: '' }).length
