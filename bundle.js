/** Bundles the command line out of `dist`: a few files start in half the time that a hundred modules take. The library's modules stay as they are. */
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';

const alwaysThere = ['node:process', 'node:events'];
/**
 * Of a built-in module that is imported Node asks every name that it exports, also those that load half of Node. Here each is required when the
 * first of its names is asked for, which for many is never; but for two that are there in any case, and whose methods must be called on themselves.
 */
const requireBuiltIns = {
  name: 'require-built-ins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind, namespace }) => {
      const asItIs = kind === 'dynamic-import' || namespace === 'built-in' || alwaysThere.includes(path);
      return asItIs ? undefined : { path, namespace: 'built-in' };
    });
    build.onLoad({ filter: /^/, namespace: 'built-in' }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, { get: (_, name) => require('${path}')[name] }))`,
    }));
  },
};

/**
 * esbuild makes a file of each set of modules that the same entry points and late imports share, and at every start each file costs a millisecond.
 * What is loaded late here exports all that was loaded before it: so that is one set.
 */
const built = (module) => resolve('dist/conformance', `${module}.js`);
const importsOf = (module) => {
  const found = readFileSync(built(module), 'utf8').matchAll(/^import .* from '(\..*)';$/gm);
  return [...found].map(([, path]) => resolve(dirname(built(module)), path));
};
const beforeAnyPacket = importsOf('jobs/worker');
const beforeAnyCommand = importsOf('cli/main');
const lateHasEarly = {
  name: 'late-has-early',
  setup(build) {
    const commands = new Set();
    build.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
      if (kind === 'dynamic-import') commands.add(resolve(resolveDir, path));
      return undefined;
    });
    build.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const early = path === built('jobs/packet-followers') ? beforeAnyPacket : commands.has(path) ? beforeAnyCommand : [];
      const exports = early.map((module, i) => `export * as early${i} from ${JSON.stringify(module)};`);
      return early.length > 0 ? { contents: `${exports.join('')}${readFileSync(path, 'utf8')}` } : undefined;
    });
  },
};

rmSync('dist/cli', { recursive: true, force: true });
await build({
  // A worker, and what is loaded late, is a file of its own, beside the one that loads it.
  entryPoints: ['cli/main', 'jobs/worker', 'jobs/search-worker', 'jobs/packet-followers'].map((entry) => `dist/conformance/${entry}.js`),
  plugins: [requireBuiltIns, lateHasEarly],
  // Optional, and with a binary of its own.
  external: ['koffi'],
  entryNames: '[name]',
  outdir: 'dist/cli',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // Half of the text is documentation, which would be read at every start.
  minifyWhitespace: true,
  minifySyntax: true,
  // Dependencies in CommonJS ask for Node's own modules with `require`.
  banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
});
chmodSync('dist/cli/main.js', 0o755);
