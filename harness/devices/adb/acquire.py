"""Takes everything of the chosen apps that a device hands out, the widest way first, and tells what it refuses."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.devices._android_backup import backup_items, unpack
from harness.devices._contents import released
from harness.devices.adb.containers import DEVICE, Kind, Root, State, Surveyed, locked, roots_of, survey, system_roots
from harness.devices.adb.copying import Copied, Copier, Counter, no_room
from harness.devices.adb.facts import attributed, open_to_shell, seen, with_reader
from harness.devices.adb.observing import Observed, Package
from harness.devices.adb.probing import Identity, Reach, Way
from harness.devices.adb.stillness import held_still, steady
from harness.devices.adb.transport import Link, run_all
from harness.devices.base import Options
from harness.errors import DeviceError, SourceError
from harness.model import Access, Artifact, Bytes, DeviceProfile, Facts, Unread

__all__ = ["Acquisition", "Haul", "acquire"]

_LOST = "the connection was lost before all of it had arrived"
_MOST_LOG = 16 << 20
_SHY_SINCE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """What is to be taken, from where and how."""

    link: Link
    reach: Reach
    apps: tuple[Package, ...]
    device: Observed
    profile: DeviceProfile
    options: Options
    labels: bool
    """The device's tar can say SELinux labels."""


@dataclass(slots=True)
class Haul:
    """What was taken."""

    items: list[Artifact | Unread] = field(default_factory=list)
    fault: DeviceError | None = None
    """Why the rest is missing; what is here is good."""
    release: Callable[[], None] = lambda: None


def acquire(job: Acquisition) -> Haul:
    """Everything, sorted by container and path.

    Raises:
        DeviceError: the device went away before anything had arrived.
    """
    counter = Counter(job.options.progress)
    copier = Copier(job.link, job.options.limits, counter, labels=job.labels)
    haul = Haul(release=copier.close)
    said: list[str] = []
    places: list[Surveyed] = []
    try:
        holder = job.reach.root or next(iter(job.reach.apps.values()), Identity(Way.SHARED))
        with held_still(job.link, job.apps, job.options.hold, holder, said):
            for identity, roots in _by_identity(job).items():
                found = survey(job.link, identity, roots)
                places += found
                _take(job, copier, identity, found, haul, said)
                if haul.fault:
                    break
        if not haul.fault:
            _take_backups(job, counter, haul, places)
            haul.items += _of_device(job)
    except DeviceError as error:
        if not haul.items:
            raise
        haul.fault = error
    if haul.fault:
        haul.items.append(Unread(path=".", container=DEVICE, reason=_LOST))
    haul.fault = haul.fault or locked(places, job.link.name)
    haul.items.append(_account(job, places, said))
    haul.items.sort(key=_order)
    return haul


def _order(item: Artifact | Unread) -> tuple[str, str, bool, str]:
    if isinstance(item, Unread):
        return item.container, item.path, True, item.reason
    return item.facts.container, item.path, False, ""


def _by_identity(job: Acquisition) -> dict[Identity, list[Root]]:
    """Who takes what: root everything, `run-as` an app's own folders, the shell what is shared."""
    chosen: dict[Identity, list[Root]] = {}
    shell = Identity(Way.SHARED)
    for app in job.apps:
        for root in roots_of(app, job.device.users):
            own = job.reach.root or (shell if root.kind.shared or root.user else job.reach.identity(app.name))
            chosen.setdefault(own, []).append(root)
    if job.reach.root:
        chosen.setdefault(job.reach.root, []).extend(system_roots())
    return chosen


# -- files -----------------------------------------------------------------------------------------


def _take(
    job: Acquisition, copier: Copier, identity: Identity, found: Sequence[Surveyed], haul: Haul, said: list[str]
) -> None:
    haul.items += [_refused(job, place) for place in found if place.state is not State.THERE and _is_missed(place)]
    there = [place.root for place in found if place.state is State.THERE]
    if not there:
        return
    copied = copier.copy(identity, [root.path for root in there])
    if not job.options.hold:
        said += steady(copier, identity, copied)
    if copied.fault:
        haul.fault = copied.fault
        haul.items += [
            Unread(path=root.path.lstrip("/"), container=root.container, reason=_LOST)
            for root in _unfinished(there, copied)
        ]
    haul.items += _placed(job, there, copied)
    if copied.told:
        haul.items.append(
            Unread(path=".", container=DEVICE, reason=f"{len(copied.told)} complaints of the device's tar")
        )


def _is_missed(place: Surveyed) -> bool:
    """Whether it ought to be there: an installed app has its own folder, all others are made when they are needed."""
    return place.state is not State.ABSENT or (place.root.kind is Kind.CREDENTIAL and not place.root.user)


def _refused(job: Acquisition, place: Surveyed) -> Unread:
    match place.state:
        case State.DENIED:
            reason = f"denied by the device ({job.reach.refusal(place.root.package)})"
        case State.LOCKED | State.ABSENT:
            reason = "encrypted, or not there: unlock the device once since it booted"
        case _:
            reason = "the device does not say whether it is there"
    return Unread(path=place.root.path.lstrip("/"), container=place.root.container, reason=reason)


def _unfinished(roots: Sequence[Root], copied: Copied) -> Sequence[Root]:
    """Those of which files may be missing: one tar goes through them in turn."""
    arrived = [index for index, root in enumerate(roots) if any(_inside(path, root) for path in copied.items)]
    return roots[max(arrived, default=0) :]


def _tried_as_shell(job: Acquisition, copied: Copied) -> dict[str, bool]:
    """What the debug shell gets of the files whose bits let everybody in; not known where that shell is root."""
    if copied.fault or job.reach.way in {Way.ROOT, Way.ADB_ROOT}:
        return {}
    loose = ["/" + path for path, item in copied.items.items()
             if isinstance(item, Artifact) and (item.facts.mode or 0) & 0o004]  # fmt: skip
    return {path[1:]: can for path, can in open_to_shell(job.link, loose).items()}


def _inside(path: str, root: Root) -> bool:
    return ("/" + path).startswith(root.path + "/")


def _placed(job: Acquisition, roots: Sequence[Root], copied: Copied) -> Iterator[Artifact | Unread]:
    apps = {app.name: app for app in job.apps}
    shell = _tried_as_shell(job, copied)
    for item in (*copied.items.values(), *copied.halves.values()):
        root = next((root for root in roots if _inside(item.path, root)), None)
        if root is None:
            yield replace(item, container=DEVICE) if isinstance(item, Unread) else item
            continue
        path = item.path[len(root.path) :]
        inside = f"{root.under}/{path}" if root.under else path
        if isinstance(item, Unread):
            yield replace(item, path=inside, container=root.container)
            continue
        facts = replace(item.facts, path=inside, container=root.container)
        facts = attributed(facts, root, apps.get(root.package), job.profile, job.device.sdk)
        if item.path in shell and not root.kind.shared:
            facts = with_reader(facts, Access.ADB_SHELL, can=shell[item.path])
        yield Artifact(facts=facts, content=item.content)


# -- backups ---------------------------------------------------------------------------------------


def _take_backups(job: Acquisition, counter: Counter, haul: Haul, places: Sequence[Surveyed]) -> None:
    """What a backup carries, for apps whose own folder is closed."""
    closed = {place.root.package for place in places if place.state is State.DENIED}
    for app in job.apps:
        if app.name not in closed:
            continue
        if why := _left_out(app, job.device):
            job.reach.note(Way.BACKUP, "not asked", why, works=False)
            continue
        haul.items += _backed_up(job, app, counter, haul)


def _left_out(app: Package, device: Observed) -> str:
    """Why a backup is sure to hold nothing of the app; empty where it may."""
    if app.allows_backup is None:
        return "the device does not tell the app's flags"
    if not app.allows_backup:
        return "the app opted out of backups"
    if device.sdk >= _SHY_SINCE and (app.target_sdk or 0) >= _SHY_SINCE and not app.debuggable:
        return "since Android 12 release builds that target it are left out"
    return ""


def _backed_up(job: Acquisition, app: Package, counter: Counter, haul: Haul) -> list[Artifact | Unread]:
    asked = f"bu backup -noapk {app.name}"
    counter.restart()
    job.options.progress("confirm the backup on the device's screen", 0, 0)
    stream = job.link.stream(asked, patience=job.options.patience)
    try:
        unpacked = unpack(stream.chunks(), job.options.limits)
    except (DeviceError, SourceError) as error:
        said = "nobody confirmed it on the device's screen" if isinstance(error, DeviceError) else str(error)
        job.reach.note(Way.BACKUP, asked, said, works=False)
        return []
    except OSError as error:
        fault = no_room(error)
        if fault is None:
            raise
        haul.fault = fault
        return []
    finally:
        stream.close()
    items = [item for item in backup_items(unpacked, job.options.limits) if _is_of(item, app)]
    files = sum(isinstance(item, Artifact) for item in items)
    job.reach.note(Way.BACKUP, asked, f"{files} files", works=files > 0)
    haul.release = _both(haul.release, lambda: released(unpacked.data))
    return [
        Artifact(facts=seen(item.facts, job.profile), content=item.content) if isinstance(item, Artifact) else item
        for item in items
    ]


def _is_of(item: Artifact | Unread, app: Package) -> bool:
    """A backup of one app holds no other's files; one that does is not believed."""
    container = item.container if isinstance(item, Unread) else item.facts.container
    return not container or container.partition("/")[0] == app.name


def _both(one: Callable[[], None], other: Callable[[], None]) -> Callable[[], None]:
    def release() -> None:
        one()
        other()

    return release


def _of_device(job: Acquisition) -> Iterator[Artifact | Unread]:
    """What is said outside of containers: the log, the backup manager, the packages."""
    log = "logcat -d -b main -b system -b crash 2>/dev/null || logcat -d"
    backups, logged = run_all(job.link, ["dumpsys backup", log])
    yield _text("dumpsys/backup.txt", backups.output, told=True)
    for app in job.apps:
        yield _text(f"dumpsys/package/{app.name}.txt", app.dump.encode("utf-8"), told=True)
    yield _text("logcat.txt", logged.output[-_MOST_LOG:], told=True)


def _text(path: str, data: bytes, *, told: bool) -> Artifact:
    """Something that a command said, to whom it is said."""
    root = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})
    facts = Facts(
        path=path,
        container=DEVICE,
        size=len(data),
        in_backup=False,
        readable_by=root | {Access.ADB_SHELL} if told else frozenset(),
        denied_to=frozenset({Access.BACKUP, Access.OTHER_APP} if told else Access),
    )
    return Artifact(facts=facts, content=Bytes(data))


def _account(job: Acquisition, places: Sequence[Surveyed], said: Sequence[str]) -> Artifact:
    """How it was done: which way, what every attempt said, what each place said."""
    device = {
        "model": job.device.model, "release": job.device.release, "sdk": job.device.sdk, "build": job.device.build,
        "users": list(job.device.users), "keystore": job.device.keystore.value,
    }  # fmt: skip
    account: Mapping[str, object] = {
        "device": device,
        "way": job.reach.way.value,
        "attempts": [
            {"way": each.way.value, "asked": each.asked, "said": each.said, "works": each.works}
            for each in job.reach.attempts
        ],
        "places": [
            {"container": each.root.container, "path": each.root.path, "state": each.state.value, "said": each.said}
            for each in places
        ],
        "stillness": list(said),
    }
    return _text("acquisition.json", json.dumps(account, indent=1).encode("ascii") + b"\n", told=False)
