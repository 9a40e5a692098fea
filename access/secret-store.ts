/** Where a cluster's secrets are kept. Paths are made by `secretPath` in topology/names.ts. */
export interface SecretStore {
  /** @returns the value, or undefined when there is none. */
  get(path: string): Promise<string | undefined>;
  /** Stores a value where there is none. @returns false when there is one already: it stays as it is. */
  create(path: string, value: string): Promise<boolean>;
  /** Stores a value, whatever was there. */
  put(path: string, value: string): Promise<void>;
  /** @returns the paths of all values below a folder, sorted. */
  list(folder: string): Promise<string[]>;
  /** Removes a value; harmless when there is none. */
  delete(path: string): Promise<void>;
}
