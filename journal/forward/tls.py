"""What TLS needs to know of the two ends: files in PEM form, and errors in words."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from epm.errors import SettingsError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Files in PEM form; ``None`` takes the system's authorities, or shows no certificate."""

    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies the receiver's certificate and its name.

        Raises:
            SettingsError: a file cannot be read, or holds no certificate.
        """
        name = self.authorities
        try:
            context = ssl.create_default_context(cafile=name)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate:
                name = self.certificate
                context.load_cert_chain(name, self.key, password=_no_password)
        except OSError as error:
            raise SettingsError(f"TLS file {name}: {why(error)}") from None
        return context


def _no_password() -> str:
    """Refuse a key that needs one: nobody is there to be asked.

    Raises:
        SettingsError: always.
    """
    raise SettingsError("the private key of the certificate is encrypted: give one that is not")


def why(error: Exception) -> str:
    """Return what an error of a socket, plain or secured, says: one line."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0]
