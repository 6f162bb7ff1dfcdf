export { seededRandom } from '../../bench/kills/seeded-random';
