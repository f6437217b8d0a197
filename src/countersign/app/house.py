"""Builds the house: every ground part once, then what the rooms receive of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from platform import node
from zoneinfo import ZoneInfo

from countersign import __version__
from countersign.ground.chart import Chart, Limits
from countersign.ground.db import PATIENCE, Database, DbRole, Pool, migrate
from countersign.ground.egress import GUARD, Egress
from countersign.ground.identity import (
    Accounts,
    BreakGlass,
    Clients,
    Delegations,
    Entrance,
    People,
    Policy,
    Standings,
    open_apps,
    open_cds,
)
from countersign.ground.interviews import Interviews, open_interviews
from countersign.ground.jobs import Jobs, LocalPool, RayCompute
from countersign.ground.ledger import (
    Forwarding,
    Ledger,
    Retention,
    Tiles,
    Witnesses,
    open_signer,
)
from countersign.ground.library import Aids, CaseCollections, Library, Searcher
from countersign.ground.messages import open_messages
from countersign.ground.models import (
    Distilled,
    Gateway,
    ModelDesk,
    Registry,
    Servers,
    Students,
    Studies,
    Switch,
    Trained,
    VersionTaken,
    thorough,
)
from countersign.ground.reasoning import Reasoning, Vocabularies
from countersign.ground.release import Release
from countersign.ground.shell import Floor, Site, make_pages
from countersign.ground.signoff import Signoff
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock, utc_now
from countersign.kit.ids import new_id
from countersign.kit.words import Words

from .files import files_of
from .keeping import keeper
from .leaving import Leaving
from .pictures import received, slides
from .rechecking import rechecked
from .rooms import PAGED, ROOMS
from .secret import derived, installation_secret
from .server import postgres
from .settings import Settings
from .signing import second_signer

MEBIBYTE = 1024 * 1024
MESSAGES = "hl7v2.process"
"""What processes the messages of other systems, in the worker."""

INTERVIEW = "preconsult.propose"
"""What makes a physician's draft of an interview that a patient sent, in the worker."""


@dataclass(frozen=True, slots=True)
class House:
    """An open installation: the floor for rooms, and what only the roof may touch."""

    settings: Settings
    database: Database
    vault: Vault
    compute: LocalPool | RayCompute
    floor: Floor

    @property
    def identity(self) -> Pool:
        """The pool of the role that keeps people and policies."""
        return self.database.pool(DbRole.IDENTITY)


@contextmanager
def open_house(
    settings: Settings,
    *,
    upgrade: bool = False,
    clock: Clock = utc_now,
    patience: float = PATIENCE,
) -> Generator[House]:
    """The house until the block ends; ``upgrade`` migrates the database first.

    ``patience`` is how many seconds a statement may take before the database counts as hung.

    Raises DatabaseUnavailable, and the errors of unusable keys.
    """
    secret = installation_secret(settings.keys)
    with ExitStack() as open_parts:
        owner = open_parts.enter_context(postgres(settings))
        if upgrade:
            migrate(owner, secret, settings.time_zone)
        database = Database(owner, secret, patience=patience)
        open_parts.callback(database.close)
        signer = open_signer(settings.keys, settings.origin)
        second = second_signer(settings)
        ledger = Ledger(database.pool(DbRole.LEDGER), signer, clock, second=second)
        open_parts.callback(ledger.close)
        house = _build(settings, database, ledger, secret, clock)
        open_parts.callback(house.compute.close)
        open_parts.callback(house.floor.egress.close)
        open_parts.callback(house.floor.gateway.close)
        open_parts.callback(house.floor.library.index.close)
        GUARD.listen(Leaving(ledger).hooked)
        open_parts.callback(GUARD.listen, None)
        yield house


def _build(
    settings: Settings, database: Database, ledger: Ledger, secret: bytes, clock: Clock
) -> House:
    zone, egress = ZoneInfo(settings.time_zone), _egress(settings, ledger)
    vault, policy = _vault(settings, database, egress), Policy(ledger)
    identity, steward = database.pool(DbRole.IDENTITY), database.pool(DbRole.STEWARD)
    people = People(identity, ledger, policy, clock, new_id, zone)
    switch = Switch(steward, ledger, clock)
    jobs, compute = Jobs(database, ledger), _compute(settings)
    chart = _chart(settings, database, vault, ledger, policy, jobs, clock, zone)
    accounts, entrance = _sign_in(settings, identity, ledger, policy, vault, egress, secret, clock)
    site, records = _site(settings, zone), database.pool(DbRole.LEDGER)
    rests, proved = chart.facts_resting_on, entrance.presences
    signoff = Signoff(database, ledger, vault, policy, people, switch, rests, clock, new_id, proved)
    witnesses = Witnesses(ledger, records, egress, settings.witnesses, clock)
    library = _library(settings, database, vault, ledger, policy, jobs, clock, egress)
    registry, gateway, desk = _language(steward, ledger, vault, egress, switch, jobs, clock, zone)
    floor = Floor(
        site=site,
        clock=clock,
        new_id=new_id,
        ledger=ledger,
        witnesses=witnesses,
        tiles=Tiles(ledger, records, witnesses),
        forwarding=Forwarding(ledger, records, egress, settings.syslog, node(), clock),
        retention=Retention(ledger, records, clock),
        policy=policy,
        accounts=accounts,
        entrance=entrance,
        people=people,
        standings=Standings(identity, zone),
        clients=Clients(identity, ledger, policy, clock, new_id),
        apps=open_apps(identity, ledger, policy, clock, new_id, zone),
        cds=open_cds(identity, ledger, policy, egress, clock, new_id, zone),
        glass=BreakGlass(identity, ledger, policy, vault, new_id, accounts.forget),
        delegations=Delegations(identity, ledger, policy, vault, people, new_id, accounts.forget),
        registry=registry,
        switch=switch,
        gateway=gateway,
        models=desk,
        studies=_studies(settings, database, ledger, policy, jobs),
        students=_students(database, ledger, vault, policy, switch, jobs),
        trained=Trained(database.pool(DbRole.ROOM), ledger, vault, policy, registry, new_id),
        jobs=jobs,
        compute=compute,
        chart=chart,
        cases=CaseCollections(database.pool(DbRole.ROOM), ledger, vault, policy, jobs, new_id),
        library=library,
        reasoning=_reasoning(settings),
        messages=open_messages(database, vault, ledger, policy, jobs, clock, new_id, MESSAGES),
        interviews=_interviews(database, vault, ledger, policy, jobs, chart, clock),
        slides=slides(settings, database, vault, ledger, jobs),
        received=received(settings, database, vault, ledger, jobs),
        signoff=signoff,
        release=Release(database.pool(DbRole.SENDER), ledger, vault, clock, new_id),
        egress=egress,
        pages=make_pages(site, PAGED, policy, switch),
        **files_of(settings),
    )
    return House(settings, database, vault, compute, rechecked(floor))


def _chart(
    settings: Settings,
    database: Database,
    vault: Vault,
    ledger: Ledger,
    policy: Policy,
    jobs: Jobs,
    clock: Clock,
    zone: ZoneInfo,
) -> Chart:
    limits = Limits(bytes=settings.bundle_megabytes * MEBIBYTE, zone=zone)
    heard = _listeners()
    return Chart(
        database, vault, ledger, policy, jobs, clock, new_id, listeners=heard, limits=limits
    )


def _students(
    database: Database, ledger: Ledger, vault: Vault, policy: Policy, switch: Switch, jobs: Jobs
) -> Students:
    """The small models, opened as the room that makes them says."""
    registry = Registry(database.pool(DbRole.STEWARD), ledger)
    kept = Distilled(database.pool(DbRole.ROOM), ledger, vault, policy, registry, jobs, new_id)
    (opens,) = (room.opens for room in ROOMS if room.opens is not None)
    return Students(kept, switch, opens)


def _interviews(
    database: Database,
    vault: Vault,
    ledger: Ledger,
    policy: Policy,
    jobs: Jobs,
    chart: Chart,
    clock: Clock,
) -> Interviews:
    facts = chart.facts_of
    return open_interviews(database, vault, ledger, policy, jobs, facts, clock, new_id, INTERVIEW)


def _compute(settings: Settings) -> LocalPool | RayCompute:
    """Processes of this machine, or the cluster that the settings name."""
    if settings.ray is not None:
        return RayCompute(settings.ray)
    return LocalPool(settings.compute_processes)


def _vault(settings: Settings, database: Database, egress: Egress) -> Vault:
    keys = database.pool(DbRole.VAULT)
    return Vault(keys, keeper(settings, keys, egress), suite=settings.cipher)


def _egress(settings: Settings, ledger: Ledger) -> Egress:
    leaving = Leaving(ledger)
    return Egress(
        settings.egress, leaving.refused, settings.authorities, contacted=leaving.contacted
    )


def _language(
    steward: Pool,
    ledger: Ledger,
    vault: Vault,
    egress: Egress,
    switch: Switch,
    jobs: Jobs,
    clock: Clock,
    zone: ZoneInfo,
) -> tuple[Registry, Gateway, ModelDesk]:
    """Models by their cards, what rooms ask language models by, and what administrators see."""
    registry = Registry(steward, ledger)
    servers = Servers(steward, ledger, vault, registry, egress, clock, thorough)
    gateway = Gateway(steward, ledger, servers, registry, switch, clock, new_id, zone)
    return registry, gateway, ModelDesk(steward, servers, gateway, clock, jobs)


def _reasoning(settings: Settings) -> Reasoning:
    files = Vocabularies(
        settings.search_aids.hpo, settings.disease_names, settings.conditions_folder
    )
    return Reasoning(settings.home / "cache", files)


def _studies(
    settings: Settings, database: Database, ledger: Ledger, policy: Policy, jobs: Jobs
) -> Studies:
    folder = settings.medical_sets
    return Studies(database.pool(DbRole.ROOM), ledger, policy, jobs, new_id, folder)


def _library(
    settings: Settings,
    database: Database,
    vault: Vault,
    ledger: Ledger,
    policy: Policy,
    jobs: Jobs,
    clock: Clock,
    egress: Egress,
) -> Library:
    return Library(
        database,
        vault,
        ledger,
        policy,
        jobs,
        clock,
        new_id,
        Searcher(),
        settings.library_megabytes,
        settings.library_folder,
        aids=Aids(settings.search_aids, egress),
        root=settings.library_root,
    )


def _sign_in(
    settings: Settings,
    pool: Pool,
    ledger: Ledger,
    policy: Policy,
    vault: Vault,
    egress: Egress,
    secret: bytes,
    clock: Clock,
) -> tuple[Accounts, Entrance]:
    """The two ways in: local accounts, and everything beyond a password."""
    accounts = Accounts(
        pool,
        ledger,
        policy,
        clock,
        new_id,
        derived(secret, "sign-in names"),
        zone=ZoneInfo(settings.time_zone),
        second=settings.second_factor,
        local=settings.local_accounts,
    )
    entrance = Entrance(
        pool,
        ledger,
        policy,
        vault,
        egress,
        accounts,
        clock,
        new_id,
        derived(secret, "second factors and subjects"),
        provider=settings.openid,
        step_up=timedelta(minutes=settings.step_up_minutes),
    )
    return accounts, entrance


def register_models(house: House) -> list[str]:
    """Makes every room's models known; returns what could not be registered, as sentences.

    A model that was changed without a new version stays unregistered, and the database
    refuses its proposals; the chart and every other room go on.
    """
    refused: list[str] = []
    for room in ROOMS:
        for card, digest in room.cards:
            try:
                house.floor.registry.register(card, digest)
            except VersionTaken as problem:
                refused.append(problem.sentence())
    return refused


def _listeners() -> dict[str, tuple[str, ...]]:
    wanted: dict[str, list[str]] = {}
    for room in ROOMS:
        for resource_type, tasks in room.listens.items():
            wanted.setdefault(resource_type, []).extend(tasks)
    return {resource_type: tuple(tasks) for resource_type, tasks in wanted.items()}


def _site(settings: Settings, zone: ZoneInfo) -> Site:
    return Site(
        hospital=Words(settings.hospital_en, settings.hospital_zh),
        version=__version__,
        demo=settings.demonstration,
        zone=zone,
        hosts=settings.trusted_hosts,
        secure=settings.secure_cookies,
        address=settings.address,
        body_limits={
            "/fhir": settings.bundle_megabytes * MEBIBYTE,
            "/cds-services": 4 * MEBIBYTE,
            "/differential": 33 * MEBIBYTE,
            "/dicomweb": 2 * settings.dicom.largest,
            "/pathology/uploads": 5 * MEBIBYTE,
            "/modelbench/distilling": 32 * MEBIBYTE,
            "/modelbench/imports": 33 * MEBIBYTE,
            "/visit": 61 * MEBIBYTE,
            "/knowledge/shelf": (settings.library_megabytes + 1) * MEBIBYTE,
        },
    )
