import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

/** A file, or a folder if it has no content. Owned by root. */
export interface TarEntry {
  /** Without a leading slash. */
  readonly path: string;
  readonly mode: number;
  readonly content?: Buffer;
}

/** Packs entries, in the given order, into a tar with the same bytes on every machine. */
export async function packTar(entries: readonly TarEntry[], mtime: Date): Promise<Buffer> {
  const tar = pack();
  for (const { path, mode, content } of entries) {
    const header = { name: path, mode, mtime, uid: 0, gid: 0, uname: "", gname: "" };
    if (content) tar.entry({ ...header, type: "file", size: content.length }, content);
    else tar.entry({ ...header, type: "directory" });
  }
  tar.finalize();
  return buffer(tar);
}
