import { z } from "zod";
import { withoutLogin, withoutLogins } from "../../operator/addresses.ts";
import { OperatorError } from "../../operator/errors.ts";
import { whyOf } from "../../operator/foreign-errors.ts";
import type { RepositoryStatus } from "./repository-watch.ts";

/** As much as tells a watch of this version, or of another, from other servers. */
const statusesSchema = z.array(z.looseObject({ repository: z.string(), done: z.number(), failed: z.number() }));

/**
 * Asks a watch that runs.
 *
 * @param url - where it listens
 * @throws OperatorError where none answers
 */
export async function askWatch(url: string): Promise<RepositoryStatus[]> {
  const place = withoutLogin(url);
  const fix = "start one: registry-cluster image watch --config builds.yml; --url names another place";
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) {
    throw new OperatorError(`'${place}' is no URL`, { fix: "--url takes one such as http://127.0.0.1:9180" });
  }
  const response = await fetch(new URL("/status", url), { signal: AbortSignal.timeout(5_000) }).catch(
    (error: Error) => {
      const cause = withoutLogins(whyOf(error.cause ?? error));
      throw new OperatorError(`no watch answers at ${place}`, { cause, fix });
    },
  );
  if (!response.ok)
    throw new OperatorError(`no watch answers at ${place}`, { cause: `status ${response.status}`, fix });
  const statuses = statusesSchema.safeParse(await response.json().catch(() => undefined));
  if (statuses.success) return statuses.data as unknown as RepositoryStatus[];
  throw new OperatorError(`no watch answers at ${place}`, { cause: "something else does", fix });
}
