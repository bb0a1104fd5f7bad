
# `cargo authz`. Whatever else cargo is asked for is completed as before.
if ! complete -p cargo &>/dev/null && declare -F _completion_loader &>/dev/null; then
    _completion_loader cargo &>/dev/null
fi
if [[ "$(complete -p cargo 2>/dev/null)" =~ -F\ ([^ ]+) && "${BASH_REMATCH[1]}" != _cargo__authz_of_cargo ]]; then
    _cargo__authz_before="${BASH_REMATCH[1]}"
fi
_cargo__authz_of_cargo() {
    if [[ "${COMP_WORDS[1]}" == authz && "$COMP_CWORD" -gt 1 ]]; then
        COMP_WORDS=(cargo-authz "${COMP_WORDS[@]:2}")
        COMP_CWORD=$((COMP_CWORD - 1))
        _cargo__authz cargo-authz "$2" "$3"
    elif [[ -n "$_cargo__authz_before" ]]; then
        "$_cargo__authz_before" "$@"
    fi
}
complete -F _cargo__authz_of_cargo -o bashdefault -o default cargo
