/**
 * One process a key on one machine: whoever votes with it holds a name that the system gives to one process at a time
 * and takes back when that process ends, however it ends. Two data directories with one key are thus noticed
 * before either votes. On another machine, or in a container with a network of its own, only the votes themselves
 * tell (replica.ts: impostor).
 */
import { unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../types/primitives.ts'
import { ConsensusError } from './error.ts'

export interface SignerLock {
  release(): Promise<void>
}

/** Linux has names that are no files, Windows pipes; elsewhere a socket's file outlives its process. */
const nameOf = (owner: string): { path: string; isFile: boolean } => {
  if (process.platform === 'linux') return { path: `\0vex-signer-${owner}`, isFile: false }
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\vex-signer-${owner}`, isFile: false }
  return { path: join(tmpdir(), `vex-signer-${owner.slice(0, 32)}`), isFile: true }
}

const tryListen = (path: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => resolve(server))
  })

const isAnswered = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** `owner`: 32 bytes that stand for chain and key. Throws `key_in_use`. */
export const lockSigner = async (owner: Uint8Array): Promise<SignerLock> => {
  const { path, isFile } = nameOf(toHex(owner))
  let server = await tryListen(path)
  if (server === undefined && isFile && !(await isAnswered(path))) {
    await unlink(path)
    server = await tryListen(path)
  }
  if (server === undefined) {
    throw new ConsensusError(
      'key_in_use',
      `another process on this machine votes with this validator's key. Two that vote with one key contradict ` +
        `each other, and are slashed. Stop the other one, or start this one without the vote key`,
    )
  }
  server.unref()
  const held = server
  return { release: () => new Promise(resolve => void held.close(() => resolve())) }
}
