"""Planning certificates: who holds which key, since when and for whom, before anything is signed."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.machines import CertificatePlan
from electrum_observatory.lab.world_options import Certificate, Recipe

IMAGE_DAY_BEFORE_START = 500
_LIFETIME_DAYS = {
    Recipe.ELECTRUMX: 1825,
    Recipe.BLANK: 3650,
    Recipe.EC: 3650,
    Recipe.CA: 90,
    Recipe.IMAGE: 3650,
    Recipe.EXPIRED: 1825,
    Recipe.MISMATCHED: 90,
}
_COMMON_NAMES = {Recipe.BLANK: "", Recipe.IMAGE: "electrumx", Recipe.MISMATCHED: "www.elsewhere.example"}
IMAGE_KEY = 0


@dataclass(slots=True)
class _Shared:
    """What the machines of one option of one group have in common."""

    plan: CertificatePlan | None = None
    minted: int = 0


class Mint:
    """Plans the certificates of a world; every plan that is not shared gets a key of its own."""

    def __init__(self, *, seed: int, start: datetime) -> None:
        self._seed = seed
        self._start = start.replace(microsecond=0)
        self._next_key = IMAGE_KEY + 1
        self._shared: dict[tuple[str, Certificate], _Shared] = {}

    def plan(self, option: Certificate, group: str, machine: str, hosts: tuple[str, ...]) -> CertificatePlan:
        """Plan the certificate of one machine; ``hosts`` are its names, or its addresses where it has none."""
        if option.recipe is Recipe.IMAGE:
            return self._image()
        common = self._shared.setdefault((group, option), _Shared())
        if option.shared and common.plan is not None:
            return common.plan
        rng = stream(self._seed, "certificate", machine)
        valid_from = self._valid_from(option, common.minted, rng)
        plan = self._make(option, hosts, valid_from, rng)
        common.minted += 1
        common.plan = plan
        return plan

    def _make(
        self, option: Certificate, hosts: tuple[str, ...], valid_from: datetime, rng: random.Random
    ) -> CertificatePlan:
        default = _COMMON_NAMES.get(option.recipe, hosts[0])
        common_name = default if option.common_name is None else option.common_name.replace("{host}", hosts[0])
        chosen = option.common_name is not None or option.recipe is Recipe.MISMATCHED
        names = (common_name,) if chosen and common_name else hosts
        self._next_key += 1
        return CertificatePlan(
            recipe=option.recipe,
            common_name=common_name[:64],
            names=names,
            key=self._next_key,
            valid_from=valid_from,
            valid_to=valid_from + timedelta(days=_LIFETIME_DAYS[option.recipe]),
            serial=rng.getrandbits(158) | (1 << 157),
        )

    def _valid_from(self, option: Certificate, already: int, rng: random.Random) -> datetime:
        if option.minted_days_ago is not None:
            first = self._start - timedelta(days=option.minted_days_ago)
            return first.replace(microsecond=0) + timedelta(seconds=3 * already + rng.randrange(3))
        lifetime = _LIFETIME_DAYS[option.recipe] * 86_400
        if option.recipe is Recipe.EXPIRED:
            return self._start - timedelta(seconds=lifetime + 365 * 86_400 - rng.randrange(300 * 86_400))
        return self._start - timedelta(seconds=rng.randrange(3600, min(lifetime, 1400 * 86_400) - 86_400))

    def _image(self) -> CertificatePlan:
        born = self._start.replace(hour=4, minute=2, second=11) - timedelta(days=IMAGE_DAY_BEFORE_START)
        return CertificatePlan(
            recipe=Recipe.IMAGE,
            common_name=_COMMON_NAMES[Recipe.IMAGE],
            names=(),
            key=IMAGE_KEY,
            valid_from=born,
            valid_to=born + timedelta(days=_LIFETIME_DAYS[Recipe.IMAGE]),
            serial=stream(0, "image").getrandbits(158) | (1 << 157),
        )
