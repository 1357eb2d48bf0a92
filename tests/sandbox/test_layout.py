"""Places, labels and folder modes are those of real devices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.model import DeviceProfile, Platform
from harness.sandbox.layout import App, Realm, canonical, containers_of, is_inside, label_of, standard_folders

ANDROID = DeviceProfile(name="a", title="a", platform=Platform.ANDROID, os_version="14", app_root="/data/data")
OLD = DeviceProfile(name="o", title="o", platform=Platform.ANDROID, os_version="8.1", app_root="/data/data")
IOS = DeviceProfile(name="i", title="i", platform=Platform.IOS, os_version="17", app_root="/private/var/c")


@pytest.mark.parametrize(
    ("uid", "target", "profile", "label"),
    [
        (10123, 34, ANDROID, "u:object_r:app_data_file:s0:c123,c256,c512,c768"),
        (10300, 28, ANDROID, "u:object_r:app_data_file:s0:c44,c257,c512,c768"),
        (1010123, 34, ANDROID, "u:object_r:app_data_file:s0:c123,c256,c522,c768"),
        (10123, 27, ANDROID, "u:object_r:app_data_file:s0:c512,c768"),
        (10123, 34, OLD, "u:object_r:app_data_file:s0:c512,c768"),
        (10123, 34, IOS, None),
    ],
)
def test_labels_carry_the_categories_of_the_app(
    uid: int, target: int, profile: DeviceProfile, label: str | None
) -> None:
    """Its own since Android 9 for apps that target it, the user's before."""
    app = App(package="com.example.shop", uid=uid, target_sdk=target)

    assert label_of(containers_of(app, profile)[0], profile) == label


@pytest.mark.parametrize(
    ("target", "profile", "mode"), [(34, ANDROID, 0o700), (27, ANDROID, 0o751), (34, OLD, 0o751)]
)
def test_the_folder_of_an_app_is_as_open_as_installd_makes_it(target: int, profile: DeviceProfile, mode: int) -> None:
    """Closed for traversal since Android 9, for apps that target it."""
    container = containers_of(App(package="a.b", uid=10001, target_sdk=target), profile)[0]

    assert next(standard_folders(container, profile))[2] == mode


def test_containers_come_with_the_main_one_first() -> None:
    """One on iOS, three on Android, each with an id of its own."""
    app = App(package="com.example.shop", uid=10123)
    android, ios = containers_of(app, ANDROID), containers_of(app, IOS)

    assert [one.realm for one in android] == [Realm.CREDENTIAL, Realm.DEVICE, Realm.SHARED]
    assert android[0].root == "/data/data/com.example.shop"
    assert android[0].id == "com.example.shop"
    assert len({one.id for one in android}) == 3
    assert [one.realm for one in ios] == [Realm.CONTAINER]
    assert ios == containers_of(app, IOS)


@pytest.mark.parametrize(
    ("path", "profile", "real"),
    [
        ("/sdcard/Download/a", ANDROID, "/storage/emulated/0/Download/a"),
        ("/sdcardx/a", ANDROID, "/sdcardx/a"),
        ("/data/user/0/a.b/files", ANDROID, "/data/data/a.b/files"),
        ("/var/mobile/a", IOS, "/private/var/mobile/a"),
        ("/sdcard/a", IOS, "/sdcard/a"),
        ("/", IOS, "/"),
    ],
)
def test_links_that_every_device_has_are_followed(path: str, profile: DeviceProfile, real: str) -> None:
    """One file has one path."""
    assert canonical(path, profile) == real


@pytest.mark.parametrize("path", ["", "a", "a/b", "//a", "/a//b", "/a/", "/a/../b", "/a/./b", "/..", "/a\0b"])
def test_a_path_that_could_lead_astray_is_refused(path: str) -> None:
    """No step up, no empty step, nothing relative."""
    with pytest.raises(UsageError):
        canonical(path, ANDROID)


@given(st.text(st.sampled_from("ab./\0"), max_size=12))
def test_a_canonical_path_is_canonical(path: str) -> None:
    """Whatever is accepted has no odd step, and stays as it is when asked again."""
    try:
        real = canonical(path, ANDROID)
    except UsageError:
        return
    assert canonical(real, ANDROID) == real
    assert ".." not in real.split("/")


@pytest.mark.parametrize("package", ["", "a/b", "..", "a..b", ".a", "../x", "a b", "a\n", "\u00e9.b"])
def test_what_is_no_package_name_is_refused(package: str) -> None:
    """A package becomes a folder's name."""
    with pytest.raises(UsageError):
        App(package=package, uid=10001)


@pytest.mark.parametrize(("path", "inside"), [("/a", True), ("/a/b", True), ("/ab", False), ("/", False)])
def test_being_inside_is_by_whole_steps(path: str, inside: bool) -> None:
    """A like-named neighbour is not inside."""
    assert is_inside(path, "/a") is inside
