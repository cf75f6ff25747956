import { run } from "./command.ts";
import { controlPlaneProgram } from "./programs.ts";

/**
 * Has `istioctl validate` judge manifests; no cluster is asked.
 *
 * It ends with success where it only warns, and it only warns of an unknown field inside an EnvoyFilter, which no Envoy
 * would take: here all it says is a problem, but for what it says of every EnvoyFilter.
 *
 * @param source a file, or a folder of manifests
 * @returns the problems, line by line
 */
export async function istioctlValidate(source: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(controlPlaneProgram("istioctl"), ["validate", "-f", source], NO_CLUSTER);
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const problems = lines.filter((line) => !/( is valid| has warnings: ?)$/.test(line) && !line.includes(OF_ANY));
  return problems.length === 0 && code !== 0 ? [`istioctl validate ended with exit code ${code}`] : problems;
}

/**
 * Has `istioctl analyze` judge manifests: what they say of one another, in all namespaces.
 *
 * @param source a file, or a folder of manifests; without one what the cluster has is judged
 * @param kubeconfig of a cluster to judge them with; without one they are judged by themselves
 * @returns the messages of any level but Info, as Istio words them, but for what it says of every EnvoyFilter
 */
export async function istioctlAnalyze(source: string | undefined, kubeconfig?: string): Promise<string[]> {
  const cluster = kubeconfig === undefined ? ["--use-kube=false"] : [`--kubeconfig=${kubeconfig}`];
  const manifests = source === undefined ? [] : [source];
  const args = ["analyze", "--all-namespaces", "--output=json", ...cluster, ...manifests];
  const { code, stdout, stderr } = await run(controlPlaneProgram("istioctl"), args, NO_CLUSTER);
  const messages = analysis(stdout).filter(({ level, message }) => level !== "Info" && !message.includes(OF_ANY));
  const problems = messages.map(
    ({ level, code: name, origin, message }) => `${level} [${name}] (${origin}) ${message}`,
  );
  return problems.length === 0 && code !== 0 ? [`istioctl analyze ended with exit code ${code}: ${stderr}`] : problems;
}

/** What Istio says of every EnvoyFilter, whatever is in it. */
const OF_ANY = "EnvoyFilter exposes internal implementation details that may change at any time.";

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
