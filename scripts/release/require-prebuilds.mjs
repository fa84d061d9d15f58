// npm runs this before `npm pack` and `npm publish` ("prepack"): a package without its addon, or with an older one, is not made.
import { problems } from './prebuilds.mjs'

const found = problems()
if (found.length > 0) {
  console.error(`[pack] ${found.join('; ')}: run npm run build:prebuilds, then this again`)
  process.exitCode = 1
}
