# Completion of metamap in zsh: whatever is called metamap, ./metamap included, is asked itself.
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_metamap() {
  local line=" ${(j: :)words[2,CURRENT]}"
  local -a candidates
  candidates=("${(@f)$(${(e)~words[1]} "[suggest:${#line}]" "$line" 2> /dev/null)}")
  candidates=("${(@)candidates:#}")
  (( $#candidates )) && compadd -a candidates || _files
}
compdef _metamap metamap
