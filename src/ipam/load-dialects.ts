/** Spiderpool's objects: what they say, what is wrong with them. Loaded when first asked for, since most agents never do. */
export function loadSpiderpoolObjects(): Promise<typeof import('./dialects/spiderpool/objects.ts')> {
  return import('./dialects/spiderpool/objects.ts');
}

/** Kube-OVN's, likewise. */
export function loadKubeOvnObjects(): Promise<typeof import('./dialects/kube-ovn/objects.ts')> {
  return import('./dialects/kube-ovn/objects.ts');
}
