/** Looks up a function's name for an error message: the name section first, then the exports. */
import type { Export } from './module.ts'
import { EXPORT_KIND } from './module.ts'
import { ProfileError } from './profile.ts'
import { Reader } from './reader.ts'

const FUNCTION_NAMES = 1
const MAX_NAME_BYTES = 256

/** The name section is a hint from an untrusted module: whatever is wrong with it, there is just no name. */
export function functionName(
  bytes: Uint8Array,
  index: number,
  exports: readonly Export[],
): string | undefined {
  const exported = exports.find(e => e.kind === EXPORT_KIND.function && e.index === index)?.name
  try {
    return fromNameSection(bytes, index) ?? exported
  } catch (error) {
    if (error instanceof ProfileError) return exported
    throw error
  }
}

function fromNameSection(bytes: Uint8Array, index: number): string | undefined {
  const reader = new Reader(bytes, 8)
  while (reader.position < bytes.length) {
    const id = reader.u8()
    const size = reader.u32()
    const end = reader.position + size
    if (id === 0 && reader.name(MAX_NAME_BYTES, 'a section name') === 'name') {
      return fromSubsections(new Reader(bytes, reader.position, Math.min(end, bytes.length)), index)
    }
    reader.position = end
  }
  return undefined
}

function fromSubsections(reader: Reader, index: number): string | undefined {
  while (reader.position < reader.end) {
    const id = reader.u8()
    const size = reader.u32()
    const end = reader.position + size
    if (id === FUNCTION_NAMES) {
      for (let count = reader.u32(); count > 0; count--) {
        const at = reader.u32()
        const name = reader.name(MAX_NAME_BYTES, 'a function name')
        if (at === index) return name
      }
    }
    reader.position = end
  }
  return undefined
}
