import { symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { silently } from "../../../common/step.ts";
import { type BuildImageProps, buildImage } from "../../../images/build-image.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { cosignProgram, startBuildkit, type TestBuildkit } from "./supply-programs.ts";

const { title, skip } = suiteWith("an image that is attested and signed", {
  git: "git",
  buildah: "buildah",
  docker: "docker.io",
  runc: "runc",
});

const indexType = "application/vnd.oci.image.index.v1+json";

describe.skipIf(skip)(title, () => {
  let registry: TestRegistry;
  let buildkit: TestBuildkit;
  let repository: TestRepository;
  let folder: string;
  let key: string;
  let cosign: string;

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    registry = await startRegistry(folder);
    buildkit = await startBuildkit(folder, registry.logins);
    cosign = await cosignProgram();
    await mkdir(join(folder, "bin"));
    symlinkSync(cosign, join(folder, "bin", "cosign"));
    for (const [name, value] of Object.entries({ ...buildkit.env, COSIGN_PASSWORD: "secret" })) vi.stubEnv(name, value);
    vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env.PATH}`);
    await execa("cosign", ["generate-key-pair"], { cwd: folder });
    key = join(folder, "cosign.key");
    repository = new TestRepository(folder, "app");
    repository.commit({
      Dockerfile: "FROM scratch\nARG GREETING=hello\nLABEL greeting=$GREETING\nCOPY . /\n",
      "hello.txt": "hello",
    });
    repository.tag("v1");
  }, 900_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([buildkit?.stop(), registry?.stop()]);
  });

  const build = (props: Partial<BuildImageProps>) =>
    buildImage({ repository: repository.bare, ref: "v1", ...props }, silently);
  const place = (name: string) => `${registry.host}/${name}`;

  it("is made by BuildKit where there is one, the same each time, and pushed whole", async () => {
    const one = await build({ push: place("kit/one") });
    const two = await build({ push: place("kit/two") });
    expect(one.builder).toContain("BuildKit");
    expect(one.published).toMatchObject({ tags: ["v1", expect.stringMatching(/^git-/)], by: "built" });
    expect(two.published?.digest).toBe(one.published?.digest);
    const manifest = await (await registry.ask("kit/one/manifests/v1")).json();
    const { config, layers } = manifest as { config: { digest: string }; layers: { digest: string }[] };
    for (const { digest } of [config, ...layers]) {
      expect((await registry.ask(`kit/one/blobs/${digest}`)).status).toBe(200);
    }
    expect((await build({ push: place("kit/one") })).published?.by).toBe("existing");
  }, 60_000);

  it("may be one for several platforms by the same tag", async () => {
    await build({ push: place("kit/several"), platforms: ["linux/amd64", "linux/arm64"] });
    const index = (await (await registry.ask("kit/several/manifests/v1", indexType)).json()) as {
      manifests: { platform: { architecture: string } }[];
    };
    expect(index.manifests.map(({ platform }) => platform.architecture).sort()).toEqual(["amd64", "arm64"]);
  }, 60_000);

  it("is left as it is by a builder of another kind", async () => {
    await build({ push: place("kit/mixed") });
    expect((await build({ push: place("kit/mixed"), builder: "buildah" })).published?.by).toBe("existing");
  }, 60_000);

  it("carries how it was built, when that is wanted, and is found again by its commit", async () => {
    const { published } = await build({ push: place("kit/attested"), provenance: true });
    const index = (await (await registry.ask("kit/attested/manifests/v1", indexType)).json()) as {
      manifests: { digest: string; annotations?: Record<string, string> }[];
    };
    const attestation = index.manifests.find(
      ({ annotations }) => annotations?.["vnd.docker.reference.type"] === "attestation-manifest",
    );
    const { layers } = (await (await registry.ask(`kit/attested/manifests/${attestation?.digest}`)).json()) as {
      layers: { annotations: Record<string, string> }[];
    };
    expect(layers[0]?.annotations["in-toto.io/predicate-type"]).toMatch(/^https:\/\/slsa\.dev\/provenance/);
    expect((await build({ push: place("kit/attested") })).published).toMatchObject({
      by: "existing",
      digest: published?.digest,
    });
  }, 60_000);

  it("is signed with a key, which vouches for it and not for another", async () => {
    const { published } = await build({ push: place("kit/signed"), sign: key });
    const verify = (publicKey: string) =>
      execa(
        "cosign",
        [
          ...["verify", "--key", publicKey, "--insecure-ignore-tlog=true", "--allow-insecure-registry"],
          ...["--allow-http-registry", "--new-bundle-format=false", `${place("kit/signed")}@${published?.digest}`],
        ],
        { reject: false },
      );
    expect(await verify(join(folder, "cosign.pub"))).toMatchObject({ exitCode: 0 });
    await mkdir(join(folder, "other"));
    await execa("cosign", ["generate-key-pair"], { cwd: join(folder, "other") });
    expect((await verify(join(folder, "other", "cosign.pub"))).exitCode).not.toBe(0);
  }, 60_000);

  it("is signed later if it was not, and only once", async () => {
    const { published } = await build({ push: place("kit/later") });
    const signature = `kit/later/manifests/${published?.digest.replace(":", "-")}.sig`;
    expect((await registry.ask(signature)).status).toBe(404);
    await build({ push: place("kit/later"), sign: key });
    const first = (await registry.ask(signature)).headers.get("docker-content-digest");
    expect(first).toMatch(/^sha256:/);
    await build({ push: place("kit/later"), sign: key });
    expect((await registry.ask(signature)).headers.get("docker-content-digest")).toBe(first);
  }, 60_000);

  it("is refused when its builder cannot attest, or cosign is not there", async () => {
    const attesting = build({ push: place("kit/no"), builder: "buildah", sbom: true });
    expect((await failureOf(attesting)).message).toMatch(/no builder here can attach/);
    vi.stubEnv("PATH", process.env.PATH!.replace(`${join(folder, "bin")}:`, ""));
    try {
      expect((await failureOf(build({ push: place("kit/no"), sign: key }))).message).toBe(
        "cosign is not installed here, and the image is to be signed",
      );
    } finally {
      vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env.PATH}`);
    }
  }, 60_000);
});
