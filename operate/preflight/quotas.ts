/** The quota "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances" of EC2, which counts virtual CPUs. */
export const vcpuQuota = "L-1216C47A";

/** Whether instances of a type count towards that quota. */
export const isStandard = (type = "") => /^([acdhimrtz]\d|im\d|is\d)/.test(type);
