// npm run check:docs: what `npm run docs` has to say against the documentation, without writing the site.
process.argv.push('--check')
await import('./docs.mjs')
