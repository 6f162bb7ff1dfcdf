import { defineCommand, jsonOption } from './command';

export const doctor = defineCommand({
  summary: 'says what is configured and reachable, and what is wrong',
  options: jsonOption,
  run: async (context, { json }) => {
    const run = await import('../doctor/doctor.js');
    return run.doctor(context, json, (text) => process.stdout.write(text));
  },
});
