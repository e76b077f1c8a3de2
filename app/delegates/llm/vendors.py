"""Vendors' packages: brought in late, kept quiet, and their complaints read without their words."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os

from app.delegates.llm.faults import Fault

VENDOR_LOGGERS = (
    "openai",
    "httpx2",
    "httpcore2",
    "httpx",
    "httpcore",
    "aiohttp",
    "langchain",
    "langsmith",
)


def hush() -> None:
    """Keep vendors from logging prompts and headers, whatever level the operator logs at."""
    for name in VENDOR_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.WARNING, logger.level))


def package_of(provider: str, error: ImportError) -> str:
    """The name to install, as the provider's own error has it or as packages are named."""
    for word in str(error).replace("`", " ").replace("'", " ").split():
        name = word.strip(".,:;()")
        if name.startswith("langchain-") and name.replace("-", "").isalnum():
            return name
    return f"langchain-{provider.replace('_', '-')}"


async def loaded(module: str) -> None:
    """Import a vendor's module beside the event loop; its absence shows when it is used."""
    with contextlib.suppress(ImportError):
        await asyncio.to_thread(importlib.import_module, module)


def unbuilt(error: Exception) -> Fault:
    """Why a provider's client could not be made: most often, no key."""
    words = str(error).lower()
    if "api_key" in words or "api key" in words or "credentials" in words:
        return Fault(code="key")
    if "unsupported" in words or "model_provider" in words:
        return Fault(code="absent", parameter="provider")
    return Fault(code="unexpected", parameter=type(error).__name__)


def untraced() -> None:
    """Turn LangSmith's tracing off, which would upload every brief, unless the operator asks."""
    if os.environ.get("PARLEY_LANGSMITH", "").strip().lower() in ("1", "on", "true", "yes"):
        return
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
    os.environ.pop("LANGCHAIN_TRACING", None)
