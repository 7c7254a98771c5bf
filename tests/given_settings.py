"""Settings as they are given, whatever the environment says.

What reads the environment and `.env` is `bot.settings.model.load`. It takes some milliseconds,
which most tests would spend for nothing.
"""

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.settings.model import Settings

__all__ = ["GivenSettings"]


class GivenSettings(Settings):
    """The settings, checked alike, from what is given alone."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
