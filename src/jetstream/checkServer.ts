import type { ServerInfo } from '@nats-io/transport-node';
import { visible } from '../check/visible.js';

/** The oldest server whose consumers have names. */
const OLDEST = [2, 9];

/** An Error where a server is too old, takes messages of fewer bytes than `least`, or was started without JetStream. */
export function checkServer({ version, jetstream, max_payload: most }: ServerInfo, least: number): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0]! || (major === OLDEST[0] && minor < OLDEST[1]!)) {
    throw new Error(`its server is ${visible(version)}, and ${OLDEST.join('.')} or later is needed`);
  }
  if (most < least) {
    throw new Error(`it takes messages of at most ${most} bytes, and ${least} are needed; raise its max_payload`);
  }
  if (jetstream !== true) throw new Error('it has no JetStream; start it with JetStream: nats-server -js');
}
