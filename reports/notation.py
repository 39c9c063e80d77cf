"""Mathematics that code writes in ASCII, as a reader writes it: ``gamma^2 <= |y_hat|``."""

import re
import unicodedata

from reports.formats import MINUS

_GREEK = {
    name: unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda').upper()}")
    for name in ("gamma", "sigma", "beta", "lambda", "kappa", "mu", "tau")
}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_HAT = "\N{COMBINING CIRCUMFLEX ACCENT}"


def mathematics(text: str) -> str:
    """Return the text with Greek letters, hats, powers, brackets, transposes and derivatives."""
    text = re.sub(r"<([^<>=]+)>", "\u27e8\\1\u27e9", text)  # <a, b> is an inner product
    text = text.replace("<=", "≤").replace(">=", "≥").replace("sqrt(m)", "√m")
    text = re.sub(r"\bsum_", "Σ_", text)
    text = re.sub(r"\bd2(\w+)/d(\w) d(\w)", r"∂²\1/∂\2∂\3", text)
    text = re.sub(r"\bd(\w+)/d(\w)", r"∂\1/∂\2", text)
    text = re.sub(r"\bd (\w+) / d (\w)", r"∂\1 / ∂\2", text)
    text = re.sub(r"\b(\w+)_hat", lambda found: f"{found[1]}{_HAT}", text)
    text = re.sub(r"\b([a-z]+)\b", lambda found: _GREEK.get(found[1], found[1]), text)
    text = re.sub(r"\^(-?\d+)", lambda found: found[1].translate(_RAISED), text)
    text = re.sub(r"\bW(\d)\b", lambda found: f"W{found[1].translate(_LOWERED)}", text)
    text = re.sub(r"(?<=[A-Za-z)])'(?=[A-Za-z (])", "ᵀ", text)
    return unicodedata.normalize("NFC", text)


def power_of_ten(value: float) -> str:
    """Return 1e-09 as 10⁻⁹; 1 stays 1."""
    mantissa, exponent = f"{value:.0e}".split("e")
    sign = MINUS if mantissa.startswith("-") else ""
    if int(exponent) == 0:
        return f"{sign}{mantissa.lstrip('-')}"
    return f"{sign}10{str(int(exponent)).translate(_RAISED)}"
