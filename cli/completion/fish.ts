import { optionPlaces } from './places.js';
import { LOCATION_PREFIXES, type CompletedCommand, type CompletedOption, type Place } from './table.js';

/** The script for fish 3 and later. */
export function fishScript(table: readonly CompletedCommand[]): string {
  const valued = optionPlaces(table).filter(({ place }) => place !== undefined);
  return `# Completion for fish, made by: imgkit completion fish

# Words as the shell will read them, as far as a home folder goes.
function __imgkit_at_home
    for word in $argv
        if string match -q -r '^(~|\\$HOME)/' -- $word
            printf '%s\\n' $HOME/(string split -m 1 / -- $word)[2]
        else
            printf '%s\\n' $word
        end
    end
end

# The names in the store that the line names, asked of the program that it names.
function __imgkit_names
    set -l words (__imgkit_at_home (commandline -opc))
    set -l program imgkit
    string match -q '*/*' -- $words[1]; and set program $words[1]
    set -l store
    for i in (seq 2 (count $words))
        switch $words[$i]
            case '--store=*'
                set store --store (__imgkit_at_home (string sub -s 9 -- $words[$i]))
            case --store
                set store --store $words[(math $i + 1)]
        end
    end
    type -q $program; and $program list --quiet --progress none $store 2>/dev/null | string replace -r '@.*' '' | string replace -r '^docker\\.io/(library/)?' ''
end

# The files and folders that begin with $argv[2], each behind $argv[1]. What fish offers by itself has every file behind NAME: too.
function __imgkit_paths
    set -l begin (__imgkit_at_home $argv[2])
    for path in $begin*
        test -d $path; and set path $path/
        test $begin = "$argv[2]"; or set path '~'(string sub -s (math (string length -- $HOME) + 1) -- $path)
        echo $argv[1]$path
    end
end

function __imgkit_locations
    # Without the option before it, and without quotes and backslashes.
    set -l word (string replace -r '^--[^=]*=' '' -- (commandline -ct) | string replace -r '^["\\'](?=[^"\\']*$)' '')
    set word (string unescape -- $word)
    switch "$word"
        case 'docker-archive:*' 'oci-archive:*' 'oci:*'
            set -l parts (string split -m 1 : -- $word)
            __imgkit_paths $parts[1]: $parts[2]
        case 'store:*'
            for name in (__imgkit_names)
                echo store:$name
            end
        case './*' '../*' '/*' '~*'
            __imgkit_paths '' $word
        case '*'
            __imgkit_paths '' "$word"
            __imgkit_names
            printf '%s\\tkind of location\\n' ${LOCATION_PREFIXES.join(' ')}
    end
end

function __imgkit_first
    test (count (commandline -opc)) -eq 1
end

# The command is one of these.
function __imgkit_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

# Whether option $argv[2] of command $argv[1] takes the next word.
function __imgkit_takes
    switch "$argv[1] $argv[2]"
        case ${valued.flatMap(({ flags, commands }) => (commands ?? ['*']).flatMap((command) => flags.map((flag) => `'${command} ${flag}'`))).join(' ')}
            return 0
    end
    return 1
end

# The command is $argv[2], and the word is its argument number $argv[1], counted from 1; or that or a later one, for 2+.
function __imgkit_nth
    __imgkit_is $argv[2]; or return 1
    set -l count 1
    set -l skip 0
    for word in (commandline -opc)[3..-1]
        if test $skip -eq 1
            set skip 0
        else if string match -q -- '-*' $word
            __imgkit_takes $argv[2] $word; and set skip 1
        else
            set count (math $count + 1)
        end
    end
    switch $argv[1]
        case '*+'
            test $count -ge (string trim -r -c + $argv[1])
        case '*'
            test $count -eq $argv[1]
    end
end

complete -c imgkit -f
complete -c imgkit -n __imgkit_first -l help -s h -d 'Show all commands'
complete -c imgkit -n __imgkit_first -l version -d 'Show the version'
${table.map(({ name, summary }) => `complete -c imgkit -n __imgkit_first -a ${name} -d ${quoted(summary)}`).join('\n')}
${optionLines(table).join('\n')}
${argumentLines(table).join('\n')}
`;
}

/** One line for each option, for all the commands that have exactly that. */
function optionLines(table: readonly CompletedCommand[]): readonly string[] {
  const commandsOf = new Map<string, string[]>();
  for (const { name, options } of table) {
    for (const option of options) {
      const words = optionWords(option);
      commandsOf.set(words, [...(commandsOf.get(words) ?? []), name]);
    }
  }
  return [...commandsOf].map(([words, names]) => `complete -c imgkit -n '__imgkit_is ${names.join(' ')}' ${words}`);
}

function optionWords({ flags, describe, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...(value === undefined ? [] : [after(value)]), `-d ${quoted(describe)}`].join(' ');
}

function argumentLines(table: readonly CompletedCommand[]): readonly string[] {
  return table.flatMap(({ name, args }) =>
    args.flatMap(({ place, rest }, i) => {
      if (place.kind === 'text') return [];
      return [`complete -c imgkit -n '__imgkit_nth ${i + 1}${rest ? '+' : ''} ${name}' ${place.kind === 'file' ? '-F' : `-f -a ${choices(place)}`}`];
    }),
  );
}

/** What follows an option. */
function after(place: Place): string {
  if (place.kind === 'file') return '-r -F';
  return place.kind === 'text' ? '-x' : `-x -a ${choices(place)}`;
}

function choices(place: Place): string {
  switch (place.kind) {
    case 'words':
      return quoted(place.words.join(' '));
    case 'folder':
      return "'(__fish_complete_directories)'";
    case 'location':
      return "'(__imgkit_locations)'";
    case 'image':
      return "'(__imgkit_names)'";
    default:
      return "''";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
