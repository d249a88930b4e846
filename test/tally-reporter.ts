import type { Reporter, TestModule } from 'vitest/node';

/** Ends a test run with one line that machines read: `N passed, N failed`. A file that did not load is a failure. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        // A skipped test proves nothing, so it is not passed over in silence.
        else failed++;
      }
    }
    // After the other reporters, whose last lines come in the same turn.
    setImmediate(() => process.stdout.write(`\n${passed} passed, ${failed} failed\n`));
  }
}
