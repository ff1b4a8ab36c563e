import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeGuide } from './describe-guide.ts';
import { startWalk, type Walk } from './sandbox-walk.ts';

/** A cloud's guide to several NICs with ipvlan and Whereabouts, from the network on: what it installs before is here already. */
function network(type: string): string {
  const mode = type === 'ipvlan' ? 'l2' : 'bridge';
  return `
apiVersion: "k8s.cni.cncf.io/v1"
kind: NetworkAttachmentDefinition
metadata:
  name: my-nad
spec:
  config: '{
      "cniVersion": "0.3.1",
      "plugins": [
        {
          "type": "${type}",
          "master": "eth1",
          "mode": "${mode}",
          "ipam": {
            "type": "whereabouts",
            "range": "10.200.1.0/24"
          }
        }
      ]
    }'
`;
}

function pod(name: string, annotations = ''): string {
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  ${annotations}
spec:
  containers:
  - name: sample-container
    image: nginx
`;
}

describeGuide("a guide to Whereabouts' networks", kubectl => {
  let walk: Walk;

  before(async () => {
    walk = await startWalk(kubectl);
  });
  after(() => walk.end());

  const untilRunning = (name: string): Promise<unknown> =>
    walk.table(['get', 'pod', name], ([row]) => row?.['READY'] === '1/1' && row['STATUS'] === 'Running');

  /** Only trying tells what the kernel has; without ipvlan the rest of the guide holds for macvlan as well. */
  async function linkType(): Promise<string> {
    await walk.create(pod('plain'));
    await untilRunning('plain');
    const add = 'ip link add link eth0 name probe type ipvlan mode l2 2>/dev/null && echo ipvlan || echo macvlan';
    return (await walk.inPod('plain', 'sh', '-c', add)).trim();
  }

  test('a pod that asks for the network gets a second NIC with an address of its range', async () => {
    await walk.create(network(await linkType()));
    await walk.create(pod('samplepod', 'annotations: {k8s.v1.cni.cncf.io/networks: default/my-nad}'));
    await untilRunning('samplepod');
    const described = await walk.kubectl('describe', 'pod', 'samplepod');
    assert.match(described, /k8s\.v1\.cni\.cncf\.io\/networks: default\/my-nad/);
    assert.match(described, /k8s\.v1\.cni\.cncf\.io\/network-status:/);
    const net1 = /"name": "default\/my-nad",\s+"interface": "net1",\s+"ips": \[\s+"(10\.200\.1\.\d+)"\s+\]/.exec(
      described,
    );
    assert.ok(net1, described);
    assert.match(described, /"interface": "eth0",\s+"ips": \[[^\]]+\][^}]+"default": true/);
    const [link] = JSON.parse(await walk.inPod('samplepod', 'ip', '-j', '-4', 'addr', 'show', 'dev', 'net1'));
    assert.deepEqual([link.addr_info[0].local, link.addr_info[0].prefixlen], [net1[1], 24]);
  });

  test("Whereabouts' objects show it, and forget it when the pod is gone", async () => {
    const pools = ['get', 'ippools.whereabouts.cni.cncf.io', '-n', 'kube-system'];
    await walk.table(pools, rows => rows.some(({ NAME }) => NAME === '10.200.1.0-24'));
    const reservations = ['get', 'overlappingrangeipreservations.whereabouts.cni.cncf.io', '-n', 'kube-system'];
    const [reservation] = await walk.table(reservations, rows => rows.length === 1);
    assert.match(reservation?.['NAME'] ?? '', /^10\.200\.1\.\d+$/);
    const shown = JSON.parse(await walk.kubectl(...reservations, '-o', 'json'));
    assert.equal(shown.items[0].spec.podref, 'default/samplepod');
    await walk.kubectl('delete', 'pod', 'samplepod');
    await walk.table(reservations, rows => rows.length === 0);
    await walk.table(['get', 'ipallocations'], rows => rows.length === 0);
  });
});
