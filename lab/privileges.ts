import { dockerSucceeds } from "../machines/docker/docker.ts";

/** Enough for systemd and a nested Docker if the engine cannot grant `--privileged`, such as inside another sandbox. */
const withoutResourceLimits = [
  ...["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE"],
  ...["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
];

/** @returns the docker run options that let a container act as a whole machine on this engine. */
export async function machinePrivileges(image: string): Promise<readonly string[]> {
  const privileged = await dockerSucceeds(["run", "--rm", "--privileged", "--entrypoint", "/bin/true", image]);
  return [...(privileged ? ["--privileged"] : withoutResourceLimits), ...(await cgroupOptions(image))];
}

/** systemd and a nested Docker need a writable cgroup tree: a private namespace in v2, the host's in v1, which has no namespaces. */
async function cgroupOptions(image: string): Promise<readonly string[]> {
  const version1 = await dockerSucceeds([
    ...["run", "--rm", "-v", "/sys/fs/cgroup:/host:ro", "--entrypoint", "/usr/bin/test", image],
    ...["-d", "/host/systemd"],
  ]);
  return version1 ? ["-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw"] : ["--cgroupns", "private"];
}
