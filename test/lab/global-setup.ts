import { execa } from "execa";

/**
 * Boots the lab once for all lab tests, and removes it afterwards. A lab that is up already (`npx registry-cluster lab up`) is
 * taken as it is and stays.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const { stdout } = await command("lab", "status", "--json").catch(() => ({ stdout: '{"nodes":[]}' }));
  const wasUp = (JSON.parse(String(stdout)) as { nodes: unknown[] }).nodes.length > 0;
  await execa("npx", ["registry-cluster", "start"], { stdio: ["ignore", "inherit", "inherit"] });
  return async () => {
    if (!wasUp) await command("stop");
  };
}

const command = (...args: string[]) => execa("npx", ["registry-cluster", ...args], { reject: false });
