import { OperatorError } from "../../operator/errors.ts";
import type { RepositoryStatus } from "./repository-watch.ts";

/**
 * Asks a watch that runs.
 *
 * @param url - where it listens
 * @throws OperatorError where none answers
 */
export async function askWatch(url: string): Promise<RepositoryStatus[]> {
  const fix = "start one: registry-cluster image watch --config builds.yml; --url names another place";
  const response = await fetch(new URL("/status", url), { signal: AbortSignal.timeout(5_000) }).catch(
    (error: Error) => {
      const cause = (error.cause as Error | undefined)?.message ?? error.message;
      throw new OperatorError(`no watch answers at ${url}`, { cause, fix });
    },
  );
  if (!response.ok) throw new OperatorError(`no watch answers at ${url}`, { cause: `status ${response.status}`, fix });
  return (await response.json()) as RepositoryStatus[];
}
