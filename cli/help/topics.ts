import type { Topic } from './blocks.js';

/** The pages of `imgkit help TOPIC`; each loads alone. */
const topics = {
  locations: async () => (await import('./topics/locations.js')).locations,
  formats: async () => (await import('./topics/formats.js')).formats,
  trust: async () => (await import('./topics/trust.js')).trust,
  network: async () => (await import('./topics/network.js')).network(),
  'exit-codes': async () => (await import('./topics/exit-codes.js')).exitCodesTopic(),
  environment: async () => (await import('./topics/environment.js')).environment,
} satisfies Record<string, () => Promise<Topic>>;

export type TopicName = keyof typeof topics;

/** As the overview lists them, without loading the pages. */
export const topicSummaries: readonly (readonly [name: TopicName, summary: string])[] = [
  ['locations', 'How to say where an image is: files, stores, engines, registries'],
  ['formats', 'What archives hold, and who reads them'],
  ['trust', 'Signing, checking, and whom to believe'],
  ['network', 'Hosts, passwords, TLS, time-outs: the options they share'],
  ['exit-codes', 'What the process says when it ends'],
  ['environment', 'Variables and files that imgkit looks at'],
];

export function isTopicName(name: string): name is TopicName {
  return Object.hasOwn(topics, name);
}

export function loadTopic(name: TopicName): Promise<Topic> {
  return topics[name]();
}
