import { optionPlaces } from './places.js';
import { LOCATION_PREFIXES, type CompletedCommand, type Place } from './table.js';

/** The script for bash 3.2 and later. It needs no other package, and asks the store only where a name of it can stand. */
export function bashScript(table: readonly CompletedCommand[]): string {
  return `# Completion for bash, made by: imgkit completion bash

_imgkit_options() {
  case $1 in
${table.map(({ name, options }) => `    ${name}) echo '${options.flatMap(({ flags }) => flags).join(' ')}' ;;`).join('\n')}
  esac
}

# What follows option $2 of command $1; nothing for one without a value.
_imgkit_value() {
  case "$1 $2" in
${optionPlaces(table).map(({ flags, place, commands }) => `    ${patterns(flags, commands)}) ${place === undefined ? ':' : `echo '${word(place)}'`} ;;`).join('\n')}
  esac
}

# What argument number $2 of command $1 is.
_imgkit_argument() {
  case "$1 $2" in
${table.flatMap(({ name, args }) => args.map(({ place, rest }, i) => `    "${name} "${rest ? '*' : i}) echo '${word(place)}' ;;`)).join('\n')}
  esac
}

# Adds the words of standard input that begin with $1, after the prefix $2.
_imgkit_add() {
  local each
  while IFS= read -r each; do
    if [[ $each == "$1"* ]]; then COMPREPLY+=("$2$each"); fi
  done
}

_imgkit_names() {
  "$program" list --quiet --progress none \${store:+--store "$store"} 2>/dev/null | sed -E 's/@.*//; s#^docker.io/(library/)?##'
}

# Adds the files (-f) or folders (-d) that begin with $2, after the prefix $3, and counts them.
_imgkit_paths() {
  local others=\${#COMPREPLY[@]}
  _imgkit_add "$2" "$3" < <(compgen "$1" -- "$2" | LC_ALL=C sort -u)
  paths=$((paths + \${#COMPREPLY[@]} - others))
}

_imgkit() {
  local line=$COMP_LINE token command option place cur program=imgkit store='' count=0 paths=0 quoted='' i n
  local -a words
  COMPREPLY=()
  if [[ \${1:-} == */* ]]; then program=\${1/#[~]\\//$HOME/}; fi
  # readline takes : and = for the ends of words: put the words together as they were typed.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    token=\${COMP_WORDS[i]}
    if ((i > 0)) && [[ $line != [[:space:]]* ]]; then
      n=$((\${#words[@]} - 1))
      words[n]=\${words[n]}$token
    else
      line=\${line#"\${line%%[![:space:]]*}"}
      words+=("$token")
    fi
    line=\${line#"$token"}
  done
  n=$((\${#words[@]} - 1))
  cur=\${words[n]}
  command=\${words[1]:-}
  if ((n == 1)); then
    _imgkit_add "$cur" '' <<<$'${[...table.map(({ name }) => name), '--help', '--version'].join('\\n')}'
    return
  fi
  place=''
  for ((i = 2; i < n; i++)); do
    case \${words[i]} in
      --store=*) store=\${words[i]#*=} ;;
      -?*=*) ;;
      -?*)
        place=$(_imgkit_value "$command" "\${words[i]}")
        if [[ -n $place ]]; then
          if ((i + 1 == n)); then break; fi
          if [[ \${words[i]} == --store ]]; then store=\${words[i + 1]}; fi
          i=$((i + 1))
          place=''
        fi
        ;;
      *) count=$((count + 1)) ;;
    esac
  done
  store=\${store//[\\\\\\"\\']/}
  if [[ $store == [~]/* || $store == '$HOME'/* ]]; then store=$HOME/\${store#*/}; fi
  local before=''
  if [[ -z $place && $cur == --*=* ]]; then
    option=\${cur%%=*}
    place=$(_imgkit_value "$command" "$option")
    before=$option=
    cur=\${cur#*=}
  elif [[ -z $place && $cur == -* && $cur != - ]]; then
    _imgkit_add "$cur" '' < <(_imgkit_options "$command" | tr ' ' '\\n')
    return
  fi
  if [[ -z $place ]]; then place=$(_imgkit_argument "$command" "$count"); fi
  # As the shell will read it. Behind a quote, readline replaces all of it.
  if [[ $cur == [\\"\\']* ]]; then quoted=yes before='' cur=\${cur:1}; fi
  cur=\${cur//\\\\/}
  case $place in
    file) _imgkit_paths -f "$cur" "$before" ;;
    folder) _imgkit_paths -d "$cur" "$before" ;;
    image) _imgkit_add "$cur" "$before" < <(_imgkit_names) ;;
    location)
      case $cur in
        docker-archive:* | oci-archive:* | oci:*) _imgkit_paths -f "\${cur#*:}" "$before\${cur%%:*}:" ;;
        store:*) _imgkit_add "\${cur#*:}" "\${before}store:" < <(_imgkit_names) ;;
        [./~]*) _imgkit_paths -f "$cur" "$before" ;;
        *)
          _imgkit_paths -f "$cur" "$before"
          _imgkit_add "$cur" "$before" < <(_imgkit_names)
          _imgkit_add "$cur" "$before" <<<$'${LOCATION_PREFIXES.join('\\n')}'
          ;;
      esac
      ;;
    'words '*) _imgkit_add "$cur" "$before" < <(tr ' ' '\\n' <<<"\${place#words }") ;;
  esac
  # Readline quotes a path, which may hold anything, and gives a folder its slash; names would get a backslash before the colon.
  if ((paths > 0 && paths == \${#COMPREPLY[@]})) && type compopt >/dev/null 2>&1; then compopt -o filenames 2>/dev/null; fi
  # Elsewhere only what follows the last : or = takes the place of the word; one with a backslash does not count.
  local breaks=\${COMP_WORDBREAKS//[!:=]/}
  if [[ -z $quoted && -n $breaks ]]; then
    local typed=\${words[n]} last prefix
    last=\${typed//\\\\?/xx}
    last=\${last##*[$breaks]}
    last=\${typed:\${#typed}-\${#last}}
    prefix=$before$cur
    prefix=\${prefix%"\${last//\\\\/}"}
    for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do COMPREPLY[i]=\${COMPREPLY[i]#"$prefix"}; done
  fi
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[:/] ]] && type compopt >/dev/null 2>&1; then compopt -o nospace 2>/dev/null; fi
}

if [[ $(type -t compopt) == builtin ]]; then
  complete -F _imgkit imgkit
else
  complete -o filenames -F _imgkit imgkit
fi
`;
}

function patterns(flags: readonly string[], commands: readonly string[] | undefined): string {
  if (commands === undefined) return flags.map((flag) => `*" ${flag}"`).join(' | ');
  return commands.flatMap((command) => flags.map((flag) => `"${command} ${flag}"`)).join(' | ');
}

function word(place: Place): string {
  return place.kind === 'words' ? `words ${place.words.join(' ')}` : place.kind;
}
