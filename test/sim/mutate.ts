/**
 * Loads the node's code with one guard broken (mutations.ts): a hook patches the source's text on its way from the
 * file to the engine. The files stay as they are. Works for modules that are loaded afterwards, in this thread.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Mutation } from './mutations.ts'

const ROOT = new URL('../../', import.meta.url)

export const mutatedFileUrl = ({ file }: Mutation): string => new URL(file, ROOT).href

/** Throws if what is to be replaced does not stand there exactly once. */
export const mutate = (source: string, { name, file, find, replace }: Mutation): string => {
  const parts = source.split(find)
  if (parts.length !== 2)
    throw new RangeError(`mutation ${name}: ${file} holds ${JSON.stringify(find)} ${parts.length - 1} times`)
  return parts.join(replace)
}

export const installMutation = (mutation: Mutation): void => {
  const url = mutatedFileUrl(mutation)
  const source = mutate(readFileSync(fileURLToPath(url), 'utf8'), mutation)
  registerHooks({
    load: (requested, context, nextLoad) =>
      requested === url
        ? { format: 'module-typescript', source, shortCircuit: true }
        : nextLoad(requested, context),
  })
}
