/** What `vex --version` and the API say; package.json has the same, and a test compares them. */
export const VEX_VERSION = '0.1.0'
