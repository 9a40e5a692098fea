import { tell } from "./output.ts";

/** Prints on standard error what it waits for, if that takes longer than two seconds. */
export async function sayWhenSlow<T>(what: string, run: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const say = () => {
    tell(`${what} [${Math.round((Date.now() - start) / 1_000)}s]`);
    timer = setTimeout(say, 10_000);
  };
  let timer = setTimeout(say, 2_000);
  try {
    return await run();
  } finally {
    clearTimeout(timer);
  }
}
