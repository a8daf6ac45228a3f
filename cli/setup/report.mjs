/** What the set-up tells the user: a line for each step, or why it stopped and what to do. */

/** On stderr: stdout belongs to the script. */
export const say = line => {
  console.error(`vex: ${line}`)
}

/** Ends the set-up. `output` is what the failed step printed; it is shown above the message. */
export class SetupError extends Error {
  constructor(message, output = '') {
    super(message)
    this.name = 'SetupError'
    this.output = output
  }
}

/** What the system says when a file cannot be written, and what helps. */
const FILE_PROBLEMS = {
  EACCES: 'this user may not write there. Give your user this folder',
  EPERM: 'this user may not write there. Give your user this folder',
  EEXIST: 'a file is in the way. Move it away',
  ENOTDIR: 'a file is in the way. Move it away',
  EROFS: 'the file system is read-only. Move this folder to one that is not',
  ENOSPC: 'the disk is full. Free about 1 GB',
  EDQUOT: 'the disk quota is used up. Free about 1 GB',
}

/** A system's error as a {@link SetupError}; anything else as it is. */
export const fileFailure = error => {
  const problem = FILE_PROBLEMS[error?.code]
  if (problem === undefined) return error
  return new SetupError(`${error.dest ?? error.path ?? 'A file'} cannot be made: ${problem} and run again.`)
}

/** What npm's output shows, most telling first, and what helps. */
const NPM_FAILURES = [
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED/,
    advice:
      'The package registry cannot be reached. Connect to the network (behind a proxy: npm config set proxy <address>) and run again.',
  },
  {
    sign: /CERT_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/,
    advice:
      'The package registry’s certificate is not trusted. Give npm your organisation’s certificate (npm config set cafile <file>) and run again.',
  },
  { sign: /ENOSPC/, advice: 'The disk is full. Free about 1 GB and run again.' },
  {
    sign: /EACCES|EPERM|EROFS/,
    advice: 'A file cannot be written. Give your user this folder and npm’s cache, and run again.',
  },
  {
    sign: /EINTEGRITY/,
    advice:
      'A package differs from package-lock.json. Run "npm cache clean --force" and try again; if it stays, do not trust the registry you use.',
  },
  {
    sign: /E401|E403|ENEEDAUTH/,
    advice: 'The package registry refuses access. Check "npm config get registry" and your login.',
  },
  {
    sign: /E404|ETARGET/,
    advice: 'The package registry does not have a package. Check "npm config get registry".',
  },
  {
    sign: /EUSAGE/,
    advice: 'package.json and package-lock.json disagree. Run "npm install" to bring them in line.',
  },
]

export const npmFailure = (step, output) => {
  const known = NPM_FAILURES.find(({ sign }) => sign.test(output))
  return new SetupError(
    `${step} failed. ${known?.advice ?? 'The reason is shown above; run again when it is gone.'}`,
    output,
  )
}
