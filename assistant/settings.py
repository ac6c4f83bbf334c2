"""Settings, read from the environment (`ASSISTANT_...`) and from nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings with their defaults; frozen, so that a run cannot change under its reader."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", frozen=True, extra="forbid")

    corpus: Path = Field(ROOT / "corpus", description="folder of the articles and their policy")
    index: Path = Field(ROOT / "var" / "index", description="folder of the Chroma index")
    chroma: str = Field("", description="host:port of a Chroma server; empty: embedded")
    encoder: Path = Field(
        ROOT / "var" / "models" / "all-MiniLM-L6-v2.onnx",
        description="sentence encoder, exported from the Python package when the project is set up",
    )
    phone_first: str = Field(
        "", description="which of the article's phone numbers is given first; empty: as in the text"
    )
    model: str = Field(
        "", description="chat model provider:model that may rephrase; empty: the article's words"
    )
    model_base_url: str = Field("", description="address of the chat model's server, if not usual")
    model_key: SecretStr = Field(SecretStr(""), description="key for the chat model, if it needs one")
    model_seconds: float = Field(
        45.0, gt=0, le=600, description="deadline of a chat model's answer, in seconds"
    )
    host: str = Field("127.0.0.1", description="address that the pages listen on")
    port: int = Field(7860, ge=1, le=65535, description="port that the pages listen on")
    public: bool = Field(False, description="allow the pages to listen beyond this machine")
    desk_password: SecretStr = Field(
        SecretStr(""), description="password of the front-desk page; empty: none asked"
    )
    question_limit: int = Field(
        500, ge=50, le=5000, description="longest question that is answered, in characters"
    )
    turns_kept: int = Field(20, ge=1, le=100, description="earlier turns that are looked at")
    rate_per_minute: int = Field(60, ge=1, description="questions a client may ask in a minute")

    @classmethod
    def from_environment(cls, **overrides: object) -> Settings:
        """Settings from the environment, with `overrides` on top.

        Raises SettingsError, in one line, for a value without meaning or an unknown name.
        """
        known = {f"ASSISTANT_{name.upper()}" for name in cls.model_fields}
        unknown = sorted(
            name for name in os.environ if name.startswith("ASSISTANT_") and name not in known
        )
        if unknown:
            raise SettingsError(
                f"unknown setting {unknown[0]}; `python -m assistant settings` lists all settings"
            )
        try:
            return cls(**overrides)  # type: ignore[arg-type]  # pydantic checks each value
        except ValidationError as error:
            first = error.errors()[0]
            name = "ASSISTANT_" + str(first["loc"][0]).upper()
            raise SettingsError(f"setting {name}: {first['msg']}; correct it or unset it") from None

    def rows(self) -> list[tuple[str, str, str]]:
        """(environment name, value with secrets masked, description) of every setting."""
        rows = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            shown = ("***" if value.get_secret_value() else "") if isinstance(
                value, SecretStr
            ) else str(value)
            rows.append((f"ASSISTANT_{name.upper()}", shown, field.description or ""))
        return rows


def silence_libraries() -> None:
    """Turn every call home of our libraries off, before any of them is imported."""
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"):
        os.environ[name] = "false"
