import type { DaemonConfig } from './daemon-config.ts';

/** {@link DaemonConfig} of a file. Loads what reads it: most agents have none. @throws AgentError CONFIG_FILE */
export async function loadDaemonConfig(path: string): Promise<DaemonConfig> {
  const { readDaemonConfig } = await import('./daemon-config.ts');
  return readDaemonConfig(path);
}
