"""The loops that a turn is measured against: the vendors' clients as their pages show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from app.delegates.base import Ask
from app.delegates.llm.bodies import response_format


class Bare(Protocol):
    """A client asked without any care."""

    async def ask(self, ask: Ask, *, streams: bool) -> str:
        """The answer's text."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class ChatOpenAILoop:
    """langchain-openai's chat model."""

    def __init__(self, url: str) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - slow, and not for every bench

        self._plain: Any = ChatOpenAI
        self._url = url
        self._chats: dict[tuple[float, int], Any] = {}

    async def ask(self, ask: Ask, *, streams: bool) -> str:
        """Ask by ainvoke or astream."""
        chat = self._chat(ask)
        if ask.schema is not None:
            chat = chat.bind(response_format=response_format(ask.schema))
        messages = [(m.role, m.text) for m in ask.messages]
        if not streams:
            return str((await chat.ainvoke(messages)).text)
        text = ""
        async for chunk in chat.astream(messages):
            text += chunk.text
        return text

    def _chat(self, ask: Ask) -> Any:
        key = (ask.temperature, ask.max_tokens)
        if key not in self._chats:
            self._chats[key] = self._plain(
                model="mock",
                base_url=self._url,
                api_key="none",
                max_retries=0,
                stream_usage=True,
                temperature=ask.temperature,
                max_tokens=ask.max_tokens,
            )
        return self._chats[key]

    async def aclose(self) -> None:
        """Close its connections."""
        for chat in self._chats.values():
            await chat.root_async_client.close()


class OpenAILoop:
    """The openai client."""

    def __init__(self, url: str) -> None:
        import openai  # noqa: PLC0415

        self._client: Any = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

    async def ask(
        self, ask: Ask, *, streams: bool, on_text: Callable[[str], None] | None = None
    ) -> str:
        """Ask by chat.completions.create; `on_text` is given every token."""
        more: dict[str, Any] = {}
        if ask.schema is not None:
            more["response_format"] = response_format(ask.schema)
        if streams:
            more |= {"stream": True, "stream_options": {"include_usage": True}}
        got = await self._client.chat.completions.create(
            model="mock",
            messages=[{"role": m.role, "content": m.text} for m in ask.messages],
            temperature=ask.temperature,
            max_tokens=ask.max_tokens,
            **more,
        )
        if not streams:
            return str(got.choices[0].message.content)
        text = ""
        async for chunk in got:
            if chunk.choices:
                token = chunk.choices[0].delta.content or ""
                text += token
                if on_text is not None and token:
                    on_text(token)
        return text

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.close()
