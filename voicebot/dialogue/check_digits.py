"""Check digits: whether a number of digits can be right at all. Pure arithmetic; knows nothing of what a number is for.

Sources: ISO/IEC 7812-1 (Luhn), ISO/IEC 7064 (mod 97, mod 11, mod 11-10), GS1 General Specifications (parcels, SSCC), UPU S10.
"""

from collections.abc import Callable

from voicebot.dialogue.forms import CheckDigit

UPU_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def check_digit_fits(digits: str, check: CheckDigit) -> bool:
    """Whether these digits end as this check wants them to. Any digits fit a field without one."""
    return check is CheckDigit.NONE or (len(digits) > 1 and _CHECKS[check](digits))


def _luhn(digits: str) -> bool:
    doubled = [divmod(2 * int(digit), 10) for digit in digits[-2::-2]]
    return (sum(map(int, digits[::-2])) + sum(map(sum, doubled))) % 10 == 0


def _mod97(digits: str) -> bool:
    return int(digits) % 97 == 1


def _mod11(digits: str) -> bool:
    """ISO 7064 MOD 11-2. A number whose check would be X has no form in digits, so it never fits."""
    rest = 0
    for digit in digits[:-1]:
        rest = (rest + int(digit)) * 2 % 11
    return (rest + int(digits[-1])) % 11 == 1


def _mod11_10(digits: str) -> bool:
    rest = 5
    for digit in digits[:-1]:
        rest = ((rest or 10) * 2 % 11 + int(digit)) % 10
    return ((rest or 10) * 2 % 11 + int(digits[-1])) % 10 == 1


def _gs1(digits: str) -> bool:
    return (sum(map(int, digits[::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0


def _upu_s10(digits: str) -> bool:
    """The nine digits between the letters of an international parcel's number."""
    if len(digits) != len(UPU_WEIGHTS) + 1:
        return False
    check = 11 - sum(weight * int(digit) for weight, digit in zip(UPU_WEIGHTS, digits, strict=False)) % 11
    return int(digits[-1]) == {10: 0, 11: 5}.get(check, check)


_CHECKS: dict[CheckDigit, Callable[[str], bool]] = {
    CheckDigit.LUHN: _luhn,
    CheckDigit.MOD97: _mod97,
    CheckDigit.MOD11: _mod11,
    CheckDigit.MOD11_10: _mod11_10,
    CheckDigit.GS1: _gs1,
    CheckDigit.UPU_S10: _upu_s10,
}
