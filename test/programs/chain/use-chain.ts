import { afterAll, beforeAll } from "vitest";
import { Chain, type ChainOptions } from "./chain.ts";
import { buildPrograms } from "./programs.ts";

/** Runs a chain while the tests of this suite do. @returns the chain, once they run */
export function useChain(options?: ChainOptions): () => Chain {
  let chain: Chain | undefined;
  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    chain = await Chain.start(options);
  }, 60_000);
  afterAll(() => chain?.stop());
  return () => chain as Chain;
}
