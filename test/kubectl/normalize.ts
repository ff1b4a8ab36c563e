/** What differs between two runs of one command without meaning anything: times, ids, versions, addresses, and how wide columns are. */
export function normalize(text: string, namespace: string): string {
  return (
    text
      // Who wrote which field, which the sandbox does not keep, and newer kubectls do not show.
      .replace(/^( *)managedFields:\n(?:\1[ -].*\n)*/gm, '')
      .replace(/^( *)Managed Fields:\n(?:\1 .*\n)*/gm, '')
      .replace(/ *"managedFields": \[[\s\S]*?\n {8}\],\n/g, '')
      .replaceAll(namespace, 'NAMESPACE')
      .replace(/https:\/\/127\.0\.0\.1:\d+/g, 'SERVER')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME')
      .replace(/(resource ?version["']?: *"?)\d+/gi, '$1VERSION')
      .replace(/\/tmp\/(LIVE|MERGED)-\d+/g, '$1')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000/g, 'TIME')
      .replace(/10\.96\.\d+\.\d+/g, 'CLUSTER-IP')
      .replace(/\b3[0-2]\d{3}\b/g, 'NODE-PORT')
      .replace(/\b\d+(?:s|m\d*s?)\b/g, 'AGE')
      .replace(/[ \t]+/g, ' ')
      .replace(/ +$/gm, '')
      .trim()
  );
}
