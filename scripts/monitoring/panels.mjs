import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { emptyWhileWell } from './expressions.mjs';

const datasource = { type: 'prometheus', uid: '${datasource}' };

/**
 * What every panel may say of itself.
 *
 * @typedef {object} Options
 * @property {string} [description] a sentence or more, for whoever looks at it
 * @property {boolean} [emptyWhileWell] it has no data where nothing is wrong
 * @property {string} [emptyUntil] what has to happen first, where it has no data before
 * @property {number} [width] of 24
 */

/**
 * Lines over time.
 *
 * @param {string} title
 * @param {string} unit of Grafana
 * @param {Record<string, string>} lines the legend of each, and its expression
 * @param {Options & { max?: number }} [options]
 */
export function graph(title, unit, lines, options = {}) {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .unit(unit)
    .min(0)
    .height(7)
    .fillOpacity(8)
    .showPoints(common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (options.max !== undefined) panel.max(options.max);
  return described(asking(panel, lines), options, 8);
}

/**
 * The number of now, in the colour of the step that it has reached.
 *
 * @param {string} title
 * @param {string} unit of Grafana
 * @param {Record<string, string>} numbers the legend of each, and its expression
 * @param {Options & { steps?: [from: number | null, color: string][] }} [options]
 */
export function stat(title, unit, numbers, options = {}) {
  const { steps = [[null, 'text']] } = options;
  const panel = new stats.PanelBuilder()
    .title(title)
    .unit(unit)
    .height(4)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(
      new dashboard.ThresholdsConfigBuilder()
        .mode(dashboard.ThresholdsMode.Absolute)
        .steps(steps.map(([value, color]) => ({ value, color }))),
    );
  return described(asking(panel, numbers, true), options, 4);
}

/**
 * A row for each series of now, a column for each of its labels.
 *
 * @param {string} title
 * @param {string} value what its column of numbers is called
 * @param {string} expression
 * @param {Options & { columns: Record<string, string> }} options the labels, and what their columns are called
 */
export function table(title, value, expression, { columns, ...options }) {
  const panel = new tables.PanelBuilder()
    .title(title)
    .height(8)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        renameByName: { ...columns, Value: value },
      },
    })
    .withTarget(query('A', '', expression).instant().format(prometheus.PromQueryFormat.Table));
  return described(panel.datasource(datasource), options, 12);
}

/** @param {string} title */
export function row(title) {
  return new dashboard.RowBuilder(title);
}

/**
 * Of a histogram: what a share of all was below.
 *
 * @param {number} share
 * @param {string} metric without its suffix, with its labels: `a_seconds{b="c"}`
 * @param {string[]} by labels
 */
export function quantile(share, metric, ...by) {
  const [, name, labels] = /^(\w+)(.*)$/.exec(metric);
  const groups = ['le', ...by].join(', ');
  return `histogram_quantile(${share}, sum by (${groups}) (rate(${name}_bucket${labels}[$__rate_interval])))`;
}

/**
 * How many a second.
 *
 * @param {string} metric with its labels
 * @param {string[]} by labels
 */
export function rate(metric, ...by) {
  const groups = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  return `sum${groups} (rate(${metric}[$__rate_interval]))`;
}

function asking(panel, lines, isInstant = false) {
  Object.entries(lines).forEach(([legend, expression], at) => {
    const target = query(String.fromCharCode(65 + at), legend, expression);
    panel.withTarget(isInstant ? target.instant() : target.range());
  });
  return panel.datasource(datasource);
}

function query(refId, legend, expression) {
  return new prometheus.DataqueryBuilder()
    .refId(refId)
    .expr(expression)
    .legendFormat(legend)
    .datasource(datasource);
}

function described(panel, { description, width, ...options }, usualWidth) {
  const empty =
    options.emptyUntil === undefined
      ? options.emptyWhileWell && emptyWhileWell
      : `Empty until ${options.emptyUntil}.`;
  const text = [description, empty].filter(Boolean).join(' ');
  if (text !== '') panel.description(text);
  return panel.span(width ?? usualWidth);
}
