/** Whether a host, with a port or without, is this machine: nobody is in between. */
export const isLoopback = (host: string): boolean => /^(127(\.\d+){3}|localhost|\[::1\])(:\d+)?$/.test(host);
