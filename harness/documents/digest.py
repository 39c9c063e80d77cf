"""Whether a verdicts document is as it was written: one number over all of its content."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

KEY = "digest"


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the document's canonical form, in hexadecimal.

    The canonical form is JSON of everything but the top-level key ``digest``: keys sorted, no space
    after ``,`` and ``:``, everything beyond ASCII escaped, numbers as Python's ``repr`` writes them
    (the shortest text that reads back as the same double), so that reading a file and writing it
    again changes nothing. It is a seal against accidents and careless edits: whoever edits on
    purpose can compute it anew, and is caught only where numbers follow from other numbers.
    """
    content = {key: value for key, value in document.items() if key != KEY}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the digest of all its content."""
    return {**document, KEY: digest_of(document)}
