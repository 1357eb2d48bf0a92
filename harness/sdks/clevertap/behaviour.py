"""What each event does to the storage of an app with CleverTap's Android SDK.

Every effect is a function of the events so far: time and chance come with them. The process ends before `Launched`,
`Upgraded` and `LevelChanged`, which start it again, and with `Killed`, after which the next event does.
"""

from collections.abc import Iterator
from dataclasses import replace

from harness.errors import UsageError
from harness.sdks.base import (
    Charged,
    Cleared,
    Effect,
    Erased,
    Event,
    EventPushed,
    InAppReceived,
    InboxReceived,
    Killed,
    Launched,
    LevelChanged,
    LocationSet,
    LoggedIn,
    LoggedOut,
    Muted,
    NetworkReporting,
    OptedOut,
    ProfilePushed,
    PushReceived,
    PushTokenReceived,
    Reinstalled,
    ServerAnswered,
    Setup,
    Upgraded,
    WentOffline,
    WentOnline,
)
from harness.sdks.clevertap import event_queue, geofence, messages, pushes, server, session, startup, tracking, users
from harness.sdks.clevertap.android_preferences import file_name
from harness.sdks.clevertap.integration import Integration
from harness.sdks.clevertap.state import Installation
from harness.sdks.clevertap.versions import VERSIONS, parse

__all__ = ["CleverTapLife"]

_RESTARTS = (Launched, Upgraded, LevelChanged)
_BY_THE_USER = (LoggedIn, ProfilePushed, EventPushed, Charged, LocationSet, OptedOut, NetworkReporting)
"""What is done in the app, by somebody who sees it."""


class CleverTapLife:
    """One installation."""

    def __init__(self, setup: Setup, level: int) -> None:
        self._install = Installation(setup, level)
        self._app = Integration(setup.mode)

    def react(self, event: Event) -> Iterator[Effect]:
        """What an event does.

        Raises:
            UsageError: an upgrade goes to a version that is none, is older, or does not run on this Android.
        """
        install = self._install
        install.begin_event(event.at, event.entropy)
        match event:
            case Cleared():
                # The system takes everything, and nothing starts by itself.
                install.forget()
                return
            case Reinstalled():
                install.forget()
            case Killed():
                yield from self._die()
                return
            case WentOffline() | LoggedOut() if install.process is None:
                # Nobody is there to notice.
                install.offline = install.offline or isinstance(event, WentOffline)
                return
            case PushReceived() if install.process is None:
                # It wakes the app up, and nobody sees that.
                yield from install.files.recover()
                pushes.receive(install, event)
                yield from install.effects()
                return
        yield from self._run(event)
        yield from install.effects()

    def _run(self, event: Event) -> Iterator[Effect]:
        install = self._install
        if install.process is not None:
            messages.show_due(install)
            event_queue.flush(install)
            if isinstance(event, _RESTARTS):
                session.pause(install)
                install.process = None
        self._configure(event)
        if install.process is None:
            yield from install.files.recover()
            startup.start(install)
        elif isinstance(event, _BY_THE_USER):
            session.touch(install)
        self._call(event)
        self._receive(event)

    def _configure(self, event: Event) -> None:
        """A new release of the app, which starts with what it has been built with."""
        install = self._install
        match event:
            case Upgraded():
                if event.version not in VERSIONS or parse(event.version) < install.traits.number:
                    later = [version for version in VERSIONS if parse(version) > install.traits.number]
                    hint = f"Later versions: {', '.join(later) or 'none'}."
                    raise UsageError("clevertap cannot be upgraded to this version", hint=hint)
                install.become(event.version)
            case LevelChanged():
                install.level = event.level
        # A level that a version does not know counts as none.
        if install.level not in install.traits.levels:
            install.level = 0

    def _call(self, event: Event) -> None:
        """What the app calls. There is no logout in the SDK, and no erasure, which is the server's business."""
        install, app = self._install, self._app
        match event:
            case LoggedIn():
                users.log_in(install, app.login(event), event.custom_id)
            case ProfilePushed():
                self._push_profile(event)
            case EventPushed():
                tracking.push_event(install, event.label, app.properties(event.properties))
            case Charged():
                items = [app.properties(item) for item in event.items]
                tracking.charge(install, app.properties(event.details), items)
            case LocationSet():
                geofence.notice(install, event.latitude, event.longitude)
                if app.hands_over_location:
                    tracking.locate(install, event.latitude, event.longitude)
            case OptedOut():
                users.opt_out(install, event.out)
            case NetworkReporting():
                server.report_network(install, event.on)
            case Erased() if app.opts_out_for_erasure:
                users.opt_out(install, True)

    def _receive(self, event: Event) -> None:
        """What comes from outside of the app."""
        install, app = self._install, self._app
        match event:
            case InboxReceived():
                title, text = app.addressed(event.title), app.addressed(event.text)
                messages.receive(install, replace(event, title=title, text=text))
            case InAppReceived():
                messages.delay(install, replace(event, text=app.addressed(event.text)))
            case PushReceived():
                pushes.receive(install, event)
            case PushTokenReceived():
                server.keep_token(install, event)
            case ServerAnswered():
                server.keep_arp(install, event)
            case Muted():
                event_queue.mute(install, event.hours)
            case WentOffline():
                install.offline = True
            case WentOnline():
                install.offline = False
                event_queue.flush(install, at_once=True)

    def _push_profile(self, event: ProfilePushed) -> None:
        pushed = self._app.profile(event.profile)
        for name, value in pushed.items():
            if value is None:
                users.remove_property(self._install, name)
        users.push_profile(self._install, {name: value for name, value in pushed.items() if value is not None})

    def _die(self) -> Iterator[Effect]:
        """In the middle of two writes: of the preferences, and of a row that is never committed."""
        install = self._install
        if install.process is None:
            return
        yield from install.files.cut_off(file_name(), install.key("sexe"), install.at)
        if install.mirror.database:
            ping = tracking.ping(install)
            yield install.sql((event_queue.insert(install, "events", ping),), commits=False)
        install.process = None
