import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import type { FaultName } from "../../lab/faults/catalogue.ts";
import type { Role } from "../../topology/roles.ts";

/**
 * What a trial writes down while it runs, one line of JSON each, in the order in which it was seen: what clients did, what was
 * broken, and what the cluster looked like. The checker reads nothing else. All times are Unix times in milliseconds.
 */
export type HistoryEvent =
  | Begun
  | Invoked
  | Completed
  | Struck
  | AddressSeen
  | ProxySeen
  | LoadCounted
  | FinalRead
  | Converged;

/** The first line: what was asked for. */
export interface Begun {
  readonly type: "begun";
  readonly at: number;
  readonly seed: number;
  readonly minutes: number;
  readonly nodes: readonly { readonly name: string; readonly role: Role }[];
  readonly limits: Limits;
}

/** How long things may take: see `limits.ts`. */
export interface Limits {
  /** From a fault, or from its healing, until the address is right and requests succeed. */
  readonly rightWithinMs: number;
  /** What is wrong for less than this is a blip that the health checks do not see either. */
  readonly blipMs: number;
  /** A client that hears nothing for so long gives a request up. */
  readonly patienceMs: number;
}

/** A client begins to push or pull an image. */
export interface Invoked {
  readonly type: "invoked";
  readonly at: number;
  readonly operation: number;
  readonly client: number;
  readonly kind: "push" | "pull";
  readonly connection: "fresh" | "kept";
  readonly repository: string;
  readonly tag: string;
  /** What is pushed. A pull learns from the tag what it gets. */
  readonly image?: ImageDigests;
}

/** Digest of an image's manifest, and of all blobs in it. */
export interface ImageDigests {
  readonly manifest: string;
  readonly blobs: readonly string[];
}

/**
 * How an operation ended:
 * - ok: a push was acknowledged; a pull got all of an image, and every digest was right.
 * - failed: it did not happen, and the client was told or noticed.
 * - unknown: the answer to the last request of a push never came, so it may have happened, or happen yet.
 * - wrong: a pull got other bytes than their digest says, without any error.
 * - missing: a pull was told that what it wants does not exist.
 */
export type Result = "ok" | "failed" | "unknown" | "wrong" | "missing";

export interface Completed {
  readonly type: "completed";
  readonly at: number;
  readonly operation: number;
  readonly result: Result;
  /** Bytes of blobs and manifests that were sent or read. */
  readonly bytes: number;
  /** Digest of the manifest that a pull got. */
  readonly manifest?: string;
  readonly error?: string;
}

/** What a fault is aimed at. Undefined: the cluster, or every node that the fault can strike. */
export type Aim = "holder" | "backup" | "registry";

/**
 * What the nemesis did. A fault that does not last is healed by the cluster itself, and `healing` ends its time. `beside` is a
 * second deployment during a fault.
 */
export interface Struck {
  readonly type: "nemesis";
  readonly at: number;
  readonly act: "strikes" | "struck" | "beside" | "healing" | "healed";
  readonly fault: FaultName;
  readonly aim?: Aim;
  readonly node?: string;
  /** With `struck`: when the fault began, as the machine itself noted it. */
  readonly began?: number;
}

/** To which proxy AWS sends the service address. */
export interface AddressSeen {
  readonly type: "address";
  readonly at: number;
  readonly holder: string | undefined;
}

/** What a proxy says of itself. One that says nothing has no line. */
export interface ProxySeen {
  readonly type: "proxy";
  readonly at: number;
  readonly node: string;
  readonly master: boolean;
  /** Whether nginx answers the question that keepalived asks it. */
  readonly healthy: boolean;
}

/** Requests that each proxy has logged so far, at the begin and the end of a time without faults. */
export interface LoadCounted {
  readonly type: "load";
  readonly at: number;
  readonly act: "quiet begins" | "quiet ends";
  readonly requests: Readonly<Record<string, number>>;
}

/** A read at one registry, without the proxies, after everything was healed. */
export interface FinalRead {
  readonly type: "final";
  readonly at: number;
  readonly registry: string;
  readonly repository: string;
  /** Of a manifest, or of a blob. */
  readonly digest: string;
  readonly result: "ok" | "wrong" | "missing" | "failed";
  readonly error?: string;
}

/** A converge after everything was healed. */
export interface Converged {
  readonly type: "converged";
  readonly at: number;
  readonly node: string;
  readonly succeeded: boolean;
  /** Names of the states that changed something. */
  readonly changed: readonly string[];
}

/** A history that is being written. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #file: WriteStream;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = createWriteStream(path);
  }

  add(event: HistoryEvent): void {
    this.events.push(event);
    this.#file.write(`${JSON.stringify(event)}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}

export function readHistory(path: string): HistoryEvent[] {
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as HistoryEvent);
}
