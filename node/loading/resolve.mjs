/**
 * How the modules of a thread are found, from when this file is loaded on: a thread gets it as an argument (start-thread.ts).
 * It keeps to syntax that an old Node can read, and has no types to strip: what strips them is not loaded for it.
 *
 * An import of `./x.ts` names its file: Node would look whether it is there, where its links lead, and for a package.json in
 * each folder above it, which is a quarter of the time that loading takes. A name is looked up once, not by each of the files
 * that import it. Only Vex and installed packages are resolved so; what its users write gets Node's own errors.
 *
 * Vex and tRPC get `node:http` without the names that load a client of HTTP/2 (http.mjs).
 *
 * zod's messages in 60 languages, of which Vex speaks one, are not loaded. They take 10 MB and 15 ms.
 */
import module from 'node:module'

const ROOT = new URL('../..', import.meta.url).href
const PACKAGES = '/node_modules/'
const LOCALES = /\/zod\/v4\/locales\/index\.js$/
/** Those by whom a node imports it: anyone else may want the names that this one lacks. */
const TRPC = `${PACKAGES}@trpc/`
const HTTP_NAMES = new Set(['http', 'node:http'])
const HTTP = { url: new URL('http.mjs', import.meta.url).href, format: 'module', shortCircuit: true }
const NOTHING = { url: 'data:text/javascript,', format: 'module', shortCircuit: true }

const isOwn = url => url.startsWith(ROOT) && !url.includes(PACKAGES, ROOT.length - 1)

const folderOf = url => url.slice(0, url.lastIndexOf('/'))

/** Of packages: a package.json holds for all in a folder, so that it is looked for once. */
const moduleFolders = new Set()

/** `undefined`: Node is to look. */
const formatOf = url => {
  if (url.endsWith('.ts')) return 'module-typescript'
  if (url.endsWith('.mjs')) return 'module'
  return url.endsWith('.js') && (isOwn(url) || moduleFolders.has(folderOf(url))) ? 'module' : undefined
}

const look = (name, context, next) => {
  const resolved = next(name, context)
  const { url, format } = resolved
  if (LOCALES.test(url)) return NOTHING
  if (format === 'module' && url.endsWith('.js')) moduleFolders.add(folderOf(url))
  return resolved
}

/** By name, of those that Vex's own files import. */
const found = new Map()

const find = (name, context, next) => {
  const known = found.get(name)
  if (known !== undefined) return known
  const resolved = { ...look(name, context, next), shortCircuit: true }
  found.set(name, resolved)
  return resolved
}

module.registerHooks?.({
  resolve(name, context, next) {
    const { parentURL: parent, conditions } = context
    if (!conditions.includes('import') || parent === undefined || !parent.startsWith('file:'))
      return next(name, context)
    if (HTTP_NAMES.has(name) && (isOwn(parent) || parent.includes(TRPC))) return HTTP
    if (!name.startsWith('.')) return isOwn(parent) ? find(name, context, next) : look(name, context, next)
    if (!isOwn(parent) && !parent.includes(PACKAGES)) return next(name, context)
    const { href } = new URL(name, parent)
    const format = LOCALES.test(href) ? undefined : formatOf(href)
    return format === undefined ? look(name, context, next) : { url: href, format, shortCircuit: true }
  },
})
