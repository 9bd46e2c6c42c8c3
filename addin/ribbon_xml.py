"""Check a ribbon by the rules of customUI14: Excel drops a faulty one without a word.

Excel drops a whole ribbon for one unknown attribute and shows nothing, so the build asks first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib import resources
from xml.etree import ElementTree

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
_LABELS = {"label", "screentip", "supertip", "keytip", "visible", "enabled"}
_ALLOWED: Mapping[str, tuple[set[str], set[str]]] = {
    "customUI": (set(), {"ribbon"}),
    "ribbon": (set(), {"tabs"}),
    "tabs": (set(), {"tab"}),
    "tab": ({"id", "label", "keytip", "insertAfterMso", "insertBeforeMso"}, {"group"}),
    "group": ({"id", *_LABELS}, {"button", "separator"}),
    "separator": ({"id"}, set()),
    "button": ({"id", "size", "imageMso", "onAction", "description", *_LABELS}, set()),
}
"""Attributes and children of the elements that we use."""
_LONGEST = {"keytip": 3}
_LONGEST_TEXT = 1_024
_NEEDED = {"tab": {"id", "label"}, "group": {"id", "label"}, "button": {"id", "label", "onAction"}}


def source() -> bytes:
    """Return the ribbon of the add-in as it is in the source tree."""
    return (resources.files("addin") / "customUI" / "customUI14.xml").read_bytes()


def problems(xml: bytes) -> list[str]:
    """List what is wrong with a ribbon; empty when Excel would draw it."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        return [f"not well-formed: {error}"]
    if root.tag != f"{{{NAMESPACE}}}customUI":
        return [f"root is {root.tag}"]
    found: list[str] = []
    _check(root, found)
    elements = list(root.iter())
    for attribute in ("id", "onAction"):
        counts = Counter(element.get(attribute) for element in elements)
        found += [
            f"{attribute} {value} is used {count} times"
            for value, count in counts.items()
            if value is not None and count > 1
        ]
    for group in root.iter(f"{{{NAMESPACE}}}group"):
        keys = Counter(button.get("keytip") for button in group if button.get("keytip"))
        found += [f"keytip {key} is used twice" for key, count in keys.items() if count > 1]
    if not any(element.get("onAction") for element in elements):
        found.append("no button does anything")
    return found


def _check(element: ElementTree.Element, found: list[str]) -> None:
    name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    attributes, children = _ALLOWED[name]
    place = f"{name} {element.get('id', '')}".strip()
    found += [f"{place}: attribute {key}" for key in element.attrib if key not in attributes]
    missing = _NEEDED.get(name, set()) - element.attrib.keys()
    found += [f"{place}: no {key}" for key in sorted(missing)]
    for key, value in element.attrib.items():
        if not value or len(value) > _LONGEST.get(key, _LONGEST_TEXT):
            found.append(f"{place}: length of {key}")
    if element.get("size", "normal") not in ("normal", "large"):
        found.append(f"{place}: size {element.get('size')}")
    if element.text and element.text.strip():
        found.append(f"{place}: text {element.text.strip()!r}")
    for child in element:
        inner = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if inner in children:
            _check(child, found)
        else:
            found.append(f"{place}: child {inner}")
