/** Why a snapshot cannot be made, or is not believed. */
export type SnapshotErrorCode =
  /** No epoch has ended yet, or the state at the end of one can no longer be read. */
  | 'no_boundary'
  /** The folder to write to is there already. */
  | 'exists'
  /** A file of the snapshot is missing, damaged or not what the chain's validators signed: `file` names it. */
  | 'bad_file'
  /** The snapshot is sound, and of another chain or block than was asked for. */
  | 'another_chain'

export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly code: SnapshotErrorCode
  /** In the snapshot's folder. */
  readonly file: string | undefined
  constructor(code: SnapshotErrorCode, message: string, options: ErrorOptions & { file?: string } = {}) {
    super(message, options)
    this.code = code
    this.file = options.file
  }
}

/** The file itself cannot be used: whoever has a good copy of it loses nothing else. */
export const badFile = (file: string, why: string, cause?: unknown): SnapshotError =>
  new SnapshotError('bad_file', `${file} of the snapshot ${why}`, { file, cause })
