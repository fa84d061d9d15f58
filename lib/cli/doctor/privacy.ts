// Takes out of text what says who ran it and where: for a report that will be read by strangers. Pure.

export interface Person {
  home: string
  users: readonly string[]
  hosts: readonly string[]
  /** Values of variables that look like secrets. */
  secrets: readonly string[]
}

/** The same value with every string in it made fit to be shown. */
export function withoutPersonal<T>(value: T, person: Person): T {
  const replaced = replacer(person)
  const visit = (part: unknown): unknown => {
    if (typeof part === 'string') return replaced(part)
    if (Array.isArray(part)) return part.map(visit)
    if (part === null || typeof part !== 'object') return part
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner)]))
  }
  return visit(value) as T
}

type Rule = readonly [pattern: RegExp, by: string]

function replacer({ home, users, hosts, secrets }: Person): (text: string) => string {
  const rules: Rule[] = [
    ...secrets.map((secret): Rule => [new RegExp(quoted(secret), 'g'), '<secret>']),
    [/\b(hf|gh[pousr]|npm|sk)[_-][\w-]{16,}/g, '<secret>'],
    [/(\/\/)[^/@\s]+@/g, '$1<secret>@'], // user and password of a URL
    ...(home.length > 1 ? [[new RegExp(`${quoted(home)}(?![\\w.-])`, 'g'), '~'] as const] : []),
    [/(\/(?:home|Users)\/)[^/\s:'"]+/g, '$1<user>'], // of others
    ...users.filter((user) => user !== 'root').map((user) => wholeWord(user, '<user>')),
    ...hosts.map((host) => wholeWord(host, '<host>')),
  ]
  return (text) => rules.reduce((shown, [pattern, by]) => shown.replace(pattern, by), text)
}

const wholeWord = (word: string, by: string): Rule => [new RegExp(`(?<![\\w<])${quoted(word)}(?!\\w)`, 'g'), by]

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Who runs this, from the environment and what the system adds. */
export function personOf(
  env: NodeJS.ProcessEnv,
  { home, user, host }: { home: string; user: string; host: string },
): Person {
  const present = (values: (string | undefined)[]) => [...new Set(values.filter((value): value is string => !!value))]
  const isSecret = (name: string) => /TOKEN|SECRET|PASSW|KEY|CREDENTIAL|AUTH/i.test(name)
  const secretNames = Object.keys(env).filter(isSecret)
  return {
    home,
    users: present([user, env.USER, env.LOGNAME, env.SUDO_USER]),
    hosts: present([host, host.split('.')[0], env.HOSTNAME]),
    secrets: present(secretNames.map((name) => env[name])).filter((value) => value.length >= 6),
  }
}
