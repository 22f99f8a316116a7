"""Amounts of money as an agent or an operator writes them. Coins are whole numbers: nothing is ever rounded."""

from decimal import Decimal, InvalidOperation

MOST_CHARACTERS = 12


def amount_told(coins: int, decimals: int, currency: str = "") -> str:
    """The smallest coins as people write them (`1250.00 EUR`; without a currency only the number)."""
    whole = str(coins).rjust(decimals + 1, "0")
    cut = len(whole) - decimals
    number = f"{whole[:cut]}.{whole[cut:]}" if decimals else whole
    return f"{number} {currency}" if currency else number


def coins_of(text: str, decimals: int) -> int | None:
    """An amount as people write it (`1250`, `1250.5`, `1250.00`) in the smallest coins; None where it is none."""
    if not text.isascii() or len(text) > MOST_CHARACTERS or not set(text) <= set("0123456789."):
        return None
    try:
        coins = Decimal(text).scaleb(decimals)
    except InvalidOperation:
        return None
    return int(coins) if coins == coins.to_integral_value() else None
