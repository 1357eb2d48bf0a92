"""The device's own programs that are scripts: what says that it is an iPhone, and the tool that asks the keychain."""

from collections.abc import Mapping

from harness.model import DeviceProfile

__all__ = ["SOCKET", "scripts"]

SOCKET = "/private/var/run/securityd.socket"
"""Where the keychain is asked. Who asks is what the kernel says."""

_DARWIN = {"14": "20.6.0", "15": "21.6.0", "16": "22.6.0", "17": "23.6.0", "18": "24.6.0"}
_MODELS = {"14": "iPhone10,3", "15": "iPhone10,3", "16": "iPhone10,6"}


def scripts(profile: DeviceProfile) -> Mapping[str, str]:
    """Name and text of each."""
    prefix = profile.jailbreak_root
    major = profile.os_version.partition(".")[0]
    kernel, model = _DARWIN.get(major, "22.6.0"), _MODELS.get(major, "iPhone14,5")
    head = f"#!{prefix}/usr/bin/bash\n"
    return {
        "uname": head
        + f"""case $1 in
  -a) echo 'Darwin iPhone {kernel} Darwin Kernel Version {kernel} {model}';;
  -m) echo {model};;
  -n) echo iPhone;;
  -r) echo {kernel};;
  *) echo Darwin;;
esac
""",
        "sw_vers": head
        + f"""case $1 in
  -productVersion) echo {profile.os_version};;
  -productName) echo 'iPhone OS';;
  *) printf 'ProductName:\\tiPhone OS\\nProductVersion:\\t{profile.os_version}\\n';;
esac
""",
        # As the tool of that name: it prints what the keychain gives to whoever runs it.
        "keychain_dumper": head
        + f"""answer=$(printf 'dump\\n' | {prefix}/usr/bin/toybox nc -U {SOCKET})
case $answer in
  error*) printf '%s\\n' "$answer" >&2; exit 1;;
  *) printf '%s\\n' "$answer";;
esac
""",
    }
