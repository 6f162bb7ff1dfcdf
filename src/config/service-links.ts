/** Of a Service whose name begins with `holdfast`. */
const ownName =
  /^HOLDFAST_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
/** `HOLDFAST_POSTGRES_PORT` is one's and a setting's, too. */
const sharedName = /^HOLDFAST_([A-Z0-9_]+_)?PORT$/;
const address = /^(tcp|udp|sctp):\/\//;

/**
 * Whether Kubernetes has made a variable: it puts every Service of a namespace into the environment of its pods, unless they
 * have `enableServiceLinks: false`. Such a variable is no setting.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export const isServiceLink = (name: string, value: string): boolean =>
  ownName.test(name) || (sharedName.test(name) && address.test(value));
