import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import type { FaultName } from "../../lab/faults/catalogue.ts";
import type { Role } from "../../topology/roles.ts";

/**
 * The record of a trial, one line of JSON per event, in the order of observation: what clients did, what was broken, and the state of
 * the cluster. The checker reads nothing else. All times are Unix times in milliseconds.
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

/** The first line: the trial's options. */
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
  /** A problem that is shorter than this is a blip, which the health checks do not see either. */
  readonly blipMs: number;
  /** A client gives up a request after this long without an answer. */
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
  /** The pushed image. For a pull, the tag decides. */
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
 * - unknown: the answer to the last request of a push never came, so it may have happened, or may still happen.
 * - wrong: a pull got bytes that do not match their digest, without any error.
 * - missing: a pull was told that the image or a part of it does not exist.
 */
export type Result = "ok" | "failed" | "unknown" | "wrong" | "missing";

export interface Completed {
  readonly type: "completed";
  readonly at: number;
  readonly operation: number;
  readonly result: Result;
  /** Bytes of blobs and manifests sent or read. */
  readonly bytes: number;
  /** Digest of the manifest that a pull got. */
  readonly manifest?: string;
  readonly error?: string;
}

/** The target of a fault. Undefined: the cluster, or every node that the fault can strike. */
export type Aim = "holder" | "backup" | "registry";

/**
 * What the nemesis did. From a fault that does not last, the cluster recovers by itself, and `healing` ends its time. `beside`
 * is a second deployment during a fault.
 */
export interface Struck {
  readonly type: "nemesis";
  readonly at: number;
  readonly act: "strikes" | "struck" | "beside" | "healing" | "healed";
  readonly fault: FaultName;
  readonly aim?: Aim;
  readonly node?: string;
  /** With `struck`: when the fault began, by the machine's own record. */
  readonly began?: number;
}

/** The proxy to which AWS routes the service address. */
export interface AddressSeen {
  readonly type: "address";
  readonly at: number;
  readonly holder: string | undefined;
}

/** A proxy's own report. One that does not answer has no line. */
export interface ProxySeen {
  readonly type: "proxy";
  readonly at: number;
  readonly node: string;
  readonly master: boolean;
  /** Whether nginx passes keepalived's check. */
  readonly healthy: boolean;
}

/** Requests that each proxy has logged so far, at the start and the end of a time without faults. */
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

/** A history in progress. */
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
