import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BuiltImage } from "../../../images/build-image.ts";
import type { Ref } from "../../../images/git/refs.ts";
import { nextTryMs } from "../../../images/watch/back-off.ts";
import { logLine } from "../../../images/watch/events.ts";

const fix = "do it otherwise";

describe("the next try", () => {
  it("is after the interval, give or take a tenth", () => {
    expect([nextTryMs(60_000, 0, 0), nextTryMs(60_000, 0, 1)]).toEqual([54_000, 66_000]);
  });

  it("is twice as late for each failure, up to an hour", () => {
    const waits = [1, 2, 3, 20].map((failures) => nextTryMs(60_000, failures, 0.5));
    expect(waits).toEqual([120_000, 240_000, 480_000, 3_600_000]);
  });

  it("is never sooner than the interval", () => {
    expect(nextTryMs(24 * 3_600_000, 3, 0.5)).toBe(24 * 3_600_000);
  });
});

it("logs on one line, with blanks quoted", () => {
  const event = { type: "build-failed", repository: "app", tag: "v1", reason: 'no "x"', mend: "find y" } as const;
  expect(logLine(event)).toBe('event=build-failed repository=app tag=v1 reason="no \\"x\\"" mend="find y"');
});

describe("a watched repository", () => {
  let refs: Ref[];
  let events: string[];
  let builds: string[];
  let fails: boolean;
  let failure: ((name: string) => Error) | undefined;
  let listFails: boolean;
  const tag = (name: string, commit = "1"): Ref => ({ kind: "tag", name, commit });
  const built = { commit: "1", ref: { kind: "tag", name: "v1" } } as BuiltImage;

  let OperatorError: typeof import("../../../common/errors.ts").OperatorError;
  let PermanentError: typeof import("../../../common/errors.ts").PermanentError;
  let MovedTagError: typeof import("../../../images/publish.ts").MovedTagError;

  beforeEach(async () => {
    vi.resetModules();
    ({ OperatorError, PermanentError } = await import("../../../common/errors.ts"));
    ({ MovedTagError } = await import("../../../images/publish.ts"));
    vi.useFakeTimers();
    [refs, events, builds, fails, failure, listFails] = [[], [], [], false, undefined, false];
  });
  afterEach(() => vi.useRealTimers());

  /** Watches with an interval of a minute, until the test's end. */
  async function watched() {
    const { RepositoryWatch } = await import("../../../images/watch/repository-watch.ts");
    const watch = new RepositoryWatch({
      name: "app",
      pattern: (name) => name.startsWith("v"),
      intervalMs: 60_000,
      listTags: async () => {
        if (listFails) throw new OperatorError("the server is gone", { fix });
        return refs;
      },
      build: async ({ name }) => {
        builds.push(name);
        if (fails) throw new Error("broken");
        if (failure) throw failure(name);
        return built;
      },
      onEvent: ({ type }) => events.push(type),
    });
    void watch.run();
    await vi.advanceTimersByTimeAsync(0);
    return watch;
  }
  const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 66_000);

  it("has what fits built once", async () => {
    refs = [tag("v1"), tag("latest")];
    const watch = await watched();
    await minutes(5);
    expect(builds).toEqual(["v1"]);
    expect(watch.status).toMatchObject({ repository: "app", done: 1, failed: 0, problem: undefined });
  });

  it("has a new tag built at the next poll, or at once when it is triggered", async () => {
    const watch = await watched();
    refs = [tag("v1")];
    await minutes(1);
    expect(builds).toEqual(["v1"]);
    refs = [tag("v1"), tag("v2")];
    watch.trigger();
    await vi.advanceTimersByTimeAsync(1);
    expect(builds).toEqual(["v1", "v2"]);
  });

  it("looks at a tag again that has moved", async () => {
    refs = [tag("v1")];
    await watched();
    refs = [tag("v1", "2")];
    await minutes(1);
    expect(builds).toEqual(["v1", "v1"]);
  });

  it("tries a build that failed again, ever more rarely, and says why", async () => {
    [refs, fails] = [[tag("v1")], true];
    const watch = await watched();
    await minutes(30);
    expect(builds.length).toBeGreaterThan(3);
    expect(builds.length).toBeLessThan(7);
    expect(watch.status).toMatchObject({ failed: 1, problem: expect.stringMatching(/^broken \(mend: .*report it/) });
  });

  describe("whose tags fail in several ways", () => {
    const moved = (name: string) => new MovedTagError(`r.example/app:${name} is the image of another commit`, { fix });

    it("shows what is broken before tags that have moved, however many these are", async () => {
      refs = [..."abcdefgh"].map((name) => tag(`v-${name}`)).concat(tag("v-broken"));
      failure = (name) => (name === "v-broken" ? new OperatorError("the build failed", { fix }) : moved(name));
      const { problem } = (await watched()).status;
      expect(problem).toMatch(
        /^the build failed \(mend: do it otherwise\) \| r\.example\/app:v-a is the image of another commit/,
      );
      expect(problem).toMatch(/ \| and 3 more$/);
    });

    it("shows something of each kind, however many there are of another", async () => {
      refs = [..."abcdefgh"].map((name) => tag(`v-${name}`)).concat(tag("v-odd"), tag("v-moved"));
      failure = (name) => {
        if (name === "v-odd") return new PermanentError("v-odd cannot be an image's tag", { fix });
        return name === "v-moved" ? moved(name) : new OperatorError(`the build of ${name} failed`, { fix });
      };
      const { problem, failed, skipped } = (await watched()).status;
      expect(problem).toMatch(/the build of v-a failed.*and 3 more.*v-moved is the image.*v-odd cannot be/);
      expect({ failed, skipped }).toEqual({ failed: 9, skipped: 1 });
    });

    it("still shows them when the repository does not answer", async () => {
      refs = [tag("v1")];
      failure = () => new OperatorError("the build failed", { fix });
      const watch = await watched();
      listFails = true;
      await minutes(1);
      expect(watch.status.problem).toBe(
        "the server is gone (mend: do it otherwise) | the build failed (mend: do it otherwise)",
      );
    });

    it("says the same thing of several tags once", async () => {
      refs = [tag("v1"), tag("v2")];
      failure = () => new OperatorError("no space left", { fix });
      expect((await watched()).status.problem).toBe("no space left (mend: do it otherwise)");
    });

    it("skips what cannot be an image once, and says why", async () => {
      refs = [tag("v1+build.5")];
      failure = () => new PermanentError("the git tag 'v1+build.5' cannot be an image's tag", { fix });
      const watch = await watched();
      await minutes(200);
      expect(builds).toEqual(["v1+build.5"]);
      expect(events.filter((type) => type === "skipped")).toHaveLength(1);
      expect(watch.status).toMatchObject({
        skipped: 1,
        problem: "the git tag 'v1+build.5' cannot be an image's tag (mend: do it otherwise)",
      });
    });
  });

  it("forgets a tag that is gone", async () => {
    refs = [tag("v1")];
    const watch = await watched();
    refs = [];
    await minutes(1);
    expect(watch.status.done).toBe(0);
  });
});
