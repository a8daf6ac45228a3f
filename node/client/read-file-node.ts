/** Files, where there are some. A bundle for browsers takes read-file-portable.ts in its place (`#read-file` in package.json). */
import { readFile } from 'node:fs/promises'

export const readFileUrl = async (url: URL): Promise<Uint8Array> => new Uint8Array(await readFile(url))
