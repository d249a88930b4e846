import { describe, expect, test } from 'vitest';
import { helpRows, KEYS, press } from '../../src/tui/keys.ts';
import type { Act } from '../../src/tui/screen.ts';
import type { Scene } from './scene.ts';
import * as stories from './stories.ts';

/** What the last of these keys asks for. */
function act(scene: Scene, ...keys: readonly string[]): Act | undefined {
  let last: Act | undefined;
  for (const key of keys) last = scene.store.key(key, scene.now);
  return last;
}

const type = (text: string): readonly string[] => [...text];

describe('a question', () => {
  test('of class confirm takes y, and anything that is not a y as no or as nothing', () => {
    expect(act(stories.asking(), 'y')).toEqual({ kind: 'answer', question: 'q1', answer: 'yes' });
    for (const key of ['N', 'n', 'enter'])
      expect(act(stories.asking(), key)).toEqual({ kind: 'answer', question: 'q1', answer: 'no' });
    for (const key of ['escape', ' ', 'Y', 'j', 'tab']) expect(act(stories.asking(), key)).toBeUndefined();
  });

  test('is closed by its answer, so that the same key twice answers once', () => {
    const scene = stories.asking();
    expect(act(scene, 'y')).toBeDefined();
    expect(act(scene, 'y')).toBeUndefined();
  });

  test('that came up under the fingers is not answered by the key that was meant for the one before', () => {
    const scene = stories.asking();
    scene.tell({
      type: 'question.asked',
      id: 'q2',
      task: 'restart@ldap3',
      purpose: 'approve',
      class: 'confirm',
      text: 'And ldap3?',
      changes: [],
    });
    expect(scene.screen.look.panels.at(-1)).toEqual({ kind: 'question', id: 'q1' });
    expect(act(scene, 'y')).toMatchObject({ question: 'q1', answer: 'yes' });
    expect(act(scene, 'y')).toBeUndefined();
    expect(scene.screen.look.said).toContain('press it again');
    expect(act(scene.after(1), 'y')).toMatchObject({ question: 'q2', answer: 'yes' });
  });

  test('of class typed takes its word and no other', () => {
    const typed = () => stories.asking({ class: 'typed', typed: 'ldap2' });
    expect(act(typed(), 'y', ...type('ldap2'), 'enter')).toEqual({
      kind: 'answer',
      question: 'q1',
      answer: 'yes',
    });
    const wrong = typed();
    expect(act(wrong, 'y', ...type('ldap1'), 'enter')).toBeUndefined();
    expect(wrong.screen.look.said).toBe('that was not ldap2: nothing is answered');
    expect(wrong.screen.look.panels).toEqual([{ kind: 'question', id: 'q1' }]);
    expect(act(typed(), 'y', ...type('ldap12'), 'backspace', 'backspace', '2', 'enter')).toMatchObject({
      answer: 'yes',
    });
  });

  test('is skipped with a reason, and not without', () => {
    const scene = stories.asking();
    expect(act(scene, 's', 'enter')).toBeUndefined();
    expect(scene.screen.look.said).toContain('a reason is needed');
    expect(act(scene, ...type('done by hand'), 'enter')).toEqual({
      kind: 'answer',
      question: 'q1',
      answer: 'skip',
      because: 'done by hand',
    });
  });

  test('waits below what is being typed, and takes none of its letters', () => {
    const scene = stories.asking().press('escape', 'n', ...type('a wa'));
    scene.tell({
      type: 'question.asked',
      id: 'q2',
      task: 'restart@ldap3',
      purpose: 'approve',
      class: 'confirm',
      text: 'Sure?',
      changes: [],
    });
    expect(act(scene, 'y', 'enter')).toEqual({ kind: 'note', text: 'a way' });
    expect(scene.screen.look.panels).toEqual([{ kind: 'question', id: 'q2' }]);
  });

  test('put aside is brought back by enter on its task', () => {
    const scene = stories.asking().press('escape');
    expect(scene.screen.look.panels).toEqual([]);
    scene.press('enter');
    expect(scene.screen.look.panels).toEqual([{ kind: 'question', id: 'q1' }]);
  });
});

describe('a doubt', () => {
  test('is settled by a or x, each with what was seen, and held by the default', () => {
    const because = 'the unit is up since 02:11';
    expect(act(stories.doubtful(), 'a', ...type(because), 'enter')).toEqual({
      kind: 'answer',
      question: 'q2',
      answer: 'applied',
      because,
    });
    expect(act(stories.doubtful(), 'x', ...type('it is down'), 'enter')).toMatchObject({
      answer: 'not-applied',
    });
    expect(act(stories.doubtful(), 'a', 'enter')).toBeUndefined();
    expect(act(stories.doubtful(), 'enter')).toMatchObject({ question: 'q2', answer: 'no' });
    expect(act(stories.doubtful(), 'y')).toBeUndefined();
  });
});

describe('a failure', () => {
  const task = 'restart@ldap2';
  test('is retried, skipped, marked done, undone, held, noted, copied; a shell is on its host', () => {
    expect(act(stories.failed(), 'r')).toEqual({ kind: 'retry', task });
    expect(act(stories.failed(), 's', ...type('later'), 'enter')).toEqual({
      kind: 'skip',
      task,
      because: 'later',
    });
    expect(act(stories.failed(), 'm', ...type('by hand'), 'enter')).toEqual({
      kind: 'done',
      task,
      because: 'by hand',
    });
    expect(act(stories.failed(), 'u')).toBeUndefined();
    expect(act(stories.failed(), 'u', 'enter')).toBeUndefined();
    expect(act(stories.failed(), 'u', 'y')).toEqual({ kind: 'undo', step: 'restart' });
    expect(act(stories.failed(), 'h')).toEqual({ kind: 'leave' });
    expect(act(stories.failed(), 'g')).toEqual({ kind: 'go-on' });
    expect(act(stories.failed(), '!')).toEqual({ kind: 'shell', host: 'ldap2' });
    expect(act(stories.failed(), 'c')).toEqual({ kind: 'copy', text: 'systemctl restart slapd' });
    expect(act(stories.failed(), 'n', ...type('called Bob'), 'enter')).toEqual({
      kind: 'note',
      text: 'called Bob',
    });
  });

  test('that is being retried offers nothing any more', () => {
    const scene = stories.failed().press('r');
    scene.tell({
      type: 'run.resumed',
      operator: { name: 'alice', host: 'desk', terminal: true },
      policy: { yes: false },
      tornBytes: 0,
    });
    expect(scene.screen.look.panels).toEqual([]);
    for (const key of ['r', 's', 'm', 'u', 'g']) expect(act(scene, key, 'enter')).toBeUndefined();
  });
});

describe('the run', () => {
  test('is held by h once, and by Ctrl-C; the second Ctrl-C leaves', () => {
    const scene = stories.atAgreement();
    expect(act(scene, 'h')).toEqual({ kind: 'hold' });
    expect(scene.screen.holding).toBe(true);
    expect(act(scene, 'h')).toBeUndefined();
    const other = stories.writing().press('n', 'x');
    expect(act(other, 'ctrl-c')).toEqual({ kind: 'hold' });
    expect(act(other, 'ctrl-c')).toEqual({ kind: 'leave' });
  });

  test('is left at once when it is done, and after a question while something is under way', () => {
    expect(act(stories.done(), 'q')).toEqual({ kind: 'leave' });
    const scene = stories.writing();
    expect(act(scene, 'q')).toBeUndefined();
    expect(scene.screen.look.panels.at(-1)).toMatchObject({
      kind: 'sure',
      text: expect.stringContaining('restart@ldap2'),
    });
    expect(act(scene, 'enter')).toBeUndefined();
    expect(act(scene, 'q', 'y')).toEqual({ kind: 'leave' });
  });
});

describe('moving', () => {
  test('stays where it was moved to while the run goes on, and escape follows it again', () => {
    const scene = stories.writing().press('home');
    scene.tell(scene.ended('restart@ldap2', 'changed'), scene.ended('restart@ldap3', 'changed'));
    expect(scene.screen.look.step).toBe(0);
    scene.press('escape');
    expect(scene.screen.look.step).toBe(4);
  });

  test('ends at the edges', () => {
    const { look } = stories.atAgreement().press('up', 'up', 'up', 'up', 'left', 'left', 'left').screen;
    expect([look.step, look.host]).toEqual([0, 0]);
    const far = stories.atAgreement().press('pagedown', 'right', 'right', 'right').screen.look;
    expect([far.step, far.host]).toEqual([5, 2]);
  });

  test('by tab goes round the tasks that wait for a person', () => {
    const scene = stories.fleet();
    const hosts = ['tab', 'tab', 'tab'].map((key) => scene.press('escape', key).screen.look.host);
    expect(new Set(hosts)).toEqual(new Set([6, 33]));
  });
});

describe('output', () => {
  const reading = (): Scene => {
    const scene = stories.writing();
    for (let line = 1; line <= 100; line++)
      scene.store.output('restart@ldap2', 'stdout', `line ${line}${line % 30 === 0 ? ' odd' : ''}\n`);
    return scene.press('enter');
  };

  test('stays at the line that is read while more comes in, and follows again at the end', () => {
    const scene = reading().press('up', 'up');
    expect(scene.screen.look.scroll).toBe(2);
    scene.store.output('restart@ldap2', 'stdout', 'more\nand more\n');
    expect(scene.screen.look.scroll).toBe(4);
    scene.press('end');
    expect(scene.screen.look.panels.at(-1)).toMatchObject({ follow: true });
  });

  test('is searched from its end upwards, and n and N go on from there', () => {
    const scene = reading().press('/', ...type('odd'), 'enter');
    const at = (): number => scene.screen.look.scroll;
    expect(at()).toBe(10);
    scene.press('n');
    expect(at()).toBe(40);
    scene.press('N', 'N');
    expect(at()).toBe(70);
    scene.press('/', ...type('nowhere'), 'enter');
    expect(scene.screen.look.said).toBe('"nowhere" is nowhere in it');
  });
});

test('every key is in the help, once', () => {
  const told = helpRows().flatMap(({ chapter, shown, does }) =>
    chapter === undefined ? [`${shown} ${does}`] : [],
  );
  const shown = KEYS.filter((key) => key.shown !== '' && !key.places.includes('sure'));
  for (const key of shown) expect(told).toContain(`${key.shown} ${key.does}`);
  expect(told).toHaveLength(new Set(told).size);
});

test('a key that nothing knows does nothing', () => {
  const { screen } = stories.asking();
  expect(press(screen, 'F13')).toEqual({ look: { ...screen.look, pressed: screen.now } });
});
