/** How a panel says that it shows nothing while all is well. */
export const emptyWhileWell = 'Empty while all is well.';

/** What Grafana puts in the place of a variable, where everything is chosen. */
const variables = { $provider: '.*', $__rate_interval: '1m' };

/**
 * Every expression of a dashboard, as Grafana sends it to Prometheus.
 *
 * @param {{ panels: object[] }} dashboard
 * @returns {{ panel: string, expression: string, mayBeEmpty: boolean }[]}
 */
export function expressionsOf({ panels }) {
  return panels.flatMap(({ title, description = '', targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: Object.entries(variables).reduce(
        (text, [name, value]) => text.replaceAll(name, value),
        expr,
      ),
      mayBeEmpty: /Empty (while|until) [^.]+\.$/.test(description),
    })),
  );
}
