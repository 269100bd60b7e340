# Completion of metamap in bash: whatever is called metamap, ./metamap included, is asked itself.
_metamap() {
  local line=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]} word candidate
  line=${line#"${line%%[![:space:]]*}"}
  line=${line#"$program"}
  word=${line##*[[:space:]]}
  # Bash puts what it gets behind the last of these.
  local kept=${word%"${word##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    [[ $candidate == "$word"* ]] && COMPREPLY+=("${candidate#"$kept"}")
  done < <("${program/#\~/$HOME}" "[suggest:${#line}]" "$line" 2> /dev/null)
}
complete -o default -F _metamap metamap
