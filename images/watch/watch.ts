import { readFileSync } from "node:fs";
import pLimit from "p-limit";
import { OperatorError } from "../../common/errors.ts";
import { whyOf } from "../../common/foreign-errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { silently } from "../../common/step.ts";
import { withTemporaryFolder } from "../../common/temporary-folder.ts";
import { type Builds, type BuildsRepository, imageOf } from "../../config/builds.ts";
import { parseRepository } from "../../config/git-repository.ts";
import { parsePattern } from "../../config/tag-pattern.ts";
import { buildImage } from "../build-image.ts";
import type { BuildSecret } from "../build-secrets.ts";
import { findBuilder } from "../builders/find.ts";
import { listRefs } from "../git/checkout.ts";
import type { Ref } from "../git/refs.ts";
import { logLine, WatchMetrics } from "./events.ts";
import { RepositoryWatch, type WatchEvent } from "./repository-watch.ts";
import { startServer } from "./server.ts";

export interface WatchProps {
  readonly builds: Builds;
  /** Certificate of the registry's authority. */
  readonly caFile?: string;
  /** `buildkit` or `buildah`. @default - the first one installed that can do what is needed */
  readonly builder?: string;
  /** Folder with the sockets of daemons that each serve one build. @default - a builder of this machine's user */
  readonly buildDaemons?: string;
  readonly log: (line: string) => void;
}

/**
 * Builds every new tag, until Ctrl-C or SIGTERM. These cancel the builds under way, which leave no tag or folder behind; the next
 * start asks the registry what is missing.
 *
 * @throws OperatorError if there is no builder, or it cannot listen or read the webhooks' secret
 */
export async function watch({ builds, caFile, log, builder: wanted, buildDaemons }: WatchProps): Promise<void> {
  const attests = Object.values(builds.repositories).some(({ provenance, sbom }) => provenance || sbom);
  const builder = await findBuilder({ name: wanted, daemons: buildDaemons, attests });
  const metrics = new WatchMetrics();
  const onEvent = (event: WatchEvent) => {
    metrics.count(event);
    if (event.type !== "polled") log(logLine(event));
  };
  const limit = pLimit(builds.concurrency);
  const repositories = new Map<string, RepositoryWatch>();
  for (const [name, repository] of Object.entries(builds.repositories)) {
    repositories.set(
      name,
      new RepositoryWatch({
        name,
        onEvent,
        pattern: parsePattern(repository.tags) ?? (() => false),
        intervalMs: builds.pollInterval.milliseconds,
        listTags: () => tagsOf(repository),
        build: (tag) =>
          limit(() => {
            interrupted.throwIfAborted();
            const { url, image: _image, tags: _tags, secrets, ...how } = repository;
            const props = {
              ...how,
              repository: url,
              ref: tag,
              push: imageOf(builds, name),
              sign: builds.sign,
              secrets: secretsOf(secrets),
            };
            return buildImage({ ...props, caFile, builder }, silently);
          }),
      }),
    );
  }
  const webhookSecret = readSecret(builds.webhookSecretFile);
  const server = await startServer({ listen: builds.listen, repositories, metrics, webhookSecret });
  log(`event=started repositories=${repositories.size} listen=${builds.listen} builder="${builder.version}"`);
  await Promise.all([...repositories.values()].map((each) => each.run()));
  server.close();
  server.closeAllConnections();
  log("event=ended");
}

const secretsOf = (secrets: BuildsRepository["secrets"]): BuildSecret[] =>
  Object.entries(secrets).map(([id, file]) => ({ id, from: { file } }));

async function tagsOf({ url }: BuildsRepository): Promise<Ref[]> {
  const refs = await withTemporaryFolder("refs", (folder) => listRefs(parseRepository(url), folder));
  return refs.filter(({ kind }) => kind === "tag");
}

function readSecret(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const fix = "write a secret of at least 16 characters into it: openssl rand -hex 32";
  try {
    const secret = readFileSync(file, "utf8").trim();
    if (secret.length >= 16) return secret;
  } catch (error) {
    throw new OperatorError(`cannot read webhookSecretFile ${file}`, { cause: whyOf(error), fix });
  }
  throw new OperatorError(`the secret in ${file} is too short`, { fix });
}
