"""How a customer's rows are named: by keyed hashes, so that nobody is found by who has the file alone."""

from voicebot.records.books import Books


def blind_customer(books: Books, customer_id: str) -> str:
    """A customer's row key."""
    return books.keyring.blind("customer", customer_id)


def blind_key(books: Books, column: str, value: str) -> str:
    """A look-up hash: the same value in two columns does not look the same."""
    return books.keyring.blind(f"customer.{column}", value)


def about_customer(blind: str) -> str:
    """What a customer's ciphertext is bound to."""
    return f"customer:{blind}"
