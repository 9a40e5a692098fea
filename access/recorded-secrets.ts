import { OperatorError } from "../common/errors.ts";
import { type SecretFolder, secretPath } from "../topology/names.ts";
import type { SecretStore } from "./secret-store.ts";

/** What was done about one secret. Contains no secret. */
export interface SecretEntry {
  readonly path: string;
  readonly action: "created" | "kept" | "renewed";
  /** Why it was renewed. */
  readonly reason?: string;
}

/** The secrets of one cluster, with a record of what is done about each. */
export class RecordedSecrets {
  readonly entries: SecretEntry[] = [];

  constructor(
    readonly store: SecretStore,
    private readonly cluster: string,
  ) {}

  path(folder: SecretFolder, key: string): string {
    return secretPath(this.cluster, folder, key);
  }

  keep(path: string): void {
    this.entries.push({ path, action: "kept" });
  }

  /** Creates the value if there is none. @returns the stored value, which may be another operator's. */
  async ensure(path: string, make: () => Promise<string>): Promise<string> {
    const stored = await this.store.get(path);
    if (stored === undefined) {
      const value = await make();
      if (await this.store.create(path, value)) {
        this.entries.push({ path, action: "created" });
        return value;
      }
    }
    this.keep(path);
    return stored ?? mustGet(this.store, path);
  }

  /** Stores a value that is derived from others. */
  async keepEqual(path: string, value: string, reason: string): Promise<void> {
    const stored = await this.ensure(path, async () => value);
    if (stored !== value) await this.renew(path, value, reason);
  }

  async renew(path: string, value: string, reason: string): Promise<void> {
    await this.store.put(path, value);
    this.entries.push({ path, action: "renewed", reason });
  }
}

/** @returns the value. @throws OperatorError that says how to create it. */
export async function mustGet(store: SecretStore, path: string): Promise<string> {
  const value = await store.get(path);
  if (value === undefined) throw new OperatorError(`there is no ${path} yet`, { fix: "registry-cluster access init" });
  return value;
}
