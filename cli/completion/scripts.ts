/** What a shell is told once, so that it asks `vex __complete` (answer.ts) at each Tab. */

const BASH = String.raw`# Completion of vex in bash. In this shell: source <(vex completion bash)
# In all of them: vex completion bash > ~/.local/share/bash-completion/completions/vex
_vex() {
  local line also current=${'$'}{COMP_WORDS[COMP_CWORD]}
  local -a lines=()
  COMPREPLY=()
  while IFS= read -r line; do lines+=("$line"); done < <(
    "${'$'}{COMP_WORDS[0]/#\~/$HOME}" __complete "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
  )
  also=${'$'}{lines[0]}
  for line in "${'$'}{lines[@]:1}"; do COMPREPLY+=("${'$'}{line%%$'\t'*}"); done
  [[ $current == = ]] && current=
  case $also in
    files) also=-f ;;
    folders) also=-d ;;
    *) return 0 ;;
  esac
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$also" -- "$current")
}
complete -F _vex vex
`

const ZSH = String.raw`#compdef vex
# Completion of vex in zsh. In this shell, after compinit: source <(vex completion zsh)
# In all of them: vex completion zsh > "${'$'}{fpath[1]}/_vex"
_vex() {
  local line also
  local -a lines offers
  lines=("${'$'}{(@f)$("${'$'}{(Q)words[1]}" __complete "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  also=${'$'}{lines[1]}
  for line in "${'$'}{(@)lines[2,-1]}"; do
    offers+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  (( ${'$'}{#offers} )) && _describe -V vex offers
  case $also in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ ${'$'}{funcstack[1]} == _vex ]]; then _vex "$@"; else compdef _vex vex; fi
`

const FISH = String.raw`# Completion of vex in fish. In this shell: vex completion fish | source
# In all of them: vex completion fish > ~/.config/fish/completions/vex.fish
function __vex_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($typed[1] __complete $typed[2..] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
    end
    set -e lines[1]
    test (count $lines) -gt 0; and printf '%s\n' $lines
end
complete -c vex -f -a '(__vex_complete)'
`

export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const

export type ShellName = keyof typeof COMPLETION_SCRIPTS
export const SHELLS = Object.keys(COMPLETION_SCRIPTS) as ShellName[]
