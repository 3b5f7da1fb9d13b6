"""Which connections call the server what, and what those connections show for themselves.

Behind one address there may be machines of different versions, and a server may be upgraded between two visits: then
each name is true of the connections on which it was told. So where names differ, each is held against its own
connections and no others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from electrum_observatory.analysis.builds.evidence import Evidence
from electrum_observatory.analysis.builds.gathering import Gathered, gather
from electrum_observatory.analysis.builds.names import SelfName
from electrum_observatory.analysis.builds.universe import candidates, version_key

_Version: TypeAlias = tuple[str | None, tuple[int, ...] | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A name, and the connections that it is told on.

    Attributes:
        name: As it was told first.
        gathered: What these connections show.
    """

    name: SelfName
    gathered: Gathered

    @property
    def meant(self) -> frozenset[str]:
        """Builds that the name may mean; none where it names no program that we know."""
        found = candidates(self.name.claim.implementation, self.name.claim.version)
        return frozenset(build.build_id for build in found)

    @property
    def borne_out(self) -> frozenset[str]:
        """Builds that the name may mean and that its connections leave."""
        return frozenset() if self.gathered.nearest else self.meant & self.gathered.remaining

    @property
    def refuted(self) -> bool:
        """Whether its connections leave none of the builds that it may mean; said of no name that we do not know."""
        return bool(self.meant) and not self.borne_out

    @property
    def by_parts(self) -> bool:
        """Whether it is refuted, and some program of that name only by what two of its builds may have shown."""
        programs: dict[str, set[str]] = {}
        for build in candidates(self.name.claim.implementation, self.name.claim.version):
            programs.setdefault(build.implementation, set()).add(build.build_id)
        whole = all(any(ids <= excluded for *_, excluded in self.gathered.exclusions) for ids in programs.values())
        return self.refuted and not whole and not self.gathered.nearest


def name_of(names: Sequence[SelfName]) -> SelfName | None:
    """Return the name to compare: of the handshake, or else the first told anywhere."""
    return next((name for name in names if name.place == "handshake"), next(iter(names), None))


def told_names(evidence: Sequence[Evidence], gathered: Gathered) -> tuple[Told, ...]:
    """Return each name with what the connections show on which it was told.

    Args:
        evidence: All connections.
        gathered: What they show together.
    """
    groups: dict[_Version, list[Evidence]] = {}
    for one in evidence:
        name = name_of(one.names)
        if name is not None:
            groups.setdefault(version_of(name), []).append(one)
    return tuple(told for group in groups.values() for told in _told(group, _shown_by(group, gathered, whole=evidence)))


def _shown_by(group: Sequence[Evidence], gathered: Gathered, *, whole: Sequence[Evidence]) -> Gathered:
    """Return what some connections show; what all leave of a name, they leave too, since fewer leave more."""
    name = next(name for one in group if (name := name_of(one.names)) is not None)
    all_leave_it = not gathered.several_backends and Told(name=name, gathered=gathered).borne_out
    return gathered if all_leave_it or len(group) == len(whole) else gather(group)


def _told(group: Sequence[Evidence], gathered: Gathered) -> Iterator[Told]:
    """Yield a name once or, where it may be told by different machines, once for each connection that tells it."""
    names = [name for one in group if (name := name_of(one.names)) is not None]
    together = Told(name=name_of(names) or names[0], gathered=gathered)
    if len(group) == 1 or not (gathered.several_backends or together.by_parts):
        yield together
        return
    for one, name in zip(group, names, strict=True):
        yield Told(name=name, gathered=gather([one]))


def version_of(name: SelfName) -> _Version:
    """Return the program and version that a name names; of a version that nobody can order, its text."""
    version = name.claim.version
    return name.claim.implementation, None if version is None else version_key(version) or version
