import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ClusterConfig } from "../../../config/schema.ts";

/** A place in a bucket. */
interface Folder {
  readonly Bucket: string;
  readonly Prefix: string;
}

/**
 * Removes the bench's repository and its blobs from the bucket, also those of an earlier bench that was killed: the registry itself
 * would only remove its links to them. Continues after Ctrl-C.
 *
 * @param digests of blobs that may have no link in the repository, because their push was interrupted.
 */
export async function removeStoredBlobs(
  s3: S3Client,
  { bucket, prefix }: ClusterConfig["storage"],
  digests: Iterable<string>,
): Promise<void> {
  const root = `${prefix.slice(1)}/docker/registry/v2`;
  const repository: Folder = { Bucket: bucket, Prefix: `${root}/repositories/bench/` };
  await abortUploads(s3, repository);
  const keys = await keysIn(s3, repository);
  const blobs = new Set([...digests, ...linkedDigests(keys)].map((digest) => `${root}/${blobKey(digest)}`));
  await deleteAll(s3, bucket, [...blobs, ...keys]);
}

/** Digests that the layer links of a repository stand for. */
export function linkedDigests(repositoryKeys: readonly string[]): string[] {
  return repositoryKeys.flatMap((key) => {
    const hex = /\/_layers\/sha256\/([0-9a-f]{64})\/link$/.exec(key)?.[1];
    return hex ? [`sha256:${hex}`] : [];
  });
}

/** Where the registry keeps a blob, below its root. */
export function blobKey(digest: string): string {
  const hex = digest.replace("sha256:", "");
  return `blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
}

/** Removes the parts of interrupted uploads, which no list of objects shows. */
async function abortUploads(s3: S3Client, folder: Folder): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand(folder));
  for (const { Key, UploadId } of Uploads) {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: folder.Bucket, Key, UploadId }));
  }
}

async function keysIn(s3: S3Client, folder: Folder): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, folder)) {
    keys.push(...Contents.map(({ Key = "" }) => Key));
  }
  return keys;
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
