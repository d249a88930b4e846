import { Command } from 'commander';

/** `lockstep schema`: JSON Schema of runbooks, for editors. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Prints the JSON Schema of runbooks (draft 2020-12), for editors')
    .action(async () => {
      const [{ actions }, { editorSchema }] = await Promise.all([
        import('../actions/index.ts'),
        import('../runbook/json-schema.ts'),
      ]);
      process.stdout.write(`${JSON.stringify(editorSchema(actions), null, 2)}\n`);
    });
}
