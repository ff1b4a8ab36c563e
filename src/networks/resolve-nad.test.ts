import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveNad } from './resolve-nad.ts';

const nad = (config?: string) => ({
  metadata: { namespace: 'shop', name: 'lan' },
  ...(config === undefined ? {} : { spec: { config } }),
});

describe('resolveNad()', () => {
  it('gives the config the name of the object where it has none', () => {
    const network = resolveNad(nad('{"cniVersion":"0.3.1","type":"macvlan","master":"eth1"}'));
    assert.equal(network.name, 'lan');
    assert.deepEqual(
      network.plugins.map(plugin => plugin.type),
      ['macvlan'],
    );
  });
  it("keeps the config's own name and version", () => {
    const network = resolveNad(
      nad('{"cniVersion":"1.0.0","name":"own","plugins":[{"type":"macvlan"},{"type":"veth"}]}'),
    );
    assert.equal(network.name, 'own');
    assert.equal(network.cniVersion, '1.0.0');
  });
  it('takes a config without version', () => {
    assert.equal(resolveNad(nad('{"type":"macvlan"}')).cniVersion, '0.3.1');
  });
  for (const [what, object] of [
    ['missing', nad()],
    ['empty', nad('')],
    ['empty', nad(' \n')],
  ] as const) {
    it(`says that the config is ${what}`, () => {
      const message = `Cannot use NetworkAttachmentDefinition "shop/lan": spec.config is ${what}, expected a CNI configuration as JSON text`;
      assert.throws(() => resolveNad(object), { name: 'NetworksError', code: 'NAD_INVALID', message });
    });
  }
  it('names the object when the config is no JSON', () => {
    assert.throws(() => resolveNad(nad('{')), /NetworkAttachmentDefinition "shop\/lan": spec\.config/);
  });
  it('names the object when a type is a path', () => {
    assert.throws(() => resolveNad(nad('{"type":"../x"}')), /NetworkAttachmentDefinition "shop\/lan".*"\.\.\/x"/);
  });
});
