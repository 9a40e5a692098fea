import { join } from "node:path";
import { execa } from "execa";
import { cacheDir } from "../../../artifacts/cache.ts";
import { findGo } from "../../../artifacts/go.ts";

/** Builds the OCI conformance suite, pinned by go.mod and go.sum beside this file. @returns the program's path. */
export async function buildConformanceSuite(): Promise<string> {
  const program = join(cacheDir(), "bin", "oci-conformance");
  const go = await findGo({});
  await execa(go, ["build", "-o", program, "github.com/opencontainers/distribution-spec/conformance"], {
    cwd: import.meta.dirname,
    env: { CGO_ENABLED: "0", GOFLAGS: "-trimpath" },
  });
  return program;
}
