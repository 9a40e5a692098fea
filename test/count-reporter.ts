import type { Reporter, TestModule } from "vitest/node";

/** Says in the last line how many tests passed, failed and were skipped. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    // A file that cannot be read has no tests to count.
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const files = broken > 0 ? `, ${broken} files could not be run` : "";
    // After the reporter before this one, which may still have lines to write.
    process.once("exit", () => {
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped${files}`);
    });
  }
}
