import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { extract } from "tar-stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { archiveFiles, readFiles } from "../../../bundle/archive.ts";

interface Entry {
  readonly mode: number | undefined;
  readonly text: string;
}

/** Reads an archive by another implementation than the one that wrote it. */
async function unpack(archive: Buffer): Promise<Record<string, Entry>> {
  const reader = extract();
  reader.end(archive);
  const entries: Record<string, Entry> = {};
  for await (const entry of reader) {
    entries[entry.header.name] = { mode: entry.header.mode, text: await text(entry) };
  }
  return entries;
}

describe("archiveFiles", () => {
  it("keeps paths and contents, whatever their lengths", async () => {
    const files = { empty: "", "a/b": "x".repeat(512), "a/c": "ü".repeat(300) };
    const entries = await unpack(await archiveFiles(files));
    expect(Object.fromEntries(Object.entries(entries).map(([path, { text }]) => [path, text]))).toEqual(files);
  });

  it("keeps paths of more than 100 bytes", async () => {
    const path = `rendered/${"folder/".repeat(15)}${"n".repeat(60)}`;
    expect(Object.keys(await unpack(await archiveFiles({ [path]: "" })))).toEqual([path]);
  });

  it("makes programs executable, by their first line and nothing else", async () => {
    const entries = await unpack(await archiveFiles({ script: "#!/bin/bash\n", renderer: "#!py\n", text: "x" }));
    expect(entries.script?.mode).toBe(0o755);
    expect(entries.renderer?.mode).toBe(0o644);
    expect(entries.text?.mode).toBe(0o644);
  });

  it("gives the same bytes for the same files in another order", async () => {
    const [one, other] = [await archiveFiles({ a: "1", b: "2" }), await archiveFiles({ b: "2", a: "1" })];
    expect(one.equals(other)).toBe(true);
  });
});

describe("readFiles", () => {
  it("leaves out what editors and interpreters leave behind", () => {
    const folder = mkdtempSync(join(tmpdir(), "archive-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "sub", "__pycache__"), { recursive: true });
    const files = ["top.sls", "sub/init.sls", "sub/__pycache__/x.pyc", "sub/x.pyc", "sub/.init.sls.swp", "top.sls~"];
    for (const file of files) writeFileSync(join(folder, file), file);
    expect(Object.keys(readFiles(folder)).sort()).toEqual(["sub/init.sls", "top.sls"]);
  });
});
