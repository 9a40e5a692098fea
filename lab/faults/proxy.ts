import { ports } from "../../topology/ports.ts";
import type { LabNode } from "../state.ts";
import type { Injected } from "./catalogue.ts";
import { act, runFolder } from "./machine.ts";

const health = `http://127.0.0.1:${ports.nginxHealth}/healthz`;
const healthStatus = `curl --silent --output /dev/null --max-time 1 --write-out '%{http_code}' ${health} || true`;

/** Only these units get another clock: the kernel's clock is that of the whole laptop. */
const withClock = ["eip-keeper", "registry-cluster-converge"];
const clockDropIn = (unit: string) => `/run/systemd/system/${unit}.service.d/lab-clock.conf`;

/** Faults of what runs on a proxy. */
export const proxyFaults = {
  "haproxy-crash": on(kill("haproxy")),
  "haproxy-hang": on(hang("haproxy")),
  "haproxy-stop": on(stop("haproxy")),
  "nginx-crash": on(kill("nginx")),
  "nginx-hang": on(hang("nginx")),
  "nginx-500": on(answer500()),
  "nginx-stop": on(stop("nginx")),
  "keepalived-stop": on(stop("keepalived")),
  "keepalived-crash": on(kill("keepalived")),
  "keeper-crash": on(kill("eip-keeper")),
  "clock-moved": on(moveClock()),
};

function on(script: string): (node: LabNode) => Promise<Injected> {
  return ({ container }) => act(container, script);
}

/** systemd restarts what was killed. */
function kill(unit: string): string {
  return `now; systemctl kill --signal=KILL ${unit}`;
}

function hang(unit: string): string {
  return `now; systemctl kill --signal=STOP ${unit}`;
}

function stop(unit: string): string {
  return `now; systemctl stop ${unit}`;
}

/**
 * Makes nginx load a config in which every HTTP server answers 500, and restores the node's own file at once: the file is right,
 * but the running nginx is not.
 */
function answer500(): string {
  const config = "/etc/nginx/nginx.conf";
  const broken = `${runFolder}/nginx.conf`;
  return `mkdir -p ${runFolder}
sed '/^http {/,$ s/^ *server {$/&\\nreturn 500;/' ${config} > ${broken}
mount --bind ${broken} ${config}
trap 'umount ${config}' EXIT
nginx -t -q
now; kill -HUP "$(cat /run/nginx.pid)"
for ((tries = 0; tries < 100; tries++)); do
  if [[ $(${healthStatus}) == 500 ]]; then exit; fi
  sleep 0.05
done
echo 'nginx does not answer 500' >&2; exit 1`;
}

/**
 * Sets the clock an hour ahead for whatever signs calls to AWS. keepalived uses the monotonic clock, which this does not change;
 * nginx would need a restart, which is another fault.
 */
function moveClock(): string {
  const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
  const files = withClock.map(clockDropIn);
  return `test -e ${library} || { echo 'the machine was booted without libfaketime: npm stop, npm start' >&2; exit 1; }
for file in ${files.join(" ")}; do
  mkdir -p "$(dirname "$file")"
  printf '[Service]\\nEnvironment=%s %s %s\\n' LD_PRELOAD=${library} FAKETIME=+1h FAKETIME_DONT_FAKE_MONOTONIC=1 > "$file"
done
systemctl daemon-reload
now; systemctl restart eip-keeper`;
}

/** Undoes these faults. systemd restarts what was killed; the rest starts with all services of the node. */
export const healProxy = `if [[ -e ${clockDropIn("eip-keeper")} ]]; then
  rm ${withClock.map(clockDropIn).join(" ")}
  systemctl daemon-reload
  systemctl restart eip-keeper
fi
for unit in haproxy nginx; do systemctl kill --signal=CONT $unit 2> /dev/null || true; done
if [[ $(${healthStatus}) == 500 ]]; then systemctl reload nginx; fi`;
