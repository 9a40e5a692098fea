import { describe, expect, it, vi } from "vitest";
import { catchInterrupts } from "../../../common/interrupt.ts";
import { RepositoryWatch } from "../../../images/watch/repository-watch.ts";

describe("the watch of a repository", () => {
  it("ends at once when it is told to, however long it has still to wait", async () => {
    catchInterrupts();
    let polls = 0;
    const watch = new RepositoryWatch({
      name: "app",
      pattern: () => true,
      // The first waits pass by themselves, the third would not.
      get intervalMs() {
        return polls < 3 ? 1 : 3_600_000;
      },
      listTags: async () => {
        polls++;
        return [];
      },
      build: () => Promise.reject(new Error("there is nothing to build")),
      onEvent() {},
    });
    const end = watch.run();
    await vi.waitFor(() => expect(polls).toBe(3));
    process.emit("SIGTERM");
    await expect(end).resolves.toBeUndefined();
  });
});
