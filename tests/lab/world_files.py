"""Small worlds for tests."""

from datetime import UTC, datetime

from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_file import WorldFile
from electrum_observatory.lab.world_yaml import parse_world

NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)

SMALL = """\
schema_version: 1
name: small
time_scale: 50
chain: {height: 200}
mempool: {initial: 200, transactions_per_s: 0.5}
nodes:
  low: {relay_fee: 0.000001, misses: 0.05}
  foreign: {network: testnet4}
servers:
  - id: alone
    software: {personality: electrumx_1_16}
    addresses: [88.198.43.21]
    names: [electrum.alone.example]
    banner: hello
    certificate: {recipe: ec}
    listen: {tcp: 50001, ssl: 50002, ws: 50003, wss: 50004}
    reverse_dns: [mail.alone.example]
  - id: abroad
    software: {personality: fulcrum_2}
    addresses: [88.198.43.22]
    node: foreign
groups:
  - id: farm
    operator: farm
    family: farm
    machines: 5
    software: [{personality: electrumx_1_18}]
    providers: [{provider: google, ipv4: 34.101.128.0/18, ipv6: "2600:1900:4080::/44"}]
    ipv6_share: 1.0
    certificates: [{recipe: blank, minted_days_ago: 100}]
    nodes: [{node: low}]
  - id: company
    operator: company
    machines: 3
    software: [{personality: fulcrum_2}]
    providers: [{provider: ovh}, {provider: aws}]
    names: {pattern: "e{number}.company.example"}
    certificates: [{recipe: ca, shared: true, common_name: "*.company.example"}]
  - id: image
    machines: 2
    software: [{personality: electrumx_1_16_git}]
    providers: [{provider: contabo}]
    certificates: [{recipe: image, old_tls: true}]
  - id: friends
    machines: 10
    software: [{personality: electrumx_1_20}, {personality: fulcrum_1}]
    providers: [{provider: hetzner}, {provider: comcast}]
    names: {pattern: "electrum.{word}.example", share: 0.8}
    certificates: [{recipe: electrumx}, {recipe: ca}]
    faults:
      - {fault: dead, share: 0.1}
      - {fault: silent, share: 0.1}
      - {fault: mute, share: 0.1}
      - {fault: plain_on_ssl, share: 0.1}
      - {fault: http, share: 0.1}
      - {fault: reset, share: 0.1}
gossip: {known_share: 0.9, onions: 3}
bootstrap: {servers: 3, lines: ["gone.example:50002:s"]}
"""


def small_file() -> WorldFile:
    """Return a small world with a bit of everything."""
    return parse_world(SMALL, "small.yaml")


def small_world(seed: int = 1) -> World:
    """Build it."""
    return World.build(small_file(), seed=seed, now=NOON)
