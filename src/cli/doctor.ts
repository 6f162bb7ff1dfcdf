import { defineCommand, jsonOption } from './command';

export const doctor = defineCommand({
  summary: 'says what is configured and reachable, and what is wrong; 1 where something is',
  options: jsonOption,
  notes: `Reads the settings of this machine, and asks Postgres, Temporal and the gateway where they lead. Ends with 0 where nothing
is wrong, warnings or not, and with 1 where something is.`,
  run: async (context, { json }) => {
    const run = await import('../doctor/doctor.js');
    return run.doctor(context, json, (text) => process.stdout.write(text));
  },
});
