import { inject } from "vitest";

// The tests, and the commands that they run, work with the config that the lab was booted from.
const config = inject("labConfig");
if (config !== undefined) process.env.CLUSTER_CONFIG = config;
