// All that a release is, in order. `npm run release:dry` goes through it here, .github/workflows/release.yml in public: its
// commands are these, which a test sees to.

/** Where the package is packed to: the same name for every version, so that each command is a constant. */
export const tarball = 'build/release/lengthen.tgz'

/**
 * @typedef {{ name: string, about: string, command: string, dry?: string }} Step dry: what the command takes when nothing is published
 * @type {Step[]}
 */
export const steps = [
  {
    name: 'state',
    about: 'tree, tag, versions, changelog',
    command: 'node scripts/release/state.mjs',
    dry: '--dry-run',
  },
  { name: 'lint', about: 'formatting, lint rules, types', command: 'npm run lint' },
  { name: 'test', about: 'C++ and TypeScript tests', command: 'npm test' },
  { name: 'prebuilds', about: 'the addon, as it is packed', command: 'npm run build:prebuilds' },
  { name: 'pack', about: 'the tarball', command: 'node scripts/release/pack.mjs' },
  { name: 'size', about: 'what it holds, and how much', command: 'node scripts/release/size.mjs' },
  { name: 'package', about: 'publint, are the types wrong?', command: `npm run check:package -- ${tarball}` },
  { name: 'docs', about: 'the documentation, whole', command: 'npm run docs' },
  {
    name: 'install',
    about: 'installed and run on every Node',
    command: `npm run check:install -- --tarball ${tarball}`,
  },
  { name: 'publish', about: 'npm publish', command: 'node scripts/release/publish.mjs', dry: '--dry-run' },
]
