import bcrypt from "bcryptjs";
import { beforeEach, describe, expect, it } from "vitest";
import { Accounts } from "../../../access/accounts.ts";
import type { SecretStore } from "../../../access/secret-store.ts";
import { ensureSecrets } from "../../../access/secrets.ts";
import { summarizeAccess } from "../../../access/summary.ts";
import { configWith, MemorySecretStore } from "./support.ts";

const htpasswdPath = "/registry-cluster/demo/registry/htpasswd";
let store: MemorySecretStore;
let accounts: Accounts;

beforeEach(async () => {
  store = new MemorySecretStore();
  accounts = new Accounts(store, "demo");
  await ensureSecrets({ store, config: configWith(), addresses: ["203.0.113.7"] });
});

describe("a user who is added", () => {
  it("is listed after the others", async () => {
    await accounts.add("zoe");
    expect(await accounts.list()).toEqual(["admin", "zoe"]);
  });

  it("can log in with the password that is shown, then and later", async () => {
    const password = await accounts.add("zoe");
    const line = store.values
      .get(htpasswdPath)
      ?.split("\n")
      .find((text) => text.startsWith("zoe:"));
    expect(await bcrypt.compare(password, line?.slice("zoe:".length) ?? "")).toBe(true);
    expect(await accounts.password("zoe")).toBe(password);
  });

  it("fails to be one who is there already, whose password stays", async () => {
    const password = await accounts.password("admin");
    await expect(accounts.add("admin")).rejects.toThrow("there is already a user 'admin'");
    expect(await accounts.password("admin")).toBe(password);
  });
});

describe("a name that no user can have", () => {
  it.each(["a b", "A", "", "../ca-key"])("is refused before anybody is asked: '%s'", async (name) => {
    const nobody = new Accounts(new Proxy({} as SecretStore, { get: () => expect.unreachable("asked") }), "demo");
    for (const work of [nobody.add(name), nobody.remove(name), nobody.password(name)]) {
      await expect(work).rejects.toThrow(`'${name}' cannot be a user name`);
    }
  });
});

describe("a user who is removed", () => {
  it("is neither listed nor known by a password", async () => {
    await accounts.add("zoe");
    await accounts.remove("admin");
    expect(await accounts.list()).toEqual(["zoe"]);
    expect(await store.list("/registry-cluster/demo/operator")).not.toContain(
      "/registry-cluster/demo/operator/password-admin",
    );
  });

  it("fails to be the last one, whose password stays", async () => {
    await expect(accounts.remove("admin")).rejects.toMatchObject({
      details: { fix: expect.stringContaining("add another user first") },
    });
    expect(await accounts.password("admin")).toHaveLength(32);
  });
});

describe("a user's password", () => {
  it("fails to be shown for somebody unknown, and says who is known", async () => {
    await expect(accounts.password("zoe")).rejects.toMatchObject({
      message: "there is no password for 'zoe'",
      details: { fix: "the users are: admin" },
    });
  });

  it("fails to be shown for a name that leads to another secret", async () => {
    await expect(accounts.password("../ca-key")).rejects.toThrow("cannot be a user name");
  });
});

describe("the users of a cluster without secrets", () => {
  it("fail to be listed, with the way to make them", async () => {
    await expect(new Accounts(store, "other").list()).rejects.toMatchObject({
      details: { fix: expect.stringContaining("registry-cluster access init") },
    });
  });
});

describe("the summary of a cluster's access", () => {
  it("says what clients must trust, under which names they connect, and who may log in", async () => {
    const summary = await summarizeAccess(store, "demo");
    expect(summary.caCertificate).toContain("BEGIN CERTIFICATE");
    expect(summary.caFingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(summary.serverNames).toEqual(["DNS:registry.example.internal", "IP Address:203.0.113.7"]);
    expect(summary.users).toEqual(["admin"]);
  });

  it("holds no secret", async () => {
    const printed = JSON.stringify(await summarizeAccess(store, "demo"));
    expect(printed).not.toContain("PRIVATE KEY");
    expect(printed).not.toContain(await accounts.password("admin"));
    expect(printed).not.toContain("$2y$");
  });

  it("fails before there are secrets, with the way to make them", async () => {
    await expect(summarizeAccess(store, "other")).rejects.toMatchObject({
      details: { fix: expect.stringContaining("registry-cluster access init") },
    });
  });
});
