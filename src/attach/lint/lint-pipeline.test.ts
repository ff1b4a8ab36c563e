import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadLint } from './load-lint.ts';

const { lintText } = await loadLint();

const findings = (text: string): readonly string[] =>
  lintText(text).findings.map(({ line, severity, object, message }) => `${line} ${severity} ${object}: ${message}`);

suite('lintText() of a configuration by which the runtime calls the pipeline', () => {
  test('says which keys do nothing, and why', () => {
    const text = `{
  "cniVersion": "0.3.1",
  "name": "multus-cni-network",
  "type": "multus-shim",
  "clusterNetwork": "/etc/cni/net.d/10-calico.conflist",
  "logLevel": "verbose",
  "cniConf": "/host/etc/cni/multus/net.d"
}`;
    assert.deepEqual(findings(text), [
      '6 warning CNI configuration "multus-cni-network": logLevel: it does nothing: the agent logs to stderr, see its --log-level',
      '7 warning CNI configuration "multus-cni-network": cniConf: it does nothing: no version of Multus has read it, expected confDir',
    ]);
  });
  test('says which keys are wrong, in a list too', () => {
    const text = `{
  "cniVersion": "1.0.0",
  "name": "underlane",
  "plugins": [
    {
      "type": "underlane",
      "defaultNetworks": "lan"
    }
  ]
}`;
    assert.deepEqual(findings(text), [
      '7 error CNI configuration "underlane": defaultNetworks is "lan", expected a list',
    ]);
  });
});
