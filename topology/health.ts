/**
 * What shows that a service works: an HTTP path, and the status that a healthy one answers. HAProxy and keepalived ask for it, and so
 * does each node of itself after a change.
 */
interface HealthRequest {
  readonly path: string;
  readonly status: number;
}

/** A healthy registry asks for a login; one that cannot reach its storage answers 503. */
export const registryHealth: HealthRequest = { path: "/v2/", status: 401 };

/** Of nginx, and of a whole proxy. */
export const proxyHealth: HealthRequest = { path: "/healthz", status: 200 };
