/**
 * What `npm start` and `npm test` run first, on whatever Node the machine has:
 *
 *   node cli/setup.mjs <script> [argument…]
 *
 * brings the installed packages in line with package-lock.json, compiles the contracts, then runs the script
 * on the pinned Node. See setup/main.mjs. This file keeps to syntax that an old Node can read, so that it
 * gets a sentence instead of a syntax error.
 */
const NEEDED = 20

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  console.error(
    'Vex needs Node.js ' + NEEDED + ' or newer to set itself up; this is ' + process.versions.node + '.',
  )
  process.exit(1)
}

void import('./setup/main.mjs').then(({ main }) => main(process.argv.slice(2)))
