// A recipe as it was loaded, where a function is given one.
import { requireObjects, requireStrings } from '../../arguments.js'

/** Throws for anything but what loadRecipe() or loadSftRecipe() gives, as far as its keys go. */
export function requireLoaded(place: string, loaded: { recipe: unknown; file: unknown }): void {
  requireObjects(place, { loaded })
  requireObjects(place, { 'loaded.recipe': loaded.recipe })
  requireStrings(place, { 'loaded.file': loaded.file })
}
