import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Outcome } from "./client.ts";
import type { History } from "./history.ts";
import { keptConnection, type Target } from "./http.ts";
import { type Blob, digestsOf, type Image, randomImage, type Tag } from "./images.ts";
import { type Random, randomFor } from "./random.ts";

export interface WorkloadProps {
  readonly target: Target;
  readonly history: History;
  readonly seed: number;
  /** Part of the names of this run's images, so that no other run has the same ones. */
  readonly run: string;
  /** @default 8 */
  readonly clients?: number;
  /** Average pause between two operations of a client: random, up to twice this. @default 500 */
  readonly pauseMs?: number;
}

/** Clients that push and pull random images until they are told to stop. */
export class Workload {
  readonly #props: WorkloadProps;
  readonly #clients: Promise<void>[];
  /** Tags with an acknowledged image. */
  readonly #tags: Tag[] = [];
  /** Acknowledged layers by repository. */
  readonly #layers = new Map<string, Blob[]>();
  #operations = 0;
  #stopped = false;

  constructor(props: WorkloadProps) {
    this.#props = props;
    this.#clients = Array.from({ length: props.clients ?? 8 }, (_, client) => this.#run(client));
  }

  /** Lets every client finish its current operation. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #run(client: number): Promise<void> {
    const { seed, target, pauseMs = 500 } = this.#props;
    const random = randomFor(seed, `client ${client}`);
    const kept = keptConnection(target);
    while (!this.#stopped) {
      await sleep(random.between(0, 2 * pauseMs));
      const connection = random.pick(["fresh", "kept"] as const);
      const http = new Client(target, connection === "kept" && kept);
      const isPush = random.between(1, 100) <= 35;
      if (isPush || this.#tags.length === 0) await this.#push({ client, connection }, http, random);
      else await this.#pull({ client, connection }, http, random);
    }
    kept.destroy();
  }

  async #push(by: Actor, http: Client, random: Random): Promise<void> {
    const repository = `faults/${this.#props.run}/${random.between(1, 4)}`;
    const name = `${this.#props.run} ${by.client} ${this.#operations}`;
    // Several clients move some tags from image to image; most tags never move.
    const tag = random.onceIn(4) ? `moving-${random.between(1, 3)}` : name.replaceAll(" ", "-");
    const known = this.#layers.get(repository) ?? [];
    const image = randomImage(random, name, { repository, tag }, known);
    const chunks = random.onceIn(3) ? random.between(2, 4) : 1;
    const invoked = { ...by, kind: "push", repository, tag, image: digestsOf(image) } as const;
    const { result } = await this.#record(invoked, () => http.push(image, chunks));
    if (result === "ok") this.#remember(image);
  }

  async #pull(by: Actor, http: Client, random: Random): Promise<void> {
    // Prefers new ones, because old ones are in every cache.
    const newest = this.#tags.slice(-50);
    const tag = random.pick(random.onceIn(2) ? newest : this.#tags);
    await this.#record({ ...by, kind: "pull", ...tag }, () => http.pull(tag));
  }

  async #record(invoked: Operation, run: () => Promise<Outcome>): Promise<Outcome> {
    const operation = this.#operations++;
    this.#props.history.add({ type: "invoked", at: Date.now(), operation, ...invoked });
    const outcome = await run();
    this.#props.history.add({ type: "completed", at: Date.now(), operation, ...outcome });
    return outcome;
  }

  #remember({ repository, tag, layers }: Image): void {
    if (!this.#tags.some((known) => known.repository === repository && known.tag === tag))
      this.#tags.push({ repository, tag });
    this.#layers.set(repository, [...(this.#layers.get(repository) ?? []), ...layers].slice(-20));
  }
}

interface Actor {
  readonly client: number;
  readonly connection: "fresh" | "kept";
}

type Operation = Actor & Tag & ({ kind: "pull" } | { kind: "push"; image: ReturnType<typeof digestsOf> });
