import type { Begun, Completed, HistoryEvent, Invoked, Struck } from "../../faults/history.ts";

/**
 * A short history of a cluster that does all that it should: an image is pushed and pulled, nginx of the holder is stopped, the
 * address moves, all is healed. Tests change one thing in it. Times are seconds after the begin.
 */
export const begunAt = 1_000_000;
const at = (seconds: number) => begunAt + seconds * 1_000;

const begun: Begun = {
  type: "begun",
  at: at(0),
  seed: 1,
  minutes: 1,
  nodes: [
    { name: "proxy-1", role: "proxy" },
    { name: "proxy-2", role: "proxy" },
    { name: "registry-1", role: "registry" },
    { name: "registry-2", role: "registry" },
  ],
  limits: { rightWithinMs: 10_000, blipMs: 2_000, patienceMs: 5_000 },
};

/** The image that the good history pushes. */
export const image = { manifest: "sha256:m1", blobs: ["sha256:config", "sha256:layer"] };
const registries = ["registry-1", "registry-2"];

export const struckAt = 20;
export const healedAt = 40;
export const endsAt = 70;

/** What the proxies look like at a moment. */
interface Look {
  readonly holder?: string;
  readonly masters?: readonly string[];
  readonly healthy?: readonly string[];
}

const whole = (holder: string): Look => ({ holder, masters: [holder], healthy: ["proxy-1", "proxy-2"] });

function lookAt(second: number): Look {
  if (second < struckAt) return whole("proxy-1");
  if (second < struckAt + 3) return { holder: "proxy-1", masters: [], healthy: ["proxy-2"] };
  if (second < healedAt) return { holder: "proxy-2", masters: ["proxy-2"], healthy: ["proxy-2"] };
  return whole("proxy-2");
}

/** @param look what the cluster looks like at a second. @default - the address moves once, 3 s after the fault */
export function goodHistory({
  look = lookAt,
  fault = {},
}: {
  readonly look?: (second: number) => Look;
  readonly fault?: Partial<Struck>;
} = {}): HistoryEvent[] {
  const events: HistoryEvent[] = [
    begun,
    ...push(1, 2, image),
    ...pull(2, 5, image.manifest),
    ...pull(3, 65, image.manifest),
    act("strikes", struckAt, fault),
    { ...act("struck", struckAt, fault), began: at(struckAt) },
    act("healing", healedAt - 1, fault),
    act("healed", healedAt, fault),
    { type: "load", at: at(55), act: "quiet begins", requests: { "proxy-1": 100, "proxy-2": 100 } },
    { type: "load", at: at(65), act: "quiet ends", requests: { "proxy-1": 150, "proxy-2": 140 } },
    ...registries.flatMap((registry) =>
      [image.manifest, ...image.blobs].map(
        (digest) => ({ type: "final", at: at(endsAt), registry, repository: "r", digest, result: "ok" }) as const,
      ),
    ),
    ...begun.nodes.map(
      ({ name }) => ({ type: "converged", at: at(endsAt), node: name, succeeded: true, changed: [] }) as const,
    ),
    ...Array.from({ length: endsAt }, (_, second) => seen(second, look(second))).flat(),
  ];
  return inOrder(events);
}

export function push(operation: number, second: number, pushed = image, tag = "t", end: Partial<Completed> = {}) {
  return operated({ kind: "push", operation, image: pushed, tag }, second, end);
}

export function pull(operation: number, second: number, manifest: string, tag = "t", end: Partial<Completed> = {}) {
  return operated({ kind: "pull", operation, tag }, second, { manifest, ...end });
}

/** A history with more in it, or with something else in the place of an event. */
export const inOrder = (events: readonly HistoryEvent[]) => [...events].sort((a, b) => a.at - b.at);

export const act = (name: Struck["act"], second: number, more: Partial<Struck> = {}): Struck => ({
  ...{ type: "nemesis", at: at(second), act: name, fault: "nginx-stop", aim: "holder", node: "proxy-1" },
  ...more,
});

function operated(
  invoked: Pick<Invoked, "kind" | "operation" | "tag" | "image">,
  second: number,
  end: Partial<Completed>,
): HistoryEvent[] {
  return [
    { type: "invoked", at: at(second), client: 0, connection: "fresh", repository: "r", ...invoked },
    { type: "completed", at: at(second + 1), operation: invoked.operation, result: "ok", bytes: 1, ...end },
  ];
}

function seen(second: number, { holder, masters = [], healthy = [] }: Look): HistoryEvent[] {
  const proxies = ["proxy-1", "proxy-2"].map((node) => ({
    ...{ type: "proxy", at: at(second), node },
    ...{ master: masters.includes(node), healthy: healthy.includes(node) },
  })) as HistoryEvent[];
  return [...proxies, { type: "address", at: at(second), holder }];
}
