import { run } from "./command.ts";
import { controlPlaneProgram } from "./programs.ts";

/**
 * Has `istioctl validate` judge manifests; no cluster is asked.
 *
 * It ends with success where it only warns, and it only warns of an unknown field inside an EnvoyFilter, which no Envoy
 * would take: here all it says is a problem.
 *
 * @param source a file, or a folder of manifests
 * @returns the problems, line by line
 */
export async function istioctlValidate(source: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(controlPlaneProgram("istioctl"), ["validate", "-f", source], NO_CLUSTER);
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const problems = lines.filter((line) => !/ is valid$/.test(line));
  return problems.length === 0 && code !== 0 ? [`istioctl validate ended with exit code ${code}`] : problems;
}

/**
 * Has `istioctl analyze` judge manifests: what they say of one another, in all namespaces.
 *
 * @param source a file, or a folder of manifests
 * @param kubeconfig of a cluster to judge them with; without one they are judged by themselves
 * @returns the messages of any level but Info, as Istio words them
 */
export async function istioctlAnalyze(source: string, kubeconfig?: string): Promise<string[]> {
  const cluster = kubeconfig === undefined ? ["--use-kube=false"] : [`--kubeconfig=${kubeconfig}`];
  const args = ["analyze", "--all-namespaces", "--recursive", "--output=json", ...cluster, source];
  const { code, stdout, stderr } = await run(controlPlaneProgram("istioctl"), args, NO_CLUSTER);
  const messages = analysis(stdout).filter(({ level }) => level !== "Info");
  const problems = messages.map(
    ({ level, code: name, origin, message }) => `${level} [${name}] (${origin}) ${message}`,
  );
  return problems.length === 0 && code !== 0 ? [`istioctl analyze ended with exit code ${code}: ${stderr}`] : problems;
}

const NO_CLUSTER = { env: { KUBECONFIG: "/dev/null" } };

interface Message {
  readonly code: string;
  readonly level: string;
  readonly origin: string;
  readonly message: string;
}

function analysis(text: string): Message[] {
  try {
    return JSON.parse(text) as Message[];
  } catch {
    throw new Error(`istioctl analyze did not print JSON: ${text.slice(0, 500)}`);
  }
}
