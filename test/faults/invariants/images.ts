import { eventsOf, finalKey, type Operation } from "../timeline.ts";
import { findingOf, type Invariant, moment } from "./invariant.ts";

const acknowledged = ({ kind, end }: Operation) => kind === "push" && end?.result === "ok";

export const nothingIsLost: Invariant = {
  name: "nothing is lost",
  meaning: "every acknowledged push can be pulled, with its digests, from every registry",
  check({ history, begun, operations }) {
    const reads = new Map(eventsOf(history, "final").map((read) => [finalKey(read), read]));
    const registries = begun.nodes.filter(({ role }) => role === "registry").map(({ name }) => name);
    const wanted = operations
      .filter(acknowledged)
      .flatMap(({ operation, repository, image }) =>
        [image!.manifest, ...image!.blobs].flatMap((digest) =>
          registries.map((registry) => ({ operation, registry, repository, digest })),
        ),
      );
    return findingOf(wanted, ({ operation, ...read }) => {
      const found = reads.get(finalKey(read));
      if (found?.result === "ok") return [];
      const how = found ? `${found.result}${found.error ? `: ${found.error}` : ""}` : "never read";
      return [`${read.registry}: ${read.digest} in ${read.repository}, acknowledged by push ${operation}: ${how}`];
    });
  },
};

export const noByteIsWrong: Invariant = {
  name: "no byte is wrong",
  meaning: "a pull never gives bytes with another digest, and always finds what was acknowledged",
  check(evidence) {
    const pulls = evidence.operations.filter(({ kind, end }) => kind === "pull" && end !== undefined);
    return findingOf(pulls, ({ operation, repository, tag, at, end }) =>
      end?.result === "wrong" || end?.result === "missing"
        ? [`pull ${operation} of ${repository}:${tag} at ${moment(evidence, at)}: ${end.result}: ${end.error}`]
        : [],
    );
  },
};

export const tagsAreTrue: Invariant = {
  name: "tags are true",
  meaning:
    "a tag gives a manifest that was pushed to it, and never one that another had replaced before the pull began",
  check(evidence) {
    const pushes = evidence.operations.filter(({ kind }) => kind === "push");
    const pulls = evidence.operations.filter(({ kind, end }) => kind === "pull" && end?.result === "ok");
    return findingOf(pulls, (pull) => {
      const fault = faultOf(
        pull,
        pushes.filter(({ repository, tag }) => repository === pull.repository && tag === pull.tag),
      );
      return fault === undefined
        ? []
        : [
            `pull ${pull.operation} of ${pull.repository}:${pull.tag} at ${moment(evidence, pull.at)} got ${pull.end?.manifest}, ${fault}`,
          ];
    });
  },
};

/** The fault of the manifest that a pull got, given all pushes to its tag. */
function faultOf(pull: Operation, pushes: readonly Operation[]): string | undefined {
  const source = pushes.find(({ image, at }) => image?.manifest === pull.end?.manifest && at < pull.end!.at);
  if (!source) return "which nobody had pushed there";
  // Only an acknowledged push has certainly taken effect by then; others may do so at any time.
  if (source.end?.result !== "ok") return undefined;
  const writtenAt = source.end.at;
  const later = pushes.find((push) => acknowledged(push) && push.at > writtenAt && push.end!.at < pull.at);
  return later && `of push ${source.operation}, which push ${later.operation} had replaced`;
}

export const imageInvariants: readonly Invariant[] = [nothingIsLost, noByteIsWrong, tagsAreTrue];
