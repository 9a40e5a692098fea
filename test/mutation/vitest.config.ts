import { defineConfig } from "vitest/config";

/** The unit tests of what `npm run mutate` changes. */
export default defineConfig({
  test: {
    include: ["config", "topology", "templates", "images", "stacks"].map((room) => `test/unit/${room}/**/*.test.ts`),
    setupFiles: ["test/setup.ts"],
    testTimeout: 30_000,
  },
});
