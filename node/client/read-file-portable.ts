/** read-file-node.ts where no program may read files. */
export const readFileUrl = ({ href }: URL): Promise<Uint8Array> =>
  Promise.reject(new Error(`${href}: a page reads no files. Give the bytes, or an address of http`))
