/** One line of a page for Prometheus: the labels in their order, as they are written. */
export interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([^{ ]+)(?:\{(.*)\})? (\S+)(?: [0-9]+)?$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const TYPE = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/;
const SUFFIXES = /_(?:bucket|sum|count)$/;

/**
 * Reads a page in Prometheus' text format as strictly as it is written down (exposition format 0.0.4): throws where a name is none,
 * a series is there twice, or the lines of one metric are not together, below one line with its type.
 */
export function parsePrometheusPage(page: string): Sample[] {
  const samples: Sample[] = [];
  const series = new Set<string>();
  const types = new Map<string, string>();
  let family = "";
  for (const line of page.split("\n")) {
    const type = TYPE.exec(line);
    if (type !== null) {
      const [, name = "", kind = ""] = type;
      if (types.has(name)) throw new Error(`a second type, or lines that are not together: ${line}`);
      types.set(name, kind);
      family = name;
      continue;
    }
    if (line === "" || line.startsWith("#")) continue;
    const sample = parseSample(line);
    const key = `${sample.name}{${sample.labels}}`;
    if (series.has(key)) throw new Error(`twice on the page: ${key}`);
    series.add(key);
    const isHistogram = types.get(family) === "histogram";
    const owner = isHistogram ? sample.name.replace(SUFFIXES, "") : sample.name;
    if (owner !== family) throw new Error(`below the type of ${family}: ${line}`);
    samples.push(sample);
  }
  return samples;
}

function parseSample(line: string): Sample {
  const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (!METRIC_NAME.test(name)) throw new Error(`not a metric's name: ${line}`);
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(number)) throw new Error(`not a value: ${line}`);
  const names = new Set<string>();
  for (let rest = labels; rest !== "";) {
    const label = LABEL.exec(rest);
    if (label === null) throw new Error(`not labels: ${line}`);
    if (names.has(label[1] ?? "")) throw new Error(`a label twice: ${line}`);
    names.add(label[1] ?? "");
    rest = rest.slice(label[0].length);
  }
  return { name, labels, value: number };
}
