import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { labFiles } from "../../lab/state.ts";
import { buildConformanceSuite } from "../tools/conformance/build.ts";
import { address, lab, login } from "./support.ts";

it("passes the OCI distribution conformance suite through the Elastic IP, without a failure", async () => {
  const suite = await buildConformanceSuite();
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const { exitCode, stdout } = await execa(suite, [], {
      env: {
        // distribution 3.1 speaks version 1.0 of the specification: it has no referrers, and knows no digest but sha256.
        OCI_VERSION: "1.0",
        OCI_DATA_SHA512: "false",
        OCI_DATA_NONDISTRIBUTABLE: "false",
        OCI_REGISTRY: address,
        OCI_TLS: "enabled",
        SSL_CERT_FILE: labFiles(lab.name).caCertificate,
        OCI_REPO1: "conformance/one",
        OCI_REPO2: "conformance/two",
        OCI_USERNAME: login.user,
        OCI_PASSWORD: login.password,
        OCI_RESULTS_DIR: folder,
      },
      cwd: folder,
      reject: false,
    });
    // The suite ends with 0 when it cannot even read its settings, but then it leaves no results.
    expect(existsSync(join(folder, "results.yaml"))).toBe(true);
    expect(stdout).toMatch(/^ *FAIL\.+: +0$/m);
    expect(stdout).toMatch(/^ *Total\.+: +[1-9]\d*$/m);
    expect(exitCode).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
