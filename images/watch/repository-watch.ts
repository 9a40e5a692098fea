import { PermanentError } from "../../common/errors.ts";
import { asOperatorError } from "../../common/foreign-errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { withoutLogins } from "../../common/url-logins.ts";
import type { TagPattern } from "../../config/tag-pattern.ts";
import type { BuiltImage } from "../build-image.ts";
import type { Ref } from "../git/refs.ts";
import { MovedTagError } from "../publish.ts";
import { nextTryMs } from "./back-off.ts";

export interface RepositoryWatchProps {
  readonly name: string;
  readonly pattern: TagPattern;
  readonly intervalMs: number;
  /** @returns all tags that the repository has now. */
  listTags(): Promise<Ref[]>;
  /** Builds and publishes the image of a tag, unless it exists. Waits for a free slot first. */
  build(tag: Ref): Promise<BuiltImage>;
  onEvent(event: WatchEvent): void;
}

export type WatchEvent =
  | { readonly type: "polled"; readonly repository: string; readonly tags: number }
  | ({ readonly type: "poll-failed"; readonly repository: string } & Told)
  | {
      readonly type: "built";
      readonly repository: string;
      readonly tag: string;
      readonly image: BuiltImage;
      readonly ms: number;
    }
  | { readonly type: "warned"; readonly repository: string; readonly tag: string; readonly reason: string }
  | ({ readonly type: "skipped"; readonly repository: string; readonly tag: string } & Told)
  | ({ readonly type: "build-failed"; readonly repository: string; readonly tag: string } & Told);

/** A failure. Each text is one line. */
interface Told {
  readonly reason: string;
  /** How to mend it. */
  readonly mend: string;
}

/** What is known of a tag. A restart forgets it, and asks the registry again. */
interface Known {
  readonly commit: string;
  readonly state: "building" | "done" | "failed" | "skipped";
  readonly failures: number;
  /** ms since 1970 */
  readonly tryAgainAt: number;
  /** What is wrong, and how to mend it. */
  readonly problem?: string;
  /** Whether it failed because the tag has moved, as floating tags often do. */
  readonly hasMoved?: boolean;
}

export interface RepositoryStatus {
  readonly repository: string;
  readonly polledAt?: string;
  readonly nextPollAt?: string;
  readonly done: number;
  readonly building: number;
  readonly failed: number;
  /** Tags that cannot become images, and are not tried again. */
  readonly skipped: number;
  readonly problem?: string;
}

/** Polls one repository, and builds its tags that match and are new. */
export class RepositoryWatch {
  private readonly tags = new Map<string, Known>();
  private failures = 0;
  private problem: string | undefined;
  private polledAt: number | undefined;
  private nextPollAt: number | undefined;
  private readonly begunAt = Date.now();
  private wake = () => {};
  private isWanted = false;

  constructor(private readonly props: RepositoryWatchProps) {}

  /** Runs until Ctrl-C, which cancels its builds. When this resolves, they have ended. */
  async run(): Promise<void> {
    const running = new Set<Promise<void>>();
    while (!interrupted.aborted) {
      for (const tag of await this.poll()) {
        const build = this.build(tag).finally(() => running.delete(build));
        running.add(build);
      }
      await this.untilNextPoll();
    }
    await Promise.all(running);
  }

  /** Polls now; if a poll is under way, polls again after it. */
  trigger(): void {
    this.isWanted = true;
    this.wake();
  }

  get status(): RepositoryStatus {
    const all = [...this.tags.values()];
    const count = (state: Known["state"]) => all.filter((tag) => tag.state === state).length;
    return {
      repository: this.props.name,
      polledAt: timeOf(this.polledAt),
      nextPollAt: timeOf(this.nextPollAt),
      ...{ done: count("done"), building: count("building"), failed: count("failed"), skipped: count("skipped") },
      problem: [this.problem, ...problemsOf(all)].filter((each) => each !== undefined).join(" | ") || undefined,
    };
  }

  /** Whether it has answered recently enough. */
  isAlive(now: number): boolean {
    return now < (this.polledAt ?? this.begunAt) + 3 * this.props.intervalMs + 60_000;
  }

  /** @returns tags to build now. */
  private async poll(): Promise<Ref[]> {
    const { name, pattern, onEvent } = this.props;
    this.isWanted = false;
    try {
      const fitting = (await this.props.listTags()).filter((ref) => pattern(ref.name));
      this.failures = 0;
      this.problem = undefined;
      this.polledAt = Date.now();
      for (const tag of this.tags.keys()) if (!fitting.some((ref) => ref.name === tag)) this.tags.delete(tag);
      onEvent({ type: "polled", repository: name, tags: fitting.length });
      return fitting.filter((ref) => this.isDue(ref));
    } catch (error) {
      if (interrupted.aborted) return [];
      this.failures++;
      const told = toldOf(error);
      this.problem = inOne(told);
      onEvent({ type: "poll-failed", repository: name, ...told });
      return [];
    }
  }

  private isDue({ name, commit }: Ref): boolean {
    const known = this.tags.get(name);
    if (!known || known.commit !== commit) return known?.state !== "building";
    return known.state === "failed" && Date.now() >= known.tryAgainAt;
  }

  private async build(ref: Ref): Promise<void> {
    const { name: repository, intervalMs, onEvent } = this.props;
    const { name: tag, commit } = ref;
    const before = this.tags.get(tag);
    const failures = before?.commit === commit ? before.failures : 0;
    const begun = Date.now();
    this.tags.set(tag, { commit, failures, state: "building", tryAgainAt: 0 });
    try {
      const image = await this.props.build(ref);
      this.tags.set(tag, { commit, state: "done", failures: 0, tryAgainAt: 0 });
      for (const reason of image.warnings ?? []) onEvent({ type: "warned", repository, tag, reason });
      onEvent({ type: "built", repository, tag, image, ms: Date.now() - begun });
    } catch (error) {
      if (interrupted.aborted) return;
      const told = toldOf(error);
      const problem = inOne(told);
      if (error instanceof PermanentError) {
        this.tags.set(tag, { commit, failures, state: "skipped", tryAgainAt: Number.POSITIVE_INFINITY, problem });
        onEvent({ type: "skipped", repository, tag, ...told });
        return;
      }
      const tryAgainAt = Date.now() + nextTryMs(intervalMs, failures + 1, Math.random());
      const hasMoved = error instanceof MovedTagError;
      this.tags.set(tag, { commit, failures: failures + 1, state: "failed", tryAgainAt, problem, hasMoved });
      onEvent({ type: "build-failed", repository, tag, ...told });
    }
  }

  private async untilNextPoll(): Promise<void> {
    const wait = nextTryMs(this.props.intervalMs, this.failures, Math.random());
    this.nextPollAt = Date.now() + wait;
    if (this.isWanted || interrupted.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        interrupted.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, wait);
      this.wake = end;
      interrupted.addEventListener("abort", end);
    });
  }
}

const mostProblems = 5;

/** The problems of all tags, each once: failed builds, moved tags, skipped tags. No kind of problem hides another. */
function problemsOf(tags: readonly Known[]): string[] {
  const kinds = [
    tags.filter(({ state, hasMoved }) => state === "failed" && !hasMoved),
    tags.filter(({ state, hasMoved }) => state === "failed" && hasMoved),
    tags.filter(({ state }) => state === "skipped"),
  ];
  return kinds.flatMap((kind) => {
    const problems = [...new Set(kind.flatMap(({ problem }) => problem ?? []))];
    const more = problems.length > mostProblems ? [`and ${problems.length - mostProblems} more`] : [];
    return [...problems.slice(0, mostProblems), ...more];
  });
}

const timeOf = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

function toldOf(error: unknown): Told {
  const { message, details } = asOperatorError(error);
  const onOneLine = (text: string) => withoutLogins(text.replaceAll(/\s*\n\s*/g, " | "));
  return {
    reason: onOneLine([message, details.cause].filter(Boolean).join(": ")),
    mend: onOneLine(details.fix),
  };
}

const inOne = ({ reason, mend }: Told) => `${reason} (mend: ${mend})`;
