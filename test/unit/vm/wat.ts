/** Text to WebAssembly, through the binaryen that AssemblyScript brings. */
import binaryen from 'assemblyscript/binaryen'

export function wat(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text)
  module.setFeatures(binaryen.Features.All)
  try {
    return Uint8Array.from(module.emitBinary())
  } finally {
    module.dispose()
  }
}
