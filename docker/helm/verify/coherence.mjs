// What no schema of Kubernetes says: selectors that choose no pod, ports and volumes that are not there, claims of a pod that may write where it should not.

const pods = objects => objects.filter(object => object.spec?.template?.spec);

const matches = (labels, selector) => Object.entries(selector).every(([key, value]) => labels[key] === value);

/** The problems of the objects of one manifest, a sentence each. */
export function incoherences(objects) {
  const problems = [];
  const names = objects.map(object => `${object.kind} ${object.metadata.name}`);
  for (const name of names.filter((name, index) => names.indexOf(name) !== index)) problems.push(`${name} is there twice`);
  for (const object of objects) {
    const name = `${object.kind} ${object.metadata.name}`;
    const selector = object.spec?.selector?.matchLabels ?? object.spec?.podSelector?.matchLabels ?? (object.kind === "Service" ? object.spec.selector : null);
    if (selector) {
      const chosen = pods(objects).filter(owner => matches(owner.spec.template.metadata.labels, selector));
      if (chosen.length === 0) problems.push(`${name} selects no pod`);
      if (object.spec.template && chosen.length !== 1) problems.push(`${name} selects pods of others`);
      for (const port of object.kind === "Service" ? object.spec.ports : []) {
        const has = owner => owner.spec.template.spec.containers.some(container => container.ports?.some(own => own.name === port.targetPort));
        if (!chosen.every(has)) problems.push(`${name} sends to a port ${port.targetPort} that its pods have not`);
      }
    }
    if (object.spec?.scaleTargetRef && !names.includes(`${object.spec.scaleTargetRef.kind} ${object.spec.scaleTargetRef.name}`)) problems.push(`${name} scales nothing`);
    if (object.kind === "StatefulSet" && !names.includes(`Service ${object.spec.serviceName}`)) problems.push(`${name} has no service ${object.spec.serviceName}`);
    if (object.kind === "Secret") problems.push(`${name}: the chart makes no secrets`);
  }
  for (const owner of pods(objects)) {
    const name = `${owner.kind} ${owner.metadata.name}`;
    const pod = owner.spec.template.spec;
    const volumes = [...pod.volumes, ...(owner.spec.volumeClaimTemplates ?? []).map(claim => claim.metadata)].map(volume => volume.name);
    if (!names.includes(`ServiceAccount ${pod.serviceAccountName}`)) problems.push(`${name} has no service account`);
    if (!pod.securityContext.runAsNonRoot || pod.automountServiceAccountToken !== false) problems.push(`${name} may be root or has a token of the cluster`);
    for (const container of pod.containers) {
      const mounts = container.volumeMounts.map(mount => mount.name);
      if (!container.securityContext.readOnlyRootFilesystem) problems.push(`${name} can write its root`);
      for (const mount of mounts.filter(mount => !volumes.includes(mount))) problems.push(`${name} mounts ${mount}, which is no volume`);
      for (const volume of volumes.filter(volume => !mounts.includes(volume))) problems.push(`${name} does not mount ${volume}`);
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"].filter(probe => !container[probe])) problems.push(`${name} has no ${probe}`);
    }
  }
  return problems;
}
