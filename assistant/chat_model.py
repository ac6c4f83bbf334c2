"""The chat model that the settings name, made by LangChain, with limits of our own."""

from __future__ import annotations

from typing import Any

from assistant.errors import SettingsError
from assistant.settings import Settings

# These take a time limit and a number of retries; others keep to the writer's deadline alone.
_LIMITED = ("openai:", "anthropic:", "azure_openai:")


def open_chat_model(settings: Settings) -> Any:
    """The LangChain chat model of `settings.model`; nothing is sent yet.

    Raises SettingsError, in one line, for a provider that is unknown or not installed.
    """
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"temperature": 0}
    if settings.model.startswith(_LIMITED):
        options |= {"timeout": settings.model_seconds, "max_retries": 1}
    if settings.model_base_url:
        options["base_url"] = settings.model_base_url
    if settings.model_key.get_secret_value():
        options["api_key"] = settings.model_key.get_secret_value()
    try:
        return init_chat_model(settings.model, **options)
    except (ImportError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(f"ASSISTANT_MODEL={settings.model!r}: {reason}") from None
    except Exception as error:  # a provider's own error, mostly a missing key
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise SettingsError(f"ASSISTANT_MODEL={settings.model!r}: {reason}") from None
