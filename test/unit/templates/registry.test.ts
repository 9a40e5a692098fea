import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exampleTree, fileOf, registryImage } from "./example.ts";

const tree = exampleTree();
const config = (node = "registry-1", from = tree) => parse(fileOf(from, node, "/etc/distribution/config.yml"));
const unit = fileOf(tree, "registry-1", "/etc/systemd/system/registry.service");

describe("the registry's config", () => {
  it("stores in the bucket, encrypted, with the instance's role", () => {
    const { s3 } = config().storage;
    expect(s3).toMatchObject({ region: "eu-west-1", bucket: "registry-example-internal", rootdirectory: "/registry" });
    expect(s3).toMatchObject({ encrypt: true, secure: true, v4auth: true });
    expect(Object.keys(s3)).not.toContain("accesskey");
    expect(Object.keys(s3)).not.toContain("secretkey");
    expect(s3.regionendpoint).toBe("https://s3.eu-west-1.amazonaws.com");
  });

  it("names the KMS key, if there is one", () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
    const withKey = exampleTree(({ storage }) => ({ storage: { ...storage, kmsKeyArn } }));
    expect(config("registry-1", withKey).storage.s3.keyid).toBe(kmsKeyArn);
    expect(Object.keys(config().storage.s3)).not.toContain("keyid");
  });

  it("listens on the private address only", () => {
    expect(config("registry-2").http.addr).toBe("10.80.144.4:5000");
    expect(config("registry-2").http.debug.addr).toBe("10.80.144.4:5001");
  });

  it("holds no secret: all registries get the same one from their environment", () => {
    expect(Object.keys(config().http)).not.toContain("secret");
    expect(unit).toContain("--env-file /etc/distribution/registry.env");
  });

  it("drains for a minute, and systemd waits longer", () => {
    expect(config().http.draintimeout).toBe("60s");
    expect(Number(/docker stop --time (\d+)/.exec(unit)?.[1])).toBeGreaterThan(60);
    expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1])).toBeGreaterThan(70);
  });

  it("tells clients locations without a host, so any name and port in front works", () => {
    expect(config().http.relativeurls).toBe(true);
    expect(Object.keys(config().http)).not.toContain("host");
  });

  it.each([true, false])("answers pulls with a URL of S3, for clients or proxies to follow: %s", (redirect) => {
    const redirected = exampleTree(({ storage }) => ({ storage: { ...storage, redirect } }));
    expect(config("registry-1", redirected).storage.redirect).toEqual({ disable: false });
  });

  it("allows deletion, and checks its storage", () => {
    expect(config().storage.delete).toEqual({ enabled: true });
    expect(config().health.storagedriver).toEqual({ enabled: true, interval: "10s", threshold: 3 });
  });
});

describe("the registry's unit", () => {
  it("runs the image by its id, which cannot come to mean another image, and pulls nothing", () => {
    expect(unit).toContain(`  ${registryImage.imageId} serve /etc/distribution/config.yml\n`);
    expect(unit).toContain("--pull never");
  });

  it("gives the container nothing that it does not need", () => {
    for (const option of ["--user 65532:65532", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges"]) {
      expect(unit).toContain(option);
    }
    expect(unit).not.toMatch(/--privileged|docker\.sock/);
  });

  it("starts again, always", () => {
    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m);
  });
});

it("fetches the image from the provisioning bucket and knows its hash", () => {
  const env = fileOf(tree, "registry-1", "/etc/registry-cluster/registry-image.env");
  expect(env).toContain(`IMAGE_ID=${registryImage.imageId}\n`);
  expect(env).toContain(`ARCHIVE_SHA256=${registryImage.archiveSha256}\n`);
  expect(env).toMatch(/^ARCHIVE_URL=s3:\/\/registry-example-internal-provisioning\/images\/a{64}\.tar$/m);
});
