"""The device's own programs that are scripts: `run-as`, `su`, `getprop`, and a stub for each framework command.

None of them decides who may do what. `run-as` and `su` execute set-user-id copies of util-linux `setpriv`, which
`layout` puts where a device has them: one per debuggable package that becomes that app and no other, and one that
becomes root, for the shell alone, on a rooted device. A stub is asked for nothing that the kernel does not say.
"""

from collections.abc import Mapping
from types import MappingProxyType

from harness.emulators.android.framework import commands
from harness.emulators.android.ports import Machine

__all__ = ["scripts"]

_HEAD = "#!/system/bin/sh\n"

# mksh moves its own descriptor 1 about while it runs a subshell: the caller's are parked at 7, 8 and 9 before.
# Nothing is said: whose child connects is seen, and what would say it is two processes more for every command.
_BY_PROCESS = r"""exec 7<&0 8>&1 9>&2
r=$(exec /system/bin/toybox nc -U /dev/socket/emud </dev/null)
case $r in [0-9]*) exit $r;; esac
"""

# Without /proc, or where the kernel keeps descriptors to itself: the arguments go over the socket, each with a NUL.
# Standard input goes along only where it is wanted, and to an installer exactly as many bytes as it is told: its
# caller keeps the other end open, so there would be no end to wait for.
_BY_ARGUMENTS = r"""n=${0##*/} id=$$.$RANDOM S=
for a; do [[ $l = -S ]] && S=$a; l=$a; done
ask() { print -r -- "call $id $(($# + 1))"; for a in "$n" "$@"; do print -nr -- "$a"; print -n '\0'; done; }
case "$n $*" in
  'pm install'*|'cmd package install'*) { ask "$@"; [[ -n $S ]] && /system/bin/toybox head -c "$S"; };;
  'bu restore'*|keystore_cli_v2\ *crypt*) { ask "$@"; /system/bin/toybox cat; };;
  *) ask "$@";;
esac | /system/bin/toybox nc -U /dev/socket/emud
r=$(print -r -- "rc $id" | /system/bin/toybox nc -U /dev/socket/emud)
e=${r#*$'\n'}
[[ $r = *$'\n'* && -n $e ]] && print -u2 -r -- "$e"
c=${r%%$'\n'*}
exit ${c:-255}
"""

_GETPROP = r"""n=$'\n'
p=$n$(</dev/__properties__/all)$n
if [[ $# = 0 ]]; then
  o=
  while IFS= read -r l; do o="$o[${l%%=*}]: [${l#*=}]$n"; done </dev/__properties__/all
  print -nr -- "$o"; exit
fi
case $p in
  *"$n$1="*) v=${p#*"$n$1="}; print -r -- "${v%%$n*}";;
  *) print -r -- "$2";;
esac
"""

_RUN_AS = r"""p=$1
[[ -z $p ]] && { print -u2 'run-as: usage: run-as <package-name> [--user <uid>] [<command> [<args>]]'; exit 1; }
shift
h=/system/run-as.d/$p n=
if [[ $1 = --user ]]; then
  n=$2; shift 2
  [[ $n = +([0-9]) ]] || { print -u2 "run-as: --user wants a number"; exit 1; }
  [[ -e $h@$n ]] && h=$h@$n
fi
if [[ ! -x /system/run-as.d ]]; then print -u2 "run-as: only 'shell' or 'root' users can run this program"; exit 1; fi
if [[ $p = */* || ! -e /data/app/$p ]]; then print -u2 "run-as: @UNKNOWN@"; exit 1; fi
if [[ ! -u $h ]]; then print -u2 "run-as: @RELEASE@"; exit 1; fi
u=$(/system/bin/toybox stat -c %u "$h")
d=/data/user/$((u / 100000))/$p
if [[ -n $n && $n != $((u / 100000)) ]]; then
  print -u2 "run-as: couldn't stat /data/user/$n/$p: No such file or directory"; exit 1
fi
[[ $# = 0 ]] && set -- /system/bin/sh
into='cd "$0" 2>/dev/null || cd /; exec "$@"'
exec "$h" --reuid="$u" --regid="$u" --keep-groups -- /system/bin/sh -c "$into" "$d" "$@"
"""

_NEW_WORDS = ("unknown package: $p", "package not debuggable: $p")
_OLD_WORDS = ("Package '$p' is unknown", "Package '$p' is not debuggable")
"""Until Android 6."""

_MAGISK_SU = r"""u=0 c= s=/system/bin/sh
while [[ $# -gt 0 ]]; do
  case $1 in
    -c|--command) shift; c="$*"; break;;
    -s|--shell) s=$2; shift;;
    -v|--version) print '26.4:MAGISKSU'; exit 0;;
    -V) print 26400; exit 0;;
    -h|--help) print 'MagiskSU'; print 'Usage: su [options] [-] [user [argument...]]'; exit 0;;
    -|-l|--login|-p|-m|-mm|-M|--mount-master|--preserve-environment) ;;
    root) u=0;;
    shell) u=2000;;
    [0-9]*) u=$1;;
    *) c="$*"; break;;
  esac
  shift
done
[[ -x /system/xbin/.suexec ]] || { print -u2 'Permission denied'; exit 13; }
export USER=root HOME=/ LOGNAME=root
[[ -n $c ]] && exec /system/xbin/.suexec --reuid="$u" --regid="$u" --clear-groups -- "$s" -c "$c"
exec /system/xbin/.suexec --reuid="$u" --regid="$u" --clear-groups -- "$s"
"""

_AOSP_SU = r"""[[ -x /system/xbin/.suexec ]] || { print -u2 'su: not allowed'; exit 1; }
u=0
if [[ $# -gt 0 ]]; then
  case $1 in
    root) u=0;;
    shell) u=2000;;
    *[!0-9]*|'') print -u2 "su: invalid uid/gid '$1'"; exit 1;;
    *) u=$1;;
  esac
  shift
fi
[[ $# = 0 ]] && set -- /system/bin/sh
exec /system/xbin/.suexec --reuid="$u" --regid="$u" --clear-groups -- "$@"
"""


def scripts(machine: Machine) -> Mapping[str, tuple[str, int, int, int]]:
    """Every script of a device by its path: text, uid, gid and mode."""
    stub = _HEAD + (_BY_PROCESS if machine.procfs else "") + _BY_ARGUMENTS
    unknown, release = _NEW_WORDS if machine.api >= 24 else _OLD_WORDS
    texts = {f"/system/bin/{name}": stub for name in commands.names()}
    texts["/system/bin/getprop"] = _HEAD + _GETPROP
    texts["/system/bin/run-as"] = _HEAD + _RUN_AS.replace("@UNKNOWN@", unknown).replace("@RELEASE@", release)
    if machine.rooted:
        texts["/system/xbin/su"] = _HEAD + _MAGISK_SU
    elif machine.userdebug:
        texts["/system/xbin/su"] = _HEAD + _AOSP_SU
    return MappingProxyType({path: (text, 0, 2000, 0o755) for path, text in sorted(texts.items())})
