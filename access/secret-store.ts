/** Where a cluster's secrets are kept. Paths are made by `secretPath` in topology/names.ts. */
export interface SecretStore {
  /** @returns the value, or undefined when there is none. */
  get(path: string): Promise<string | undefined>;
  /** Stores a value if there is none. @returns false when there is one, which stays unchanged. */
  create(path: string, value: string): Promise<boolean>;
  /** Stores a value, replacing any other. */
  put(path: string, value: string): Promise<void>;
  /** @returns the paths of all values below a folder, sorted. */
  list(folder: string): Promise<string[]>;
  /** Removes a value; harmless when there is none. */
  delete(path: string): Promise<void>;
}
