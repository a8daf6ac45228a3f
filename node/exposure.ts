/** What a node that others reach is started with: the files that its settings name, read once. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Access } from './api/access.ts'
import type { TlsFiles } from './api/server.ts'
import { ConfigError, type NodeConfig } from './config.ts'

const OTHERS_MAY = 0o077
const MIN_TOKEN_CHARACTERS = 24
const MAX_TOKEN_CHARACTERS = 1_024

export interface Exposure {
  readonly access: Access
  readonly tls: TlsFiles | undefined
}

const read = (setting: string, path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new ConfigError(`${setting}: ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

const readSecret = (setting: string, path: string): Buffer => {
  const bytes = read(setting, path)
  if ((statSync(path).mode & OTHERS_MAY) !== 0)
    throw new ConfigError(`${setting}: others may read ${path}. Run: chmod 600 ${path}`)
  return bytes
}

/** The token itself is in no message. */
export const readToken = (setting: string, path: string): string => {
  const token = readSecret(setting, path).toString('utf8').trim()
  const { length } = token
  if (length >= MIN_TOKEN_CHARACTERS && length <= MAX_TOKEN_CHARACTERS && /^[\w.~+/=-]+$/.test(token))
    return token
  throw new ConfigError(
    `${setting}: ${path} holds no token: expected ${MIN_TOKEN_CHARACTERS} to ${MAX_TOKEN_CHARACTERS} letters, digits and -._~+/= in one line. This makes one: openssl rand -hex 32 > ${path}`,
  )
}

/** Paths that are not absolute begin in the data directory. Throws a {@link ConfigError} that names the setting. */
export const readExposure = (
  { corsOrigins, bearerTokenFile, tls }: NodeConfig['api'],
  dataDirectory: string,
): Exposure => {
  const at = (path: string): string => resolve(dataDirectory, path)
  return {
    access: {
      corsOrigins,
      token:
        bearerTokenFile === undefined ? undefined : readToken('api.bearerTokenFile', at(bearerTokenFile)),
    },
    tls:
      tls.cert === undefined || tls.key === undefined
        ? undefined
        : { cert: read('api.tls.cert', at(tls.cert)), key: readSecret('api.tls.key', at(tls.key)) },
  }
}
