"""An emulated jailbroken iPhone, asked by Debian's own SSH client: what it shows, and what the kernel refuses."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.emulators.iphone.device import JailbrokenIphone
from harness.emulators.iphone.userland import missing
from harness.emulators.walls.ports import Tier
from harness.errors import UsageError
from harness.model import Protection
from harness.profiles import load_profile
from harness.sandbox import Accessible, App, Attributes, KeychainItem, Sandbox

SHOP = App(package="com.example.shop", uid=10123, groups=("group.com.example.shop",))
TIERS = [Tier.USER_NAMESPACE, Tier.CHROOT]


def sandbox(profile: str = "ios-16-jailbroken") -> Sandbox:
    made = Sandbox(load_profile(profile))
    made.install(SHOP)
    documents = made.container(SHOP.package) + "/Documents"
    made.write(f"{documents}/open.txt", b"class C", Attributes(modified=1_700_000_000.0))
    made.write(f"{documents}/closed.txt", b"class A", Attributes(protection=Protection.COMPLETE))
    group = f"A1B2C3D4E5.{SHOP.package}"
    for account, accessible in (("while-unlocked", Accessible.WHEN_UNLOCKED), ("always", Accessible.ALWAYS)):
        made.keychain.put(
            KeychainItem(owner=SHOP.package, group=group, data=b"token", account=account, accessible=accessible)
        )
    return made


class Phone:
    """Commands on a running phone, by the real client."""

    def __init__(self, device: JailbrokenIphone) -> None:
        self.device = device
        self.documents = device.sandbox.container(SHOP.package) + "/Documents"

    def run(self, command: str, user: str = "root", *options: str) -> subprocess.CompletedProcess[str]:
        words = ["ssh", *options, "-o", f"UserKnownHostsFile={self.device.known_hosts}", "-o", "BatchMode=yes"]
        words += ["-i", str(self.device.key_file), "-p", str(self.device.port), f"{user}@127.0.0.1", command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    def out(self, command: str, user: str = "root") -> str:
        return self.run(command, user).stdout.strip()


@pytest.fixture(scope="module", params=TIERS)
def phone(request) -> Iterator[Phone]:
    lacking = missing()
    assert not lacking, "; ".join(f"{each.what}: {each.how}" for each in lacking)
    with JailbrokenIphone(sandbox(), tier=request.param) as device:
        yield Phone(device)
        assert "Traceback" not in device.log


def test_both_users_get_in_and_are_who_they_are(phone: Phone) -> None:
    """Root is wheel, and apps' files belong to mobile."""
    assert phone.out("id") == "uid=0(root) gid=0(wheel) groups=0(wheel)"
    assert phone.out("id", "mobile") == "uid=501(mobile) gid=501(mobile) groups=501(mobile)"
    assert phone.out(f"stat -c '%U %a' {phone.documents}/open.txt") == "mobile 600"
    assert phone.out("uname") == "Darwin"


def test_the_host_key_is_the_one_that_clients_are_given(phone: Phone) -> None:
    """A client that knows another refuses."""
    other = phone.run("true", "root", "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes")

    assert phone.run("true").returncode == 0
    assert "Host key verification failed" in other.stderr


def test_containers_are_found_by_their_metadata(phone: Phone) -> None:
    """Of the app and of its group, in folders that are not named after them."""
    for kind, identifier in (("Data/Application", SHOP.package), ("Shared/AppGroup", SHOP.groups[0])):
        named = f"/var/mobile/Containers/{kind}/*/.com.apple.mobile_container_manager.metadata.plist"

        assert phone.out(f"grep -la {identifier} {named} | wc -l") == "1"
    assert phone.out("grep -la group.com.example.shop /var/containers/Bundle/Application/*/*.app/Shop").endswith(
        "/Shop"
    )


def test_mobile_reads_every_app_and_not_the_keychain(phone: Phone) -> None:
    """Every app runs as mobile; the database belongs to securityd."""
    assert phone.out(f"cat {phone.documents}/open.txt", "mobile") == "class C"
    refused = phone.run("cat /var/Keychains/keychain-2.db", "mobile")

    assert refused.returncode != 0
    assert "Permission denied" in refused.stderr
    assert phone.out("head -c 13 /var/Keychains/keychain-2.db") == "SQLite format"


def test_the_keychain_answers_root_and_nobody_else(phone: Phone) -> None:
    """Who asks is what the kernel says."""
    refused = phone.run("keychain_dumper", "mobile")

    assert phone.out("keychain_dumper").count("Keychain Data: token") == 2
    assert refused.returncode == 1
    assert "errSecMissingEntitlement" in refused.stderr
    assert "token" not in refused.stdout


def test_a_lock_closes_files_and_items_of_its_classes_to_root(phone: Phone) -> None:
    """While locked, class A; before the first unlock, class C as well. Then all is as it was."""
    both = f"cat {phone.documents}/open.txt; echo; cat {phone.documents}/closed.txt"
    before = phone.device.export()
    phone.device.lock()
    try:
        locked, items = phone.run(both), phone.out("keychain_dumper")
        phone.device.lock(restart=True)
        restarted = phone.run(both)
    finally:
        phone.device.unlock()

    assert locked.stdout.strip() == "class C"
    assert "closed.txt" in locked.stderr
    assert items.count("Account: always") == 1
    assert "while-unlocked" not in items
    assert restarted.stdout.strip() == ""
    assert phone.out(both).split("\n") == ["class C", "class A"]
    assert _contents(phone.device.export()) == _contents(before)


def test_files_come_and_go_by_sftp(phone: Phone, tmp_path: Path) -> None:
    """The client's own `scp`, there and back, byte for byte."""
    sent = bytes(range(256)) * 8192
    (tmp_path / "there").write_bytes(sent)
    options = ["-o", f"UserKnownHostsFile={phone.device.known_hosts}", "-i", str(phone.device.key_file), "-q"]
    there = ["scp", *options, "-P", str(phone.device.port)]
    for words in (
        [*there, str(tmp_path / "there"), "root@127.0.0.1:/var/root/there"],
        [*there, "root@127.0.0.1:/var/root/there", str(tmp_path / "back")],
    ):
        subprocess.run(words, check=True, timeout=60)

    assert (tmp_path / "back").read_bytes() == sent


def test_the_journal_says_who_came(phone: Phone) -> None:
    """So that a test can tell what a tool did."""
    count = phone.device.journal.count("ssh")
    phone.out("true")

    assert phone.device.journal.count("ssh") == count + 1


def test_a_password_opens_it_only_where_it_was_given_one() -> None:
    """The server itself offers the method, or not."""
    for password, offered in (("", False), ("alpine", True)):
        with JailbrokenIphone(sandbox(), password=password) as device:
            asked = Phone(device).run("true", "root", "-o", "PubkeyAuthentication=no", "-v")

            assert ("password" in asked.stderr.rpartition("Permission denied (")[2]) is offered


@pytest.mark.parametrize(("profile", "tools"), [("ios-14-jailbroken", "/usr/bin"), ("ios-16-jailbroken", "/var/jb")])
def test_tools_are_where_a_jailbreak_of_the_kind_keeps_them(profile: str, tools: str) -> None:
    """Rootful among the system's own; rootless in a folder of its own, and nothing beside it is changed."""
    with JailbrokenIphone(sandbox(profile)) as device:
        phone = Phone(device)

        assert phone.out("command -v tar").startswith(tools)
        assert (phone.out("ls /usr/bin") == "") is (tools == "/var/jb")


def test_it_leaves_nothing_behind() -> None:
    """No folder with keys, no process."""
    device = JailbrokenIphone(sandbox())
    folder = device.key_file.parent
    device.stop()
    device.stop()

    assert not folder.exists()
    assert not device.is_running()


def test_only_a_jailbroken_phone_has_a_server() -> None:
    """A stock one has no shell at all."""
    with pytest.raises(UsageError, match="jailbroken"):
        JailbrokenIphone(Sandbox(load_profile("ios-17-stock")))


def _contents(tree: bytes) -> dict[str, tuple[int, int, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(tree)) as archive:
        return {
            each.name: (each.uid, each.mode, _read(archive, each)) for each in archive.getmembers() if each.isreg()
        }


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    return stream.read() if stream else b""
