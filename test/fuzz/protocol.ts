/** What goes between the fuzzer and its engines: one line of JSON for a case, one for its answer. */
import type { CaseKind, FuzzCase } from './cases.ts'

export type Answer = { readonly digest: string } | { readonly problem: string }

export function packCase({ seed, kind, modules }: FuzzCase): string {
  return JSON.stringify({ seed, kind, modules: modules.map(code => Buffer.from(code).toString('base64')) })
}

export function unpackCase(line: string): FuzzCase {
  const { seed, kind, modules } = JSON.parse(line) as { seed: number; kind: CaseKind; modules: string[] }
  return { seed, kind, modules: modules.map(base64 => new Uint8Array(Buffer.from(base64, 'base64'))) }
}
