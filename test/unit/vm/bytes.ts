/** WebAssembly by hand, for modules no assembler would write. */
export function leb(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return [...out, rest]
}

export function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)]
  return [...leb(bytes.length), ...bytes]
}

/** A vector: count and items. */
export function vec(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()]
}

export function section(id: number, contents: readonly number[]): number[] {
  return [id, ...leb(contents.length), ...contents]
}

export function body(locals: readonly number[], code: readonly number[]): number[] {
  const contents = [...locals, ...code, 0x0b]
  return [...leb(contents.length), ...contents]
}

export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

export function bytes(...sections: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...HEADER, ...sections.flat()])
}

/** A module of one function [] -> [] with this code; `locals` is the encoded vector of declarations. */
export function oneFunction(code: readonly number[], locals: readonly number[] = [0]): Uint8Array {
  return bytes(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec([[0]])),
    section(10, vec([body(locals, code)])),
  )
}
