import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { messageOf } from '#base';
import type { SetExitCode } from './set-exit-code.ts';

interface LintFlags {
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Reads NetworkAttachmentDefinitions, pools of Spiderpool and Kube-OVN, Underlane's own kinds and the annotations of whatever
makes pods (YAML or JSON, several documents), and CNI configurations (.conf, .conflist), with the parsers of the agent. Says
for each network where its addresses are unique. Objects are held against those of all files: policies, pools that overlap.

Exit codes: 0 nothing is wrong (warnings do not count), 1 something is, 2 wrong usage or a file that cannot be read

Examples:
  underlane lint networks.yaml pools.yaml pods/*.yaml
  kubectl get net-attach-def,spiderippools -A -o yaml | underlane lint -
  underlane lint -o json /etc/cni/net.d/10-lan.conflist`;

export function addLintCommand(program: Command, setExitCode: SetExitCode): void {
  program
    .command('lint')
    .description('check networks, pools, pods and CNI configurations as the agent would read them')
    .argument('<file...>', 'files to read, - for standard input')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], { output }: LintFlags) => {
      const texts = files.flatMap(file => readText(file) ?? []);
      if (texts.length < files.length) return setExitCode(2);
      const { loadLint } = await import('#attach');
      const { formatReport, knownObjects, lintText, readObjects } = await loadLint();
      const known = knownObjects(texts.flatMap(({ text }) => readObjects(text)));
      const reports = texts.map(({ file, text }) => ({ file, ...lintText(text, known) }));
      process.stdout.write(
        output === 'json'
          ? `${JSON.stringify({ files: reports })}\n`
          : reports.map(({ file, ...report }) => formatReport(file, report)).join(''),
      );
      const isClean = reports.every(({ findings }) => findings.every(({ severity }) => severity === 'warning'));
      setExitCode(isClean ? 0 : 1);
    });
}

function readText(file: string): { readonly file: string; readonly text: string } | undefined {
  try {
    return { file, text: readFileSync(file === '-' ? 0 : file, 'utf8') };
  } catch (error) {
    process.stderr.write(`error: Cannot read "${file}": ${messageOf(error)}\n`);
    return undefined;
  }
}
