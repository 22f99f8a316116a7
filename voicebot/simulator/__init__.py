"""The telephone company's offline twin and the robots on its telephones. Imports nothing that it tests."""
