import { timeStamp } from './timeStamp.js';

/** What a container wrote, and what its runtime put around it. */
interface WrappedLine {
  /** The container, or the stream where no container is named. */
  readonly source: string;
  /** A name of the container that stays over restarts; an empty text without one. */
  readonly component: string;
  readonly time: number | null;
  readonly text: string;
  /** Whether it is the beginning of a line that the runtime has parted since it is long. */
  readonly isParted: boolean;
}

// Each is linear in the line: no two of its loops can read the same character.
const POD = /^\[pod\/([\w.-]{1,253})\/([\w.-]{1,253})\] /; // of kubectl logs --prefix
const COMPOSE = /^([A-Za-z][\w.-]{0,127}) {1,128}\|(?: |$)/;
const CRI = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([FP])(?: |$)/;
const STAMPED_JSON = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (?=\{")/; // of docker logs -t
/** The time and tag of Fluentd in front of JSON. */
const TAGGED = /^\d{4}-\d\d-\d\dT\S{8,30}\t(\S{1,255})\t(?=\{")/;
const DOCKER = /^\{"log":".*"stream":"/s;
const MOST_JSON = 262_144; // characters
const LONG = 4096; // characters: Docker parts lines of 16 KiB

/**
 * Takes off what surrounds a line of a container: the name in front of it as of `docker compose logs` or
 * `kubectl logs --prefix`, the time and stream of a file of CRI, the JSON of a file of Docker, and the time in front of JSON, as
 * of `docker logs --timestamps` or, with a tag, of Fluentd; undefined for other lines.
 */
export function unwrapLine(line: string): WrappedLine | undefined {
  const pod = POD.exec(line);
  if (pod) {
    return { source: `${pod[1]}/${pod[2]}`, component: pod[2]!, ...unstamped(line.slice(pod[0].length)) };
  }
  const named = COMPOSE.exec(line);
  if (named) return { source: named[1]!, component: named[1]!, ...unstamped(line.slice(named[0].length)) };
  const cri = CRI.exec(line);
  if (cri) {
    const time = timeStamp(line)?.time ?? null;
    return { source: cri[1]!, component: '', time, text: line.slice(cri[0].length), isParted: cri[2] === 'P' };
  }
  if (STAMPED_JSON.test(line)) return { source: '', component: '', ...unstamped(line) };
  const tagged = TAGGED.exec(line);
  if (tagged) {
    const time = timeStamp(line)?.time ?? null;
    return { source: '', component: tagged[1]!, time, text: line.slice(tagged[0].length), isParted: false };
  }
  return line.length <= MOST_JSON && DOCKER.test(line) ? ofDocker(line) : undefined;
}

/** Takes off the time in front of JSON, which is read as such then. */
function unstamped(line: string): Pick<WrappedLine, 'time' | 'text' | 'isParted'> {
  const stamp = STAMPED_JSON.exec(line);
  if (!stamp) return { time: null, text: line, isParted: false };
  return { time: timeStamp(line)?.time ?? null, text: line.slice(stamp[0].length), isParted: false };
}

function ofDocker(line: string): WrappedLine | undefined {
  let parsed: Readonly<Record<string, unknown>>;
  try {
    parsed = JSON.parse(line) as typeof parsed;
  } catch {
    return undefined;
  }
  const { log, stream, time } = parsed;
  if (typeof log !== 'string' || typeof stream !== 'string') return undefined;
  const stamp = typeof time === 'string' ? (timeStamp(time)?.time ?? null) : null;
  const isParted = log.length >= LONG && !log.endsWith('\n');
  return { source: stream, component: '', time: stamp, text: log.replace(/\r?\n$/, ''), isParted };
}
