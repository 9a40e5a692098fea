import { createHash, randomBytes } from "node:crypto";
import { OperatorError } from "../../common/errors.ts";
import { Chain } from "../programs/chain/chain.ts";
import { buildPrograms } from "../programs/chain/programs.ts";
import { findProgram } from "../programs/program.ts";
import { type Comparison, compare, type Way } from "./timing.ts";

const ranges = 32;
const rangeBytes = 100_000;
const layer = randomBytes(64 * 1024 * 1024);
const digest = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
const repository = "/v2/bench/ranges/blobs";

/**
 * Concurrent requests for ranges of one layer, as in lazy and parallel pulls. Compares a proxy with a cache that does not have the
 * layer yet to one without a cache: the cache must not make them wait for each other.
 */
export async function benchRanges(): Promise<Comparison> {
  const missing = ["haproxy", "nginx", "openssl"].filter((program) => !findProgram(program));
  if (missing.length > 0) {
    throw new OperatorError(`there is no ${missing.join(", ")}`, { fix: `apt-get install ${missing.join(" ")}` });
  }
  await buildPrograms();
  const cached = await Chain.start();
  const bare = await Chain.start({ config: withoutCache });
  try {
    for (const chain of [cached, bare]) await push(chain);
    return await compare(
      `${ranges} ranges of ${rangeBytes / 1000} KB of one layer, at the same time`,
      pullsRanges("with the cache of blobs", cached),
      pullsRanges("without it", bare),
      20,
    );
  } finally {
    await Promise.all([cached.stop(), bare.stop()]);
  }
}

const withoutCache: NonNullable<Parameters<typeof Chain.start>[0]>["config"] = ({ proxies }) => ({
  proxies: { ...proxies, blobCacheGiB: 0 },
});

function pullsRanges(name: string, chain: Chain): Way {
  return { name, run: () => Promise.all(Array.from({ length: ranges }, (_, index) => pullRange(chain, index))) };
}

async function pullRange(chain: Chain, index: number): Promise<void> {
  const first = index * rangeBytes;
  const range = `bytes=${first}-${first + rangeBytes - 1}`;
  const { status, body } = await chain.ask("GET", `${repository}/${digest}`, { headers: { range } });
  if (status !== 206 || !body.equals(layer.subarray(first, first + rangeBytes))) {
    throw new Error(`${range} was answered with ${status} and ${body.length} bytes, not all of them right`);
  }
}

async function push(chain: Chain): Promise<void> {
  const { headers } = await chain.ask("POST", `${repository}/uploads/`);
  const upload = { "content-type": "application/octet-stream", "content-length": String(layer.length) };
  const done = await chain.ask("PUT", `${headers.location}&digest=${digest}`, { body: layer, headers: upload });
  if (done.status !== 201) throw new Error(`the layer was refused: ${done.status} ${done.body}`);
}
