import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  ensureRegistryImage,
  packRegistryImage,
  registryProgram,
  updateRegistryImageLock,
} from "../../../artifacts/build-registry-image.ts";
import { exists } from "../../../artifacts/cache.ts";
import { cachedProgramPath } from "../../../artifacts/go-program.ts";
import { type RegistryImageLock, registryImage } from "../../../artifacts/registry-image.ts";
import { useEmptyCache } from "./support.ts";

const binary = Buffer.from("a small stand-in for the registry program");
const inputs = { version: "3.1.2", released: "2026-09-24T11:43:29Z", goVersion: "go1.26.11" };

/** The lock of an image whose program is the stand-in. */
async function lockOf(changes: Partial<RegistryImageLock> = {}): Promise<RegistryImageLock> {
  const archive = await packRegistryImage(binary, inputs);
  const binarySha256 = createHash("sha256").update(binary).digest("hex");
  return { ...inputs, binarySha256, archiveSha256: archive.sha256, imageId: archive.imageId, ...changes };
}

/** Puts the stand-in where the built program would be, so that nothing is built. */
async function cacheBinary(): Promise<void> {
  const path = cachedProgramPath(registryProgram(inputs));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, binary);
}

describe("the locked registry image", () => {
  it("names an exact version, toolchain and digests", () => {
    expect(registryImage.version).toMatch(/^3\.\d+\.\d+$/);
    expect(registryImage.goVersion).toMatch(/^go1\.\d+\.\d+$/);
    expect(registryImage.binarySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(registryImage.archiveSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(registryImage.imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe("making the registry image", () => {
  const folder = useEmptyCache();

  it("leaves the archive that the lock names in the cache", async () => {
    await cacheBinary();
    const lock = await lockOf();
    const path = await ensureRegistryImage({}, lock);
    expect(path).toBe(join(folder(), "images", `${lock.archiveSha256}.tar`));
    expect(
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    ).toBe(lock.archiveSha256);
  });

  it("uses a cached archive without the program", async () => {
    const lock = await lockOf();
    const path = join(folder(), "images", `${lock.archiveSha256}.tar`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, (await packRegistryImage(binary, inputs)).bytes);
    expect(await ensureRegistryImage({}, lock)).toBe(path);
    expect(await exists(cachedProgramPath(registryProgram(inputs)))).toBe(false);
  });

  it("replaces a cached archive that was damaged", async () => {
    await cacheBinary();
    const lock = await lockOf();
    const path = await ensureRegistryImage({}, lock);
    await writeFile(path, "damaged");
    await ensureRegistryImage({}, lock);
    expect(
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    ).toBe(lock.archiveSha256);
  });

  it("fails when the program is not the locked one, with both digests and the way to change the lock", async () => {
    await cacheBinary();
    const lock = await lockOf({ binarySha256: "0".repeat(64) });
    await expect(ensureRegistryImage({}, lock)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the registry program .* is not the one that artifacts\/registry-image.lock.json locks$/,
      ),
      details: {
        cause: `it has the sha256 ${(await lockOf()).binarySha256}, but only ${lock.binarySha256} is allowed`,
        fix: expect.stringContaining("registry-cluster artifacts lock"),
      },
    });
  });

  it("fails when the archive is not the locked one, and caches nothing", async () => {
    await cacheBinary();
    const lock = await lockOf({ archiveSha256: "0".repeat(64) });
    await expect(ensureRegistryImage({}, lock)).rejects.toThrow("the registry image archive of version 3.1.2");
    expect(await exists(join(folder(), "images", `${lock.archiveSha256}.tar`))).toBe(false);
  });
});

describe("updating the lock", () => {
  const folder = useEmptyCache();

  it("writes what comes out of the version and toolchain that are asked for", async () => {
    await cacheBinary();
    const path = join(folder(), "new.lock.json");
    await updateRegistryImageLock(inputs, {}, path);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(await lockOf());
  });
});
