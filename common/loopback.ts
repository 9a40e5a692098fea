/** Whether a host, with or without a port, is this machine: traffic to it crosses no network. */
export const isLoopback = (host: string): boolean => /^(127(\.\d+){3}|localhost|\[::1\])(:\d+)?$/.test(host);
