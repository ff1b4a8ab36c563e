import type { Command } from 'commander';
import { installationOf, NAMES_HELP } from './installation-of.ts';

interface InstallFlags {
  readonly cniConfDir?: string;
  readonly cniBinDir: string;
  readonly stateDir: string;
  readonly config?: string;
  readonly cniNames?: string;
}

type UninstallFlags = Required<Omit<InstallFlags, 'config' | 'cniNames'>> & { readonly multusCniDir: string };

const CONF_DIR = '/etc/cni/net.d';

const INSTALL_HELP = `
Copies the program "underlane" into the CNI bin directory and writes "0-underlane.conflist", which comes before all others, in
front of the first network that is there. The agent does the same with --install-cni, and follows what changes later.
Files of others are never replaced.

Example:
  underlane install --cni-conf-dir /etc/cni/net.d --cni-bin-dir /opt/cni/bin`;

const UNINSTALL_HELP = `
Removes what "underlane install" and "underlane agent --install-cni" have put on this node; a running agent does not put it
back. New pods get the primary network alone. Files of others stay, also those that others have renamed. Of pods that still run,
Multus gets what it needs to delete them.`;

/** Adds `underlane install` and `underlane uninstall`. */
export function addInstallCommands(program: Command): void {
  program
    .command('install')
    .description("put the CNI program and a configuration in front of this node's primary network")
    .option('--cni-conf-dir <dir>', `where runtimes find their configuration (default: "${CONF_DIR}")`)
    .option('--cni-bin-dir <dir>', 'where runtimes find their plugins', '/opt/cni/bin')
    .option('--state-dir <dir>', "the agent's", '/var/lib/underlane')
    .option('--config <file>', "settings in the form of Multus' daemon-config.json; options win over it")
    .option('--cni-names <names>', NAMES_HELP)
    .addHelpText('after', INSTALL_HELP)
    .action(async ({ cniConfDir, cniBinDir, stateDir, config, cniNames }: InstallFlags) => {
      const [{ install }, { loadDaemonConfig }] = await Promise.all([import('#install'), import('#agent')]);
      const file = config === undefined ? undefined : await loadDaemonConfig(config);
      const confDir = cniConfDir ?? file?.wishes.confDir ?? CONF_DIR;
      const settings = file?.overlay ?? {};
      const where = { ...file?.wishes, settings, confDir, binDir: cniBinDir, stateDir };
      print(await install(await installationOf(where, cniNames)));
    });
  program
    .command('uninstall')
    .description('take away from this node what install has put there')
    .option('--cni-conf-dir <dir>', 'where runtimes find their configuration', CONF_DIR)
    .option('--cni-bin-dir <dir>', 'where runtimes find their plugins', '/opt/cni/bin')
    .option('--state-dir <dir>', "the agent's", '/var/lib/underlane')
    .option('--multus-cni-dir <dir>', "Multus' cniDir", '/var/lib/cni/multus')
    .addHelpText('after', UNINSTALL_HELP)
    .action(async ({ cniConfDir, cniBinDir, stateDir, multusCniDir }: UninstallFlags) => {
      const [{ uninstall }, { loadHandOver }] = await Promise.all([import('#install'), import('#attach')]);
      print(await uninstall({ confDir: cniConfDir, binDir: cniBinDir, stateDir }));
      const handOver = await loadHandOver();
      print(handOver(stateDir, multusCniDir));
    });
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map(line => `${line}\n`).join(''));
}
