"""Takes everything of the chosen apps that a device hands out, the widest way first, and tells what it refuses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.devices._android_backup import backup_items, unpack
from harness.devices._contents import released
from harness.devices.adb.containers import (
    DEVICE,
    Kind,
    Root,
    State,
    Surveyed,
    judged,
    locked,
    question,
    roots_of,
    system_roots,
)
from harness.devices.adb.copying import Copied, Copier, Counter, NoTar, no_room
from harness.devices.adb.facts import Place, open_to_shell, seen, with_reader
from harness.devices.adb.observing import Observed, Package
from harness.devices.adb.probing import Identity, Reach, Way
from harness.devices.adb.stillness import held_still, steady
from harness.devices.adb.telling import Told, account
from harness.devices.adb.transport import Link, run
from harness.devices.base import Options
from harness.errors import DeviceError, SourceError
from harness.model import Access, Artifact, DeviceProfile, Unread

__all__ = ["Acquisition", "Haul", "acquire"]

_LOST = "the connection was lost before all of it had arrived"
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
    told: Told | None = None
    try:
        holder = job.reach.root or next(iter(job.reach.apps.values()), Identity(Way.SHARED))
        with held_still(job.link, job.apps, job.options.hold, holder, said) as still:
            job = job if still else replace(job, options=replace(job.options, hold=""))
            told = Told(job.link)
            for identity, roots in _by_identity(job).items():
                places += _take(job, copier, identity, roots, haul, said)
                if haul.fault:
                    break
        if not haul.fault:
            _take_backups(job, counter, haul, places)
            haul.items += told.items(job.apps)
    except DeviceError as error:
        if not haul.items:
            raise
        haul.fault = error
    finally:
        if told is not None:
            told.close()
    if haul.fault:
        haul.items.append(Unread(path=".", container=DEVICE, reason=_LOST))
    haul.fault = haul.fault or locked(places, job.link.name)
    haul.items.append(account(job.device, job.reach, places, said))
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
    job: Acquisition, copier: Copier, identity: Identity, roots: Sequence[Root], haul: Haul, said: list[str]
) -> list[Surveyed]:
    """All that is in some places; gives what each of these said."""
    copied, found = _looked_and_copied(job, copier, identity, roots)
    haul.items += [_refused(job, place) for place in found if place.state is not State.THERE and _is_missed(place)]
    there = [place.root for place in found if place.state is State.THERE]
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
    return found


def _looked_and_copied(
    job: Acquisition, copier: Copier, identity: Identity, roots: Sequence[Root]
) -> tuple[Copied, list[Surveyed]]:
    """What is in some places, and what each says when it is listed: one shell does both."""
    asked = question(roots)
    try:
        copied = copier.copy(identity, [root.path for root in roots], survey=asked)
        if copied.survey is None and copied.fault:
            return copied, [Surveyed(root, State.ODD, _LOST) for root in roots]
        found = judged(roots, copied.survey or run(job.link, identity.command(asked)))
    except NoTar:
        copied, found = Copied(), judged(roots, run(job.link, identity.command(asked)))
        if any(place.state is State.THERE for place in found):
            raise
    for place in found:  # tar says the same of those that are not to be had
        path = place.root.path.lstrip("/")
        if place.state is not State.THERE and isinstance(copied.items.get(path), Unread):
            del copied.items[path]
    return copied, found


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
    places = [Place.of(root, apps.get(root.package), job.profile, job.device.sdk) for root in roots]
    for item in (*copied.items.values(), *copied.halves.values()):
        place = next((place for place in places if _inside(item.path, place.root)), None)
        if place is None:
            yield replace(item, container=DEVICE) if isinstance(item, Unread) else item
            continue
        root = place.root
        path = item.path[len(root.path) :]
        inside = f"{root.under}/{path}" if root.under else path
        if isinstance(item, Unread):
            yield replace(item, path=inside, container=root.container)
            continue
        facts = place.attributed(item.facts, inside)
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
    return not item.container or item.container.partition("/")[0] == app.name


def _both(one: Callable[[], None], other: Callable[[], None]) -> Callable[[], None]:
    def release() -> None:
        one()
        other()

    return release
