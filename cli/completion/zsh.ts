import { LOCATION_PREFIXES, type CompletedArgument, type CompletedCommand, type CompletedOption, type Place } from './table.js';

/** The script for zsh: a file `_imgkit` of $fpath, or read by `source`. */
export function zshScript(table: readonly CompletedCommand[]): string {
  return `#compdef imgkit
# Completion for zsh, made by: imgkit completion zsh

_imgkit_names() {
  local -a names match mbegin mend
  # _arguments puts a backslash before each colon and backslash of what was typed.
  local store=\${(Q)\${opt_args[--store]//(#b)\\\\(?)/$match[1]}}
  store=\${store/#(\\~|\\$HOME)\\//$HOME/}
  names=(\${(f)"$($program list --quiet --progress none \${store:+--store} \${store:+$store} 2>/dev/null | sed -E 's/@.*//; s#^docker.io/(library/)?##')"})
  compadd -X 'image in the store' -a names
}

_imgkit_locations() {
  if compset -P '(docker-archive|oci-archive|oci):'; then
    _files
    return
  fi
  if compset -P 'store:'; then
    _imgkit_names
    return
  fi
  _files
  [[ $PREFIX == [./~]* ]] && return
  _imgkit_names
  compadd -S '' -X 'kind of location' -- ${LOCATION_PREFIXES.map(quoted).join(' ')}
}

_imgkit() {
  local context state line ret=1
  typeset -A opt_args
  local -a imgkit_commands
  imgkit_commands=(
${table.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe -t commands 'command' imgkit_commands && ret=0
    [[ $PREFIX == -* ]] && compadd -- --help --version && ret=0
    return ret
  fi
  local command=$words[2] program=imgkit
  [[ $words[1] == */* ]] && program=\${\${(Q)words[1]}/#\\~\\//$HOME/}
  shift words
  ((CURRENT--))
  case $command in
${table.map(commandCase).join('\n')}
  esac
  return ret
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _imgkit "$@"
else
  compdef _imgkit imgkit
fi
`;
}

function commandCase({ name, options, args }: CompletedCommand): string {
  const specs = [...options.map(optionSpec), ...args.map(argumentSpec)];
  return `    ${name})\n      _arguments -s -S ${specs.join(' \\\n        ')} && ret=0\n      ;;`;
}

/** \`'(-o --output)'{-o+,--output=}'[what it is]:FILE:_files'\`. */
function optionSpec({ flags, describe, value, label, repeatable }: CompletedOption): string {
  const action = value === undefined ? '' : `:${plain(label)}:${actionOf(value)}`;
  const text = quoted(`[${plain(describe)}]${action}`);
  const forms = flags.map((flag) => `${flag}${value === undefined ? '' : flag.startsWith('--') ? '=' : '+'}`);
  const form = forms.length > 1 ? `{${forms.join(',')}}` : (forms[0] as string);
  if (repeatable) return `'*'${form}${text}`;
  return flags.length > 1 ? `${quoted(`(${flags.join(' ')})`)}${form}${text}` : `${form}${text}`;
}

function argumentSpec({ name, place, rest }: CompletedArgument, i: number): string {
  return quoted(`${rest ? '*' : String(i + 1)}:${plain(name)}:${actionOf(place)}`);
}

function actionOf(place: Place): string {
  switch (place.kind) {
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'location':
      return '_imgkit_locations';
    case 'image':
      return '_imgkit_names';
    case 'words':
      return `(${place.words.join(' ')})`;
    case 'text':
      return ' ';
  }
}

/** Without what has a meaning in a specification. */
function plain(text: string): string {
  return text.replaceAll('[', '(').replaceAll(']', ')').replaceAll('\\', '').replaceAll(':', '\\:');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
