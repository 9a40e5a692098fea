import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { ClusterConfig } from "../../../config/schema.ts";

/**
 * Removes the bench's repository and the blobs in it from the bucket, also those of an earlier bench that was killed: the
 * registry itself only forgets them. Goes on after Ctrl-C.
 */
export async function removeStoredBlobs(s3: S3Client, { bucket, prefix }: ClusterConfig["storage"]): Promise<void> {
  const root = `${prefix.slice(1)}/docker/registry/v2`;
  const keys: string[] = [];
  for await (const { Contents } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: `${root}/repositories/bench/` },
  )) {
    keys.push(...(Contents ?? []).map(({ Key = "" }) => Key));
  }
  await deleteAll(s3, bucket, [...blobKeys(keys).map((key) => `${root}/${key}`), ...keys]);
}

/** Keys of blobs, below the registry's root, that the layer links of a repository lead to. */
export function blobKeys(repositoryKeys: readonly string[]): string[] {
  return repositoryKeys.flatMap((key) => {
    const digest = /\/_layers\/sha256\/([0-9a-f]{64})\/link$/.exec(key)?.[1];
    return digest ? [`blobs/sha256/${digest.slice(0, 2)}/${digest}/data`] : [];
  });
}

async function deleteAll(s3: S3Client, bucket: string, keys: readonly string[]): Promise<void> {
  const most = 1000;
  for (let start = 0; start < keys.length; start += most) {
    const Objects = keys.slice(start, start + most).map((Key) => ({ Key }));
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    if (Errors[0]) throw new Error(`${Errors.length} objects of the bench stay in S3: ${Errors[0].Message}`);
  }
}
