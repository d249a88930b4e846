import { defineConfig } from 'rolldown';

// One entry, one chunk a command: `lockstep --help` loads nothing that talks to a host.
// ssh2 stays outside the bundle, since it loads a native addon by path.
// Ink's devtools are for those who write Ink.
export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  logLevel: 'warn',
  external: ['ssh2', 'react-devtools-core', /^node:/],
  // React's own checks are for those who write it.
  transform: { define: { 'process.env.NODE_ENV': JSON.stringify('production') } },
  output: { dir: 'dist', format: 'esm', cleanDir: true, sourcemap: true, minify: false },
});
