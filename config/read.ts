import { closeSync, openSync, readSync } from "node:fs";
import { meaningOf } from "../common/system-errors.ts";
import { ConfigError, type ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";

/** A little more than `readDocument` accepts. Bounds the read even for a device that never ends. */
const mostBytes = 5 * 1024 * 1024;

/**
 * Reads the text of a config file.
 *
 * @param example - a file to start from
 * @throws ConfigError when the file cannot be read as text
 */
export function readConfigText(path: string, example: string): string {
  let bytes: Buffer;
  try {
    bytes = readBytes(path);
  } catch (error) {
    throw new ConfigError([{ fileName: path, faults: [unreadable((error as NodeJS.ErrnoException).code, example)] }]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ fileName: path, faults: [fault.notUtf8()] }]);
  }
}

function unreadable(code: string | undefined, example: string): ConfigFault {
  if (code === "ENOENT") return fault.fileMissing(example);
  return fault.fileUnreadable(meaningOf(code)?.problem ?? String(code));
}

function readBytes(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= mostBytes; ) {
      const chunk = Buffer.alloc(64 * 1024);
      const read = readSync(file, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}
