import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { lockSigner } from '../../../node/consensus/signer-lock.ts'
import { sha256 } from '../../../node/crypto/hash.ts'

const ownerOf = (name: string) => sha256(Buffer.from(`${process.pid}/${name}`))

it('is held by one at a time, each key for itself, and given back', async () => {
  const lock = await lockSigner(ownerOf('a'))
  await expect(lockSigner(ownerOf('a'))).rejects.toMatchObject({ code: 'key_in_use' })
  const other = await lockSigner(ownerOf('b'))
  await lock.release()
  await other.release()
  const again = await lockSigner(ownerOf('a'))
  await again.release()
})

it('keeps another process out, and is free again when that one is killed', async () => {
  const owner = Buffer.from(ownerOf('c')).toString('hex')
  const script =
    `const { lockSigner } = await import(process.argv[1]);` +
    `await lockSigner(Buffer.from(process.argv[2], 'hex')); console.log('held'); setInterval(() => {}, 1000)`
  const path = new URL('../../../node/consensus/signer-lock.ts', import.meta.url).href
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path, owner])
  await once(child.stdout, 'data')
  await expect(lockSigner(Buffer.from(owner, 'hex'))).rejects.toThrow(/another process on this machine/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = await lockSigner(Buffer.from(owner, 'hex'))
  await lock.release()
})
