/** @returns undefined for anything but a JSON object or list */
export function readJson<T extends object>(text: Buffer | string): T | undefined {
  try {
    const value: unknown = JSON.parse(text.toString());
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
