/** libsodium, where it has a build for the machine. Loaded when it is first needed: few commands verify anything. */
import { createRequire } from 'node:module'
import type sodiumNative from 'sodium-native'

type Sodium = typeof sodiumNative

const load = (): Sodium | undefined => {
  try {
    return createRequire(import.meta.url)('sodium-native') as Sodium
  } catch {
    // No build for this machine: what others do instead is slower, and has the same answers.
    return undefined
  }
}

let loaded: { readonly sodium: Sodium | undefined } | undefined

export const findSodium = (): Sodium | undefined => (loaded ??= { sodium: load() }).sodium
