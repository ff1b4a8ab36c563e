import type { Complaint } from '#ipam';
import type { EventRecorder } from '#kube';

/** Tells each workload what keeps its pods from a pool, once until that changes. */
export function createComplaintBook(events: Pick<EventRecorder, 'record'>): (complaints: readonly Complaint[]) => void {
  let told: ReadonlySet<string> = new Set();
  return complaints => {
    const now = new Map(complaints.map(complaint => [`${complaint.controller.uid} ${complaint.message}`, complaint]));
    for (const [key, { controller, message }] of now) {
      const { kind, namespace, name, uid } = controller;
      if (!told.has(key)) events.record({ kind, namespace, name, uid }, 'Warning', 'IPPoolNotReady', message);
    }
    told = new Set(now.keys());
  };
}
