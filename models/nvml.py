"""The cards of this machine, from NVIDIA's management library: CUDA itself is not initialised.

A process that asks CUDA for a card's name takes memory on it, and must never be forked afterwards.
The library (``libnvidia-ml.so.1``) comes with the driver; its interface is stable across versions.
"""

import ctypes
from typing import Any

from models.cards import Present

LIBRARY = "libnvidia-ml.so.1"
TEXT_BYTES = 96  # NVML_DEVICE_UUID_V2_BUFFER_SIZE, NVML_DEVICE_NAME_V2_BUFFER_SIZE


class Memory(ctypes.Structure):
    """``nvmlMemory_t``."""

    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong),
                ("used", ctypes.c_ulonglong)]  # fmt: skip


def present() -> tuple[Present, ...]:
    """Return the machine's cards in the driver's order, none where it has no such library."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return ()
    return listed(library)


def listed(library: Any) -> tuple[Present, ...]:
    """Return the cards that the library lists; none where it does not work (no driver loaded)."""
    if library.nvmlInit_v2() != 0:
        return ()
    try:
        count = ctypes.c_uint(0)
        if library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
            return ()
        found = [_card(library, index) for index in range(count.value)]
    finally:
        library.nvmlShutdown()
    return tuple(found) if all(card.uuid for card in found) else ()


def _card(library: Any, index: int) -> Present:
    handle = ctypes.c_void_p()
    if library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)) != 0:
        return Present(uuid="")
    memory = Memory()
    known = library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0
    return Present(
        uuid=_text(library.nvmlDeviceGetUUID, handle),
        name=_text(library.nvmlDeviceGetName, handle),
        memory_bytes=memory.total if known else None,
    )


def _text(ask: Any, handle: ctypes.c_void_p) -> str:
    buffer = ctypes.create_string_buffer(TEXT_BYTES)
    failed = ask(handle, buffer, ctypes.c_uint(TEXT_BYTES)) != 0
    return "" if failed else buffer.value.decode("utf-8", "replace")
